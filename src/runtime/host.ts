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

/** Name and version of the runtime, such as "deno 2.9.6". */
export function runtimeName(): string {
  const { deno, bun, node } = process.versions as Readonly<Record<string, string | undefined>>;
  if (deno !== undefined) return `deno ${deno}`;
  return bun === undefined ? `node ${node}` : `bun ${bun}`;
}

/** Id of this process. */
export function processId(): number {
  return process.pid;
}
