/**
 * What a server calls around every attempt.
 *
 * @module
 */

import type { Logger } from "../logger.ts";
import type { JobContext } from "./context.ts";
import type { AttemptEnd, Middleware } from "./handler.ts";

/** Called before the handler. What it throws is logged, and stops nothing. */
export type BeforeHook = (context: JobContext) => unknown;

/**
 * Called after the end of an attempt is in the store. What it throws is logged.
 *
 * @example
 * ```ts
 * import { Client, memoryStore, Server } from "@gqm/gqm";
 * import { deepEqual } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await using server = new Server({ store, logLevel: "silent" });
 * const seen: string[] = [];
 * server.handle("greet", () => seen.push("handler"));
 * server.before(({ job }) => seen.push(`before ${job.type}`));
 * server.after(({ job }, ended) => seen.push(`after ${job.type}: ${ended.status}`));
 *
 * await client.enqueue("greet");
 * await server.start();
 * await server.drain();
 * deepEqual(seen, ["before greet", "handler", "after greet: completed"]);
 * ```
 */
export type AfterHook = (context: JobContext, ended: AttemptEnd) => unknown;

/** Calls hooks one after another, then the handler. */
export function callBefore(hooks: readonly BeforeHook[], logger: Logger): Middleware {
  return async (context, next) => {
    for (const hook of hooks) {
      try {
        await hook(context);
      } catch (error) {
        const { id, type } = context.job;
        logger.error("Hook failed", { id, type, hook: hook.name, error });
      }
    }
    return await next();
  };
}
