/**
 * The terminal, or whatever standard output and error lead to.
 *
 * @module
 */

import process from "node:process";
import { type Input, processInput } from "./input.ts";

/** Where a command writes. */
export interface Terminal {
  /** Whether a person may be watching, so that a line can be written over. */
  readonly interactive: boolean;
  /** Whether colours may be used: interactive, and NO_COLOR is not set. */
  readonly colours: boolean;
  /** Whether a person may be watching standard error. */
  readonly errInteractive: boolean;
  /** What is typed or sent. */
  readonly input: Input;
  /** Width in characters. */
  columns(): number;
  /** Writes text to standard output. */
  out(text: string): void;
  /** Writes text to standard error. */
  err(text: string): void;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", dropClosed);
  const interactive = process.stdout.isTTY === true;
  return {
    interactive,
    colours: interactive && !process.env.NO_COLOR,
    errInteractive: process.stderr.isTTY === true,
    input: processInput(),
    columns: () => process.stdout.columns || 80,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
}

/** Nobody reads on, as with `gqm jobs list | head`: what is then written is dropped, and is no error. */
function dropClosed(error: Error & { readonly code?: string }): void {
  if (error.code !== "EPIPE") throw error;
}

/** Arguments of the command. */
export function processArguments(): readonly string[] {
  return process.argv.slice(2);
}

/** Sets the code that the process ends with once nothing is left to do. */
export function setExitCode(code: number): void {
  process.exitCode = code;
}
