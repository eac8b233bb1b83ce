/**
 * What a command of `gqm` is.
 *
 * @module
 */

import type { Terminal } from "../runtime/terminal.ts";
import type { Flags } from "./flags.ts";

/** A command: gets what follows its name, gives the exit code. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Text of `--help`. */
  readonly usage: string;
  /** Its flags, for completions. */
  readonly flags?: Flags;
  /** The commands below it, by their names. */
  readonly commands?: Readonly<Record<string, Command>>;
  /** Checks words without doing anything, as `run` would. */
  readonly check?: (args: readonly string[]) => void;
  /** Runs it. Throws `UsageError` for wrong arguments; any other error is reported as it is. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Arguments that a command cannot take. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The usage of the command that was meant, where that is not the one that was called. */
  usage?: string;
}
