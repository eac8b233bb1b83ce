/**
 * Starts the threads of a server's pools, before it claims anything.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { InvalidJobTypeError, UnknownJobTypeError } from "../enqueue/errors.ts";
import { isJobType } from "../job/names.ts";
import type { JobMap } from "../job/registry.ts";
import type { Logger } from "../logger.ts";
import { absoluteModuleUrl, limitsMemory, stopsLoops } from "../runtime/threads.ts";
import { ThreadModuleError } from "./errors.ts";
import type { OpenThreads, PoolOptions } from "./pool_plan.ts";
import { ThreadPool } from "./thread_pool.ts";

/** What threads are opened for. */
export interface ThreadSetup {
  readonly pools: readonly PoolOptions[];
  /** Registry, if there is one. */
  readonly jobs: JobMap | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Starts the first thread of each pool that has threads.
 *
 * @returns The pools of threads by name.
 * @throws {ThreadModuleError} If a module cannot be used, or has no handler of a type.
 * @throws {InvalidJobTypeError} If a module exports a handler whose type breaks the rule.
 * @throws {UnknownJobTypeError} If it is outside the registry.
 */
export async function openThreads(setup: ThreadSetup): Promise<ReadonlyMap<string, OpenThreads>> {
  const opened = new Map<string, OpenThreads>();
  const pools: ThreadPool[] = [];
  warnOfLimits(setup);
  try {
    for (const options of setup.pools.filter(({ isolate }) => isolate !== undefined)) {
      const { clock, logger } = setup;
      const { name, memoryLimitMb, handlers = {} } = options;
      const module = absoluteModuleUrl(options.module!)!;
      const pool = new ThreadPool({ pool: name, module, memoryLimitMb, clock, logger });
      pools.push(pool);
      const types = typesOf(options, module, await pool.open(), setup.jobs);
      opened.set(name, { pool, handlers, types });
    }
    return opened;
  } catch (error) {
    await Promise.all(pools.map((pool) => pool.close()));
    throw error;
  }
}

function typesOf(
  { name, types = ["*"], handlers = {} }: PoolOptions,
  module: URL,
  exported: readonly string[],
  jobs: JobMap | undefined,
): readonly string[] {
  const action = "start server";
  for (const type of exported) {
    if (!isJobType(type)) throw new InvalidJobTypeError(action, type);
    if (jobs === undefined || Object.hasOwn(jobs, type)) continue;
    throw new UnknownJobTypeError(action, type, Object.keys(jobs));
  }
  const wanted = types[0] === "*" ? exported : types;
  for (const type of [...wanted, ...Object.keys(handlers)]) {
    if (exported.includes(type)) continue;
    throw new ThreadModuleError(name, module.href, `export a handler of '${type}'`);
  }
  return wanted;
}

function warnOfLimits({ pools, logger }: ThreadSetup): void {
  if (!stopsLoops()) {
    logger.warn(
      "Threads that block cannot be stopped, as Deno runs without --allow-all or compiled",
    );
  }
  if (limitsMemory()) return;
  const limited = pools.filter(({ memoryLimitMb }) => memoryLimitMb !== undefined);
  if (limited.length === 0) return;
  logger.warn("Memory of threads is not limited, as this runtime cannot do that", {
    pools: limited.map(({ name }) => name),
  });
}
