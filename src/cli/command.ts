/**
 * What a command of `gqm` is.
 *
 * @module
 */

import type { Terminal } from "../runtime/terminal.ts";

/** A command: gets what follows its name, gives the exit code. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Text of `--help`. */
  readonly usage: string;
  /** Runs it. Throws `UsageError` for wrong arguments; any other error is reported as it is. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Arguments that a command cannot take. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
