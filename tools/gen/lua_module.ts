/** Makes src/store/redis/scripts.gen.ts from lua/: the scripts whole, with what they share put in. */

import { type LuaFile, nameOf, readFolder, STAGES, usesOf } from "./lua_file.ts";

/** Longest Lua file, in lines. */
const MAX_LINES = 200;

/** The module's text. */
export function luaModule(): string {
  const shared = new Map(readFolder("shared").map((file) => [nameOf(file), file]));
  const scripts = STAGES.flatMap(readFolder);
  for (const file of [...shared.values(), ...scripts]) checkFile(file, shared.has(nameOf(file)));
  const used = new Set(
    scripts.flatMap((file) => [...usesOf(file, "uses"), ...usesOf(file, "lazy")]),
  );
  for (const name of shared.keys()) {
    if (!used.has(name)) {
      throw new Error(`Cannot generate as no script uses lua/shared/${name}.lua`);
    }
  }
  const texts = scripts.map((file) => [nameOf(file), assemble(file, shared)] as const);
  for (const [name, text] of texts) checkFunctions(name, text);
  const names = texts.map(([name]) => JSON.stringify(name));
  return [
    "// Made from lua/ by deno task gen: change it there.\n",
    "/** Names of the scripts. */",
    `export type ScriptName = ${names.join(" | ")};\n`,
    "/** The scripts, each whole. */",
    "export const scripts: Readonly<Record<ScriptName, string>> = {",
    ...texts.map(([name, text]) => `  ${name}: ${JSON.stringify(text)},`),
    "};\n",
  ].join("\n");
}

/** A header must say what its code does. */
function checkFile(file: LuaFile, isShared: boolean): void {
  const { path, header, code } = file;
  const parts = isShared ? ["does", "keys"] : ["does", "uses", "args", "reply", "keys", "cost"];
  for (const part of parts) {
    if (!header.has(part)) throw new Error(`Cannot generate as ${path} must have '--! ${part}: …'`);
  }
  const declared = header.get("keys")!.split(/\s+/).filter((key) => key !== "none").sort();
  const touched = [...new Set([...code.matchAll(/R \.\. '([A-Za-z]+:?)/g)].map(([, key]) => key!))];
  const built = declared.filter((key) => !touched.includes(key) && code.includes(`'${key}`));
  const expected = [...touched, ...built].sort();
  if (expected.join(" ") !== declared.join(" ")) {
    throw new Error(
      `Cannot generate as the keys in the header of ${path} must be those of its code, ` +
        `'${expected.join(" ")}': current value is '${declared.join(" ")}'`,
    );
  }
  const lines = code.split("\n").length;
  if (lines > MAX_LINES) {
    throw new Error(`Cannot generate as ${path} must have <= ${MAX_LINES} lines: ${lines}`);
  }
}

/** A script must have all the shared functions that it may come to call. */
function checkFunctions(name: string, text: string): void {
  const defined = new Set([...text.matchAll(/function M\.(\w+)\(/g)].map(([, one]) => one));
  const missing = [...text.matchAll(/\bM\.(\w+)\(/g)].find(([, one]) => !defined.has(one));
  if (missing === undefined) return;
  throw new Error(
    `Cannot generate as script '${name}' must use the file that has 'M.${missing[1]}'`,
  );
}

/** A script with what it uses before it, in the order that its header names. */
function assemble(file: LuaFile, shared: ReadonlyMap<string, LuaFile>): string {
  const codeOf = (name: string): string => {
    const part = shared.get(name);
    if (part !== undefined) return part.code;
    throw new Error(`Cannot generate as ${file.path} uses '${name}', which is not in lua/shared`);
  };
  const lazy = usesOf(file, "lazy").map((name) => ({ name, code: codeOf(name) }));
  const loader = lazy.length === 0 ? [] : [
    "setmetatable(M, { __index = function(_, name)",
    ...lazy.flatMap(({ name, code }, i) => [
      `${i === 0 ? "if" : "elseif"} ${namesIn(file, name, code, lazy).join(" or ")} then`,
      code,
    ]),
    "end",
    "return rawget(M, name)",
    "end })",
  ];
  const used = usesOf(file, "uses").map(codeOf);
  const parts = [...sized(used), ...loader, file.code];
  return parts.join("\n").split("\n").map((line) =>
    line.trim().startsWith("--") ? "" : line.trimEnd()
  ).filter((line) => line !== "").join("\n");
}

/** The parts, with a table of shared functions that is made with room for all of theirs: each call would grow it anew. */
function sized(parts: readonly string[]): string[] {
  const fields = new Set(parts.flatMap(fieldsOf));
  const room = [...fields].map((name) => `${name} = false, `).join("");
  return parts.map((code) => code.replace("local M = { ", (start) => start + room));
}

/** Conditions under which a lazy part is needed: that one of the fields of M that it makes is asked for. */
function namesIn(
  { path }: LuaFile,
  part: string,
  code: string,
  lazy: readonly { readonly name: string; readonly code: string }[],
): string[] {
  const names = fieldsOf(code);
  for (const other of lazy) {
    const twice = other.name === part
      ? undefined
      : fieldsOf(other.code).find((name) => names.includes(name));
    if (twice === undefined) continue;
    throw new Error(
      `Cannot generate as one lazy part of ${path} must make 'M.${twice}': ` +
        `current value is '${part}' and '${other.name}'`,
    );
  }
  return names.map((name) => `name == '${name}'`);
}

/** The fields of M that a part makes when it is run. */
function fieldsOf(code: string): string[] {
  const functions = [...code.matchAll(/^function M\.(\w+)\(/gm)].map(([, name]) => name!);
  const values = [...code.matchAll(/^(M\.\w+(?:, M\.\w+)*) = /gm)]
    .flatMap(([, list]) => [...list!.matchAll(/M\.(\w+)/g)].map(([, name]) => name!));
  return [...functions, ...values];
}
