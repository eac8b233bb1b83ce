/**
 * House rules for src/ as a `deno lint` plugin: time and chance are injected, runtimes are named
 * in one folder, error messages follow one form, exports have names and
 * functions return types.
 */

import {
  choices,
  enclosingClass,
  globalUses,
  isErrorName,
  isOfGlobalThis,
  memberName,
  textParts,
} from "./lint/syntax.ts";

/** Files that may read the machine's clock and dice. */
const TIME_HOMES = ["src/clock.ts", "src/rng.ts", "src/job/id.ts", "src/runtime/"];
/** Files that may name a runtime. */
const RUNTIME_HOMES = ["src/runtime/"];
/** Files that may import Node's test modules: the shipped test kit. */
const TEST_KIT = "src/testing/";
const TEST_MODULES = /^node:(test|assert)(\/|$)/;

const TIMERS = new Set(["setTimeout", "setInterval", "setImmediate"]);
const RAW_TIME = new Set([
  ...TIMERS,
  "Date.now",
  "performance.now",
  "performance.timeOrigin",
  "Math.random",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "AbortSignal.timeout",
]);
const RUNTIME_GLOBALS = new Set([
  "Deno",
  "Bun",
  "process",
  "Buffer",
  "global",
  "require",
  "__dirname",
  "__filename",
]);

const CONTRACTION = new RegExp(
  [
    "\\b(?:ai|are|ca|could|did|does|do|had|has|have|is|must|need|should|was|were|wo|would)n['’]t\\b",
    "\\bcan['’]t\\b",
    "\\b(?:he|here|it|let|she|that|there|what|who)['’]s\\b",
    "\\b(?:he|i|it|she|that|they|we|who|you)['’](?:d|ll|m|re|ve)\\b",
  ].join("|"),
  "i",
);

type Context = Deno.lint.RuleContext;
type Node = Deno.lint.Node;

const noRawTime: Deno.lint.Rule = {
  create(context) {
    if (!governs(context, TIME_HOMES)) return {};
    const flag = (node: Node, name: string): void => {
      if (node.type === "Identifier" && node.parent.type === "TSTypeQuery") return;
      context.report({
        node,
        message: `Cannot use '${name}' here as time and chance are injected`,
        hint: "Take a Clock or an Rng as an argument: see src/clock.ts and src/rng.ts",
      });
    };
    return {
      ...globalUses(TIMERS, flag),
      MemberExpression(node) {
        const name = memberName(node);
        if (RAW_TIME.has(name)) flag(node, name);
      },
      NewExpression(node) {
        const isNow = memberName(node.callee) === "Date" && node.arguments.length === 0;
        if (isNow) flag(node, "new Date()");
      },
      CallExpression(node) {
        if (memberName(node.callee) === "Date") flag(node, "Date()");
      },
    };
  },
};

const runtimeNames: Deno.lint.Rule = {
  create(context) {
    if (!governs(context, RUNTIME_HOMES)) return {};
    const flag = (node: Node, name: string): void =>
      context.report({
        node,
        message: `Cannot use '${name}' here as only src/runtime names a runtime`,
        hint: "Use the port in src/runtime; extend it if it lacks what you need",
      });
    const flagModule = (node: Node, source: Node | null | undefined): void => {
      const name = source ? textParts(source).join("") : "";
      if (!/^(node|bun|deno|cloudflare):/.test(name)) return;
      if (TEST_MODULES.test(name) && pathOf(context).startsWith(TEST_KIT)) return;
      flag(node, name);
    };
    return {
      ...globalUses(RUNTIME_GLOBALS, flag),
      MemberExpression(node) {
        const name = memberName(node);
        if (isOfGlobalThis(node) && RUNTIME_GLOBALS.has(name)) flag(node, name);
      },
      ImportDeclaration: (node) => flagModule(node, node.source),
      ExportNamedDeclaration: (node) => flagModule(node, node.source),
      ExportAllDeclaration: (node) => flagModule(node, node.source),
      ImportExpression: (node) => flagModule(node, node.source),
    };
  },
};

const errorMessage: Deno.lint.Rule = {
  create(context) {
    if (!governs(context, [])) return {};
    const check = (node: Node): void => {
      const parts = textParts(node);
      if (parts.at(-1)?.endsWith(".")) {
        context.report({
          node,
          message: "Cannot end an error message with a full stop",
          hint: "Messages are put into other sentences: leave the full stop out",
        });
      }
      const contraction = parts.map((part) => CONTRACTION.exec(part)?.[0]).find(Boolean);
      if (contraction) {
        context.report({
          node,
          message: `Cannot use the contraction "${contraction}" in an error message`,
          hint: "Write the words out, such as 'cannot' and 'is not'",
        });
      }
    };
    return {
      NewExpression(node) {
        if (isErrorName(node.callee)) node.arguments.flatMap(choices).forEach(check);
      },
      CallExpression(node) {
        if (node.callee.type !== "Super") return;
        const base = enclosingClass(node, context)?.superClass;
        if (base && isErrorName(base)) node.arguments.flatMap(choices).forEach(check);
      },
    };
  },
};

const namedExports: Deno.lint.Rule = {
  create(context) {
    if (!governs(context, []) && pathOf(context) !== "mod.ts") return {};
    return {
      ExportDefaultDeclaration(node) {
        context.report({ node, message: "Cannot export a default as every export has a name" });
      },
      ExportAllDeclaration(node) {
        if (pathOf(context) !== "mod.ts") return;
        context.report({ node, message: "Cannot export all as mod.ts lists what is public" });
      },
    };
  },
};

const returnTypes: Deno.lint.Rule = {
  create(context) {
    if (!governs(context, [])) return {};
    const flag = (node: Node, name: string): void =>
      context.report({ node, message: `Cannot leave out the return type of '${name}'` });
    return {
      FunctionDeclaration(node) {
        if (!node.returnType) flag(node, node.id?.name ?? "default");
      },
      MethodDefinition(node) {
        if (node.kind !== "method" && node.kind !== "get") return;
        if (!node.value.returnType) flag(node, context.sourceCode.getText(node.key));
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "gqm",
  rules: {
    "error-message": errorMessage,
    "named-exports": namedExports,
    "no-raw-time": noRawTime,
    "return-types": returnTypes,
    "runtime-names": runtimeNames,
  },
};
export default plugin;

/** Whether a rule holds for the file: all of src/ but the places made for what it forbids. */
function governs(context: Context, homes: readonly string[]): boolean {
  const path = pathOf(context);
  return path.startsWith("src/") && !homes.some((home) => path.startsWith(home));
}

/** The file's path from the repository's root, with forward slashes. */
function pathOf(context: Context): string {
  const root = decodeURIComponent(new URL("../", import.meta.url).pathname);
  const file = context.filename.replaceAll("\\", "/");
  const start = file.indexOf(root.replace(/^\/(?=[A-Za-z]:)/, ""));
  return start === -1 ? file : file.slice(start + root.length);
}
