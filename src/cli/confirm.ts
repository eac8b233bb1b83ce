/**
 * Asking before something is done that cannot be undone.
 *
 * @module
 */

import type { Terminal } from "../runtime/terminal.ts";
import { yes } from "./flags.ts";

/** The flag of commands that ask. */
export const yesFlag = { yes: yes("Do not ask first", "y") };

/**
 * Asks; tells whether the answer was yes.
 *
 * @param what What will be done, such as `delete 12 jobs`.
 * @throws {Error} If nobody is there to be asked.
 */
export async function askFirst(what: string, { input, err }: Terminal): Promise<boolean> {
  if (!input.isTerminal) {
    throw new Error(`nobody can be asked whether to ${what}: say '--yes'`);
  }
  const answer = await input.ask(`${what[0]!.toUpperCase()}${what.slice(1)}? [y/N] `);
  const isYes = /^\s*y(?:es)?\s*$/i.test(answer ?? "");
  if (!isYes) err("Canceled.\n");
  return isYes;
}
