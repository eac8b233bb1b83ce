/**
 * The configuration file that commands change.
 *
 * @module
 */

import type { ConfigText } from "../config/edit.ts";
import type { ConfigProblem } from "../config/problem.ts";
import { changeSecret } from "../runtime/replace_file.ts";
import type { Terminal } from "../runtime/terminal.ts";
import { UsageError } from "./command.ts";
import { orElse, text } from "./flags.ts";

/** The file that is meant where none is named. */
const DEFAULT_CONFIG = "gqm.yaml";

/** The flag of commands that change it. */
export const configFlag = { config: orElse(text("FILE", "The configuration"), DEFAULT_CONFIG) };

/** How a file is changed. */
export interface EditOptions {
  /** Is told what whoever looks on should know. */
  readonly terminal?: Terminal;
  /** Whether to look only whether it can be done. */
  readonly isTrial?: boolean;
}

/**
 * Changes a file. It is left as it was if the change would bring something wrong into it; what was wrong before may
 * stay, and what other commands are there to write.
 *
 * @throws {ConfigError} If the file cannot be read.
 */
export async function editConfig(
  path: string,
  edit: (file: ConfigText) => void,
  { terminal, isTrial = false }: EditOptions,
): Promise<void> {
  const { ConfigText } = await import("../config/edit.ts");
  const { ConfigError } = await import("../config/problem.ts");
  const { readConfigFile } = await import("../config/read_config.ts");
  let left: readonly ConfigProblem[] = [];
  const change = async (): Promise<string> => {
    const file = new ConfigText(await readConfigFile(path), path);
    const before = new Set((await problemsOf(file.text, path)).map(ruleOf));
    edit(file);
    left = await problemsOf(file.text, path);
    const added = left.filter((problem) => !before.has(ruleOf(problem)) && !isForCommands(problem));
    if (added.length > 0) throw new ConfigError(path, added);
    return file.text;
  };
  await readConfigFile(path); // tells best why a file cannot be read
  const wasOpen = isTrial
    ? (await change(), false)
    : await changeSecret(path, change).catch((error: unknown) => {
      if (
        !(error instanceof Error) || !/^E[A-Z]+$/.test(String((error as { code?: unknown }).code))
      ) throw error;
      throw new Error(`cannot write ${path}: ${error.message}`, { cause: error });
    });
  if (wasOpen) terminal?.err(`⚠ ${path} was open to others: only its owner may use it now\n`);
  for (const { line, message } of left) {
    terminal?.err(`⚠ ${path}:${line ?? 1}: not ready to be loaded: ${message}\n`);
  }
}

async function problemsOf(text: string, path: string): Promise<readonly ConfigProblem[]> {
  const { loadConfig } = await import("../config/load.ts");
  const { ConfigError } = await import("../config/problem.ts");
  try {
    await loadConfig({ text, path });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** What is wrong where, without numbers of elements, which change when one is taken out. */
function ruleOf({ path, rule }: ConfigProblem): string {
  return `${path.replace(/\[\d+\]/g, "[]")} ${rule}`;
}

/** Whether one of these commands puts it right. */
function isForCommands({ rule }: ConfigProblem): boolean {
  return /: 'gqm [a-z-]+' writes it$/.test(rule);
}

/** A name that may be given as an argument or by a flag. */
export function nameOf(
  what: string,
  argument: string | undefined,
  flag: string | undefined,
): string | undefined {
  if (argument !== undefined && flag !== undefined && argument !== flag) {
    throw new UsageError(`${what} is given twice: '${argument}' and '${flag}'`);
  }
  const name = argument ?? flag;
  if (name !== undefined && name.trim() === "") throw new UsageError(`${what} must not be blank`);
  return name;
}

/** A text as a configuration has it, where `${` begins a variable. */
export function written(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Whether servers with this configuration ask anybody who they are. */
export function isServed(file: ConfigText): boolean {
  return ["api", "dashboard"].some((part) => {
    const enabled = file.get(["monitoring", part, "enabled"]);
    return enabled !== undefined && enabled !== null && enabled !== false;
  });
}

/** Says when a change begins to count. @param served What {@link isServed} says, where it matters. */
export function tellWhen(terminal: Terminal, served = true): void {
  terminal.err("⚠ servers that run with it must be started again\n");
  if (served) return;
  terminal.err(
    "⚠ as it is, nobody is asked: neither monitoring.api.enabled nor monitoring.dashboard.enabled is on\n",
  );
}
