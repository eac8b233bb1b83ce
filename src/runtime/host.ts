/**
 * Names of this process and of the machine it runs on.
 *
 * @module
 */

import { hostname } from "node:os";
import process from "node:process";

/** Name of the machine, or `unknown` where it may not be read. */
export function hostName(): string {
  try {
    return hostname();
  } catch {
    return "unknown";
  }
}

/** Id of this process. */
export function processId(): number {
  return process.pid;
}
