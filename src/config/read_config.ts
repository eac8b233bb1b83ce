/**
 * From the text of a configuration to a server as data.
 *
 * @module
 */

import type { ServerConfig } from "../run/server_config.ts";
import { checkValues } from "./check.ts";
import { checkByCode } from "./code_rules.ts";
import { toConfig } from "./convert.ts";
import { type ParseYaml, readYaml, type YamlFault } from "./document.ts";
import { checkMonitoringRules } from "./monitoring_rules.ts";
import { readFileText } from "./read_file.ts";
import { ConfigError, type ConfigProblem, placed } from "./problem.ts";
import { Review } from "./review.ts";
import { checkRules } from "./rules.ts";
import { table } from "./table/table.ts";
import type { ReadVariable } from "./variables.ts";

/** A configuration, loaded and checked. Nothing of it can be changed. */
export interface LoadedConfig extends ServerConfig {
  /** The file, if it was one. */
  readonly path: string | undefined;
  /** What whoever wrote it should know; `notes` are the same as texts, with their places. */
  readonly warnings: readonly ConfigProblem[];
}

/** How a configuration is read. */
export interface Reading {
  /** The file, for messages. */
  readonly path: string | undefined;
  /** The reader of values. */
  readonly parse: ParseYaml;
  /** The environment. */
  readonly variable: ReadVariable;
}

/**
 * Reads a configuration.
 *
 * @param text It, or why there is none.
 * @throws {ConfigError} If anything is wrong with it.
 */
export function readConfig(
  text: string | YamlFault,
  { path, parse, variable }: Reading,
): LoadedConfig {
  const file = typeof text === "string" ? readYaml(text, parse) : [text];
  if (isFaults(file)) throw faultError(file, path);
  const review = new Review(file, variable);
  const values = checkValues(table, file.value, review);
  if (values !== undefined) {
    checkRules(values, review);
    checkMonitoringRules(values.monitoring ?? {}, review);
    checkByCode(values, review);
  }
  const { problems, warnings } = review;
  if (problems.length > 0 || values === undefined) throw new ConfigError(path, problems);
  const all = file.second === undefined ? warnings : [...warnings, secondDocument(file.second)];
  const notes = all.map((warning) => placed(warning, path));
  return freeze({ ...toConfig(values), notes, path, warnings: all });
}

/**
 * The text of a file.
 *
 * @throws {ConfigError} If it cannot be read.
 */
export async function readConfigFile(path: string): Promise<string> {
  const text = await readFileText(path);
  if (typeof text !== "string") throw faultError([text], path);
  return text;
}

/** The error of what cannot be read as YAML. */
export function faultError(faults: readonly YamlFault[], path: string | undefined): ConfigError {
  return new ConfigError(path, faults.map((fault) => toProblem(fault, path)));
}

function isFaults(file: object): file is readonly YamlFault[] {
  return Array.isArray(file);
}

function toProblem({ rule, line, column }: YamlFault, path: string | undefined): ConfigProblem {
  const name = path === undefined || line !== undefined ? "the file" : `'${path}'`;
  return {
    ...{ path: "", line, column, rule, value: undefined, suggestion: undefined },
    message: `${name} must ${rule}`,
  };
}

function secondDocument(at: { readonly line: number; readonly column: number }): ConfigProblem {
  const rule = "is not read: only the first document of a file counts";
  const none = { value: undefined, suggestion: undefined };
  return { path: "", ...at, rule, ...none, message: `a further document ${rule}` };
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
