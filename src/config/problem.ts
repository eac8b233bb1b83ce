/**
 * What is wrong with a configuration file, and where.
 *
 * @module
 */

import { GqmError } from "../errors.ts";

/** One thing that is wrong, or that whoever wrote the file should know. */
export interface ConfigProblem {
  /** The key, such as `pools[0].concurrency`; empty for the file as a whole. */
  readonly path: string;
  /** Line in the file, from 1; undefined if it is about the file as a whole. */
  readonly line: number | undefined;
  /** Column in the line, from 1. */
  readonly column: number | undefined;
  /** What must hold, such as "be a whole number >= 0". */
  readonly rule: string;
  /** The value seen, for people; undefined if there is none. Secrets are not shown. */
  readonly value: string | undefined;
  /** What was probably meant. */
  readonly suggestion: string | undefined;
  /** All of it in a sentence, without the place. */
  readonly message: string;
}

/** Most problems that a message tells. */
const MOST_SHOWN = 100;

/** A configuration that cannot be used. All that is wrong is in `problems`. */
export class ConfigError extends GqmError {
  /** Name of the class. */
  override readonly name = "ConfigError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "INVALID_CONFIG";
  /** The file, if it was one. */
  readonly path: string | undefined;
  /** What is wrong, in the order of the file. */
  readonly problems: readonly ConfigProblem[];

  /**
   * Makes the error.
   *
   * @param path The file, if it was one.
   * @param problems What is wrong; at least one.
   */
  constructor(path: string | undefined, problems: readonly ConfigProblem[]) {
    const file = path ?? "the text";
    const lines = problems.slice(0, MOST_SHOWN).map((problem) => placed(problem, path));
    const more = problems.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    super(
      lines.length === 1
        ? `Cannot load config as ${lines[0]}`
        : `Cannot load config as ${problems.length} things in ${file} are wrong:\n${
          lines.join("\n")
        }`,
    );
    this.path = path;
    this.problems = problems;
  }
}

/** A problem with its place, as compilers write it: `gqm.yaml:12:5: 'app' must …`. */
export function placed(problem: ConfigProblem, path: string | undefined): string {
  const { line, column, message } = problem;
  const at = [path, line, column].filter((part) => part !== undefined).join(":");
  return at === "" ? message : `${at}: ${message}`;
}
