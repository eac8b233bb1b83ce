/**
 * A warning about types that nobody here can run.
 *
 * @module
 */

import type { Logger } from "../logger.ts";
import type { PoolOptions } from "./pool_plan.ts";

/** A pool may name types that only other processes handle; more often it is a typo. */
export function warnOfUnhandled(
  pools: readonly PoolOptions[],
  handlers: { has(type: string): boolean },
  logger: Logger,
): void {
  for (const { name, types = [], isolate } of pools) {
    if (isolate !== undefined) continue;
    const unhandled = types.filter((type) => type !== "*" && !handlers.has(type));
    if (unhandled.length === 0) continue;
    logger.warn("Pool names types that have no handler here", { pool: name, types: unhandled });
  }
}
