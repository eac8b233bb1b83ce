/**
 * What a server or a consumer says of itself.
 *
 * @module
 */

import { hostName, processId, runtimeName } from "../runtime/host.ts";
import type { PoolAbout, ServerAbout } from "../store/store.ts";
import { VERSION } from "../version.ts";
import type { PoolOptions, PoolPlan } from "./pool_plan.ts";

/** Most names of types, and of queues, that are told of a pool. */
const MAX_NAMES = 100;

/** Tells of this process. */
export function serverAbout(
  kind: ServerAbout["kind"],
  pools: readonly PoolAbout[] = [],
): ServerAbout {
  return {
    kind,
    hostname: hostName(),
    pid: processId(),
    runtime: runtimeName(),
    version: VERSION,
    pools,
  };
}

/**
 * Tells of a pool.
 *
 * @param given Options of the server's pools: a plan that none of them made has its handlers' types, and one of
 * threads those of its module.
 */
export function poolAbout(plan: PoolPlan, given: readonly PoolOptions[]): PoolAbout {
  const options = given.find(({ name }) => name === plan.name);
  const types = options === undefined || plan.threads !== undefined
    ? [...new Set(plan.sources.flatMap((source) => source.types))]
    : options.types ?? ["*"];
  return {
    name: plan.name,
    types: types.slice(0, MAX_NAMES),
    queues: options?.queues?.slice(0, MAX_NAMES) ?? null,
    concurrency: plan.concurrency,
    ...options?.isolate && { isolate: options.isolate },
  };
}
