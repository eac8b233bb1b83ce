/** Checks what stands in blocks of code: commands of gqm, configurations, JSON, and what is not tested. */

import { parse } from "@std/yaml";
import type { Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/main.ts";
import { asksForHelp } from "../../src/cli/define.ts";
import { ConfigError, loadConfig } from "../../src/config/mod.ts";
import { table } from "../../src/config/table/table.ts";
import { type Block, codeIn, type Page } from "./blocks.ts";
import { commandsIn } from "./shell.ts";

/** Blocks of TypeScript that no test runs: how many a page may have, and why. */
const UNTESTED: Readonly<Record<string, readonly [most: number, reason: string]>> = {
  "examples/apps/edge-producer/README.md": [1, "a module whose default export is served"],
  "docs/getting-started.md": [5, "files of the reader; getting_started_test.ts runs them"],
  "docs/moving-from-bullmq.md": [1, "code for BullMQ, as it is before the move"],
  "docs/threads.md": [
    1,
    "a module of handlers with a default export; threads_page_test.ts runs it",
  ],
};
const SHELLS = ["sh", "bash", "shell", "console"];

/** What is wrong with the snippets of a page, one line each. */
export async function snippetProblems(page: Page, tasks: readonly string[]): Promise<string[]> {
  const found = await Promise.all(page.blocks.map(async (block) => {
    const problems = await blockProblems(block);
    return problems.map(([line, problem]) => `${page.path}:${block.line + line} ${problem}`);
  }));
  return [
    ...found.flat(),
    ...inlineProblems(page),
    ...untestedProblems(page),
    ...taskProblems(page, tasks),
  ];
}

type Problem = readonly [line: number, problem: string];

async function blockProblems(block: Block): Promise<Problem[]> {
  const [language = "", mark] = block.info.split(/[\s,]+/);
  if (SHELLS.includes(language)) return commandProblems(block.text);
  if (language === "json") return jsonProblems(block.text);
  if (language === "yaml" || language === "yml") return await yamlProblems(block.text, mark);
  return [];
}

/** Commands of gqm that it would not take. */
function commandProblems(text: string): Problem[] {
  return commandsIn(text).flatMap(({ words, line }): Problem[] => {
    const [program = "", ...rest] = words;
    if (!/^(?:.*\/)?gqm$/.test(program)) return [];
    const wrong = commandProblem(commands, rest);
    return wrong === undefined ? [] : [[line, `has \`gqm ${rest.join(" ")}\`: ${wrong}`]];
  });
}

/** Commands of gqm in a text that it would not take, but for arguments that are left out there. */
function inlineProblems({ path, lines }: Page): string[] {
  return lines.flatMap((line, i) =>
    codeIn(line).filter((code) => /^gqm [a-z]/.test(code)).flatMap(commandProblems)
      .filter(([, problem]) => !/ is missing$|needs a value|say what/.test(problem))
      .map(([, problem]) => `${path}:${i + 1} ${problem}`)
  );
}

/** What is wrong with the words of a command; nothing is run. */
function commandProblem(
  known: Readonly<Record<string, Command>>,
  words: readonly string[],
): string | undefined {
  const [name = "", ...rest] = words;
  if (known === commands && /^(?:|help|version|-h|--help|--version)$/.test(name)) return undefined;
  const command = Object.hasOwn(known, name) ? known[name]! : undefined;
  if (command === undefined) return `unknown command '${name}'`;
  if (asksForHelp(rest)) return undefined;
  if (command.commands !== undefined) {
    const isNamed = rest[0] !== undefined && !rest[0].startsWith("-");
    if (isNamed) return commandProblem(command.commands, rest);
    const usual = Object.values(command.commands)[0]!;
    return commandProblem({ usual }, ["usual", ...rest]);
  }
  try {
    command.check?.(rest);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function jsonProblems(text: string): Problem[] {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [[0, `is no JSON: ${(error as Error).message}`]];
  }
}

/** YAML that cannot be read, or is a part of a `gqm.yaml` that would be refused. `ignore` marks one that should be. */
async function yamlProblems(text: string, mark: string | undefined): Promise<Problem[]> {
  if (mark === "ignore") return [];
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return [[0, `is no YAML: ${(error as Error).message}`]];
  }
  const isOurs = /^# *(?:\S*\/)?gqm\.ya?ml\b/.test(text) ||
    Object.keys(value ?? {}).every((key) => Object.hasOwn(table.keys, key));
  if (!isOurs) return [];
  // What a variable stands for is only known by its name; a number suits most keys.
  const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!);
  const env = Object.fromEntries(
    names.map((name) => [name, /STORE|URL|REDIS/.test(name) ? "redis://localhost:6379" : "10"]),
  );
  try {
    await loadConfig({ text, path: "gqm.yaml" }, { env });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [[0, `is refused as a gqm.yaml: ${error.message}`]];
  }
}

/** Blocks of code that `deno test --doc` leaves alone, above those that may be so. */
function untestedProblems({ path, blocks }: Page): string[] {
  const untested = blocks.filter(({ info }) =>
    /^(?:ts|typescript|js|javascript|tsx|jsx)\b.*\bignore\b/.test(info)
  );
  const [most] = UNTESTED[path] ?? [0];
  if (untested.length === most) return [];
  if (untested.length < most) {
    return [`${path} has less than ${most} untested blocks: say so in UNTESTED`];
  }
  return untested.slice(most).map(({ line }) =>
    `${path}:${line} is not tested: rule "every snippet runs, but for those in UNTESTED of tools/docs/snippets.ts"`
  );
}

/** Tasks that are named, in text or blocks, and are not in deno.json. */
function taskProblems({ path, lines, blocks }: Page, tasks: readonly string[]): string[] {
  const named = (text: string): string[] =>
    [...text.matchAll(/\bdeno task (?:--?[\w=]+ )*([a-z][\w:-]*)/g)].map(([, task]) => task!);
  const found = [
    ...lines.flatMap((line, i) =>
      codeIn(line).flatMap(named).map((task) => [i + 1, task] as const)
    ),
    ...blocks.flatMap(({ text, line }) =>
      text.split("\n").flatMap((one, i) => named(one).map((task) => [line + i, task] as const))
    ),
  ];
  return found.filter(([, task]) => !tasks.includes(task))
    .map(([line, task]) => `${path}:${line} names \`deno task ${task}\`, which deno.json has not`);
}
