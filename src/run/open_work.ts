/**
 * Opens what a server needs before it claims anything: its threads, its store, its
 * monitor, and the thread that keeps its leases.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { LimitControl } from "../control/limits.ts";
import type { JobMap } from "../job/registry.ts";
import type { Logger } from "../logger.ts";
import { ProcessMetrics } from "../metrics/process_metrics.ts";
import { cpuCount } from "../runtime/env.ts";
import type { ScheduleSet } from "../schedule/schedule_set.ts";
import type { NextSlot } from "../schedule/timing.ts";
import type { StoreUse } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import type { HandlerSet } from "./handler_set.ts";
import type { KeeperThread } from "./keeper_thread.ts";
import { hasMetrics, openApi, type OpenedApi } from "./open_api.ts";
import { openKeeper } from "./open_keeper.ts";
import { openThreads } from "./open_threads.ts";
import { type OpenThreads, planPools, type PoolOptions, type PoolPlan } from "./pool_plan.ts";
import type { ConfiguredLimit } from "./server_config.ts";
import { serverDefaults, type ServerOptions } from "./server_options.ts";

/** What a server was told. */
export interface WorkSetup<J extends JobMap> {
  /** The server's id. */
  readonly server: string;
  readonly pools: readonly PoolOptions[];
  readonly handlers: HandlerSet;
  readonly use: StoreUse;
  /** What the program defines; brought into the store. */
  readonly schedules: ScheduleSet;
  /** Limits that are set, from its configuration. */
  readonly limits: readonly ConfiguredLimit[];
  readonly options: ServerOptions<J>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is open. */
export interface OpenedWork {
  readonly store: Store;
  readonly plans: readonly PoolPlan[];
  /** Functions of the custom schedules that the program defines, by id. */
  readonly custom: ReadonlyMap<string, NextSlot>;
  /** A thread that keeps leases too. */
  readonly keeper: KeeperThread | undefined;
  /** The monitor, if it is to be served. */
  readonly api: OpenedApi | undefined;
  /** Where the process counts, if the monitor gives metrics. */
  readonly metrics: ProcessMetrics | undefined;
  /** Ends threads and monitor, if nothing comes of it. */
  close(): Promise<void>;
}

/**
 * Opens it, or nothing.
 *
 * @throws As `Server.start` does.
 */
export async function openWork<J extends JobMap>(setup: WorkSetup<J>): Promise<OpenedWork> {
  const { server, pools, handlers, use, options, clock, logger } = setup;
  const plain = pools.filter(({ isolate }) => isolate === undefined);
  let threads: ReadonlyMap<string, OpenThreads> = new Map();
  let keeper: KeeperThread | undefined;
  let api: OpenedApi | undefined;
  const close = async (): Promise<void> => {
    const pools = [...threads.values()].map(({ pool }) => pool.close());
    await Promise.all([api?.close(), keeper?.stop(), ...pools]);
  };
  if (plain.length < pools.length) {
    threads = await openThreads({ pools, jobs: options.jobs, clock, logger });
  }
  try {
    const plans = planPools(pools, handlers.planned(plain), cpuCount(), threads);
    const opened = await use.get();
    const metrics = hasMetrics(options.api) ? new ProcessMetrics(clock) : undefined;
    const store = metrics?.calls.time(opened) ?? opened;
    if (options.api !== undefined) {
      const { tracing } = options;
      api = await openApi(options.api, {
        store,
        clock,
        logger,
        metrics,
        tracing,
        dashboard: options.dashboard,
      });
    }
    const custom = await setup.schedules.enter(store);
    const control = new LimitControl(() => Promise.resolve(store));
    for (const { target, limits } of setup.limits) await control.set(target, limits);
    if (threads.size > 0) {
      const { leaseMs = serverDefaults.leaseMs } = options;
      keeper = await openKeeper(store, { server, leaseMs, clock, logger });
    }
    return { store, plans, custom, keeper, api, metrics, close };
  } catch (error) {
    await close();
    throw error;
  }
}
