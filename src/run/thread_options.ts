/**
 * What may be said about a pool whose handlers run in threads.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { absoluteModuleUrl } from "../runtime/threads.ts";
import { checkHandlerOptions, type HandlerOptions } from "./handler.ts";

/** Options of a pool whose handlers run in threads. */
export interface ThreadOptions {
  /**
   * `"thread"`: each slot is a thread of its own that runs one job at a time. A
   * handler that blocks holds up nobody else, and is ended at its time limit. (On
   * Deno, which cannot stop a thread in a loop, a process stands in for it where
   * all permissions are granted.)
   * Middleware, callbacks and `isFailure` stay on the main thread. The leases of
   * the server are then kept by a thread too, so that a blocked main thread loses
   * no job; that needs a store which can be opened in another thread: SQLite, or
   * Redis by URL.
   *
   * Without it, handlers share the main thread. One that blocks it holds up all
   * other work of the process, also its time limits and heartbeats: if it takes
   * longer than `leaseMs`, another server may take the jobs of this one, and what
   * they then end with is refused.
   */
  readonly isolate?: "thread";
  /**
   * With `isolate`: the module whose default export holds the handlers by type. A
   * `URL`, or an absolute path or URL as text; write `new URL("./handlers.ts",
   * import.meta.url)` for one beside your own file.
   */
  readonly module?: URL | string;
  /** With `isolate`: options of its handlers by type, as `Server.handle` takes them. */
  readonly handlers?: Readonly<Record<string, Omit<HandlerOptions, "concurrency">>>;
  /**
   * With `isolate`: most memory of a thread's heap, in MiB; one that needs more is
   * ended, and its job fails. Node and Deno can do this; where it cannot be done it
   * is ignored, with a warning at the start.
   * @default {the runtime's}
   */
  readonly memoryLimitMb?: number;
}

/** Names of these options. */
export const THREAD_OPTIONS: readonly (keyof ThreadOptions)[] = [
  "isolate",
  "module",
  "handlers",
  "memoryLimitMb",
];

/**
 * Checks these options of a pool.
 *
 * @throws {InvalidOptionError} If one breaks its rule.
 */
export function checkThreadOptions(action: string, options: ThreadOptions): void {
  const { isolate, module, handlers, memoryLimitMb } = options;
  if (isolate === undefined) {
    for (const name of THREAD_OPTIONS) {
      if (options[name] === undefined) continue;
      throw new InvalidOptionError(action, name, "not be given without 'isolate'", options[name]);
    }
    return;
  }
  if (isolate !== "thread") {
    throw new InvalidOptionError(action, "isolate", "be 'thread' or not given", isolate);
  }
  if (module === undefined || absoluteModuleUrl(module) === undefined) {
    const rule = 'be a URL or an absolute path, such as new URL("./handlers.ts", import.meta.url)';
    throw new InvalidOptionError(action, "module", rule, module);
  }
  if (memoryLimitMb !== undefined) checkInteger(action, "memoryLimitMb", memoryLimitMb, 8);
  if (handlers === undefined) return;
  checkKeys(action, handlers, Object.keys(handlers), "handlers");
  for (const own of Object.values(handlers)) {
    if ("concurrency" in own) {
      const rule = "not be given, as the pool's own counts";
      throw new InvalidOptionError(action, "concurrency", rule, own.concurrency);
    }
    checkHandlerOptions(own);
  }
}
