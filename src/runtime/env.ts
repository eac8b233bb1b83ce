/**
 * What the runtime tells about where it runs. Works where there is no process
 * object at all, and where the permission to look is not given.
 *
 * @module
 */

import process from "node:process";

/** Reads an environment variable; undefined where it is empty, not set or may not be read. */
export function readEnv(name: string): string | undefined {
  return environmentVariable(name) || undefined;
}

/** Reads an environment variable, which may be empty; undefined where it is not set or may not be read. */
export function environmentVariable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}

/** Cores of the machine; 1 where the runtime does not tell. */
export function cpuCount(): number {
  return globalThis.navigator?.hardwareConcurrency || 1;
}
