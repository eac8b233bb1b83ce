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

/** Bytes of memory of this process. */
export interface MemoryUse {
  /** What its objects take. */
  readonly heap: number;
  /** All that it has of the machine's. */
  readonly resident: number;
}

/** How much memory this process uses; undefined where that is not told. */
export function memoryUse(): MemoryUse | undefined {
  try {
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed, resident: rss };
  } catch {
    return undefined;
  }
}

/** Seconds of processor time that this process has used; undefined where that is not told. */
export function cpuSeconds(): number | undefined {
  try {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  } catch {
    return undefined;
  }
}

/** When this process began, in epoch seconds. */
export function processStartSeconds(): number {
  return performance.timeOrigin / 1000;
}
