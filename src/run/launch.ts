/**
 * Puts to work what a server is made of: pools, the lease keeper and upkeep.
 *
 * @module
 */

import { LeaseKeeper } from "../claim/lease.ts";
import type { Clock } from "../clock.ts";
import { Coalescer } from "../coalesce.ts";
import { JobWriter } from "../enqueue/writer.ts";
import type { JobMap } from "../job/registry.ts";
import type { Logger } from "../logger.ts";
import { systemRng } from "../rng.ts";
import { Scheduler } from "../schedule/scheduler.ts";
import type { NextSlot } from "../schedule/timing.ts";
import type { ServerAbout, Store } from "../store/store.ts";
import { Upkeep } from "../upkeep/loop.ts";
import type { ServerEvents } from "./attempt_events.ts";
import type { Reporter } from "./context.ts";
import { Deadlines } from "./deadlines.ts";
import type { Gate } from "./gate.ts";
import type { KeeperThread } from "./keeper_thread.ts";
import type { HandlerEntry, Middleware } from "./handler.ts";
import { callBefore, type Hooks } from "./hooks.ts";
import { Pool } from "./pool.ts";
import type { PoolPlan } from "./pool_plan.ts";
import { planTypes, serverDefaults, type ServerOptions } from "./server_options.ts";
import type { Working } from "./wind_down.ts";

/** What a server was told, and where it works. */
export interface Setup<J extends JobMap> {
  /** The server's id. */
  readonly server: string;
  /** What it says of itself. */
  readonly about: ServerAbout;
  readonly options: ServerOptions<J>;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly plans: readonly PoolPlan[];
  /** A thread that keeps leases too. */
  readonly keeper: KeeperThread | undefined;
  readonly handlers: ReadonlyMap<string, HandlerEntry>;
  readonly middleware: readonly Middleware[];
  readonly hooks: Hooks;
  readonly gate: Gate;
  /** Functions of the custom schedules that the program defines. */
  readonly custom: ReadonlyMap<string, NextSlot>;
  readonly events: ServerEvents;
  /** Aborts when whoever waits for results is to be let go. */
  readonly closing: AbortSignal;
}

/** Starts everything; `windDown` ends it. */
export function launch<J extends JobMap>(setup: Setup<J>): Working {
  const { server, options, store, clock, logger, plans, keeper, gate, events } = setup;
  const { before, after } = setup.hooks;
  const {
    leaseMs = serverDefaults.leaseMs,
    maxDeliveries = serverDefaults.maxDeliveries,
    rng = systemRng,
  } = options;
  const callbacks = new Set<Promise<void>>();
  const track = (work: Promise<void>): void => {
    callbacks.add(work);
    work.finally(() => callbacks.delete(work));
  };
  const reporter: Reporter = new Coalescer({
    send: (reports) => store.report(reports),
    maxWeight: 500,
  });
  const leases = new LeaseKeeper({
    store,
    server,
    leaseMs,
    clock,
    logger,
    claimsAnswered: () => Promise.all(pools.map((pool) => pool.claimsAnswered())),
    about: setup.about,
    busy: () => pools.map((pool) => pool.busy),
    onFailed: (error) => {
      if (events.hears("lease.failed")) events.emit({ event: "lease.failed", error });
    },
    aide: keeper,
  });
  const upkeep = new Upkeep({
    store,
    clock,
    logger,
    leaseMs,
    maxDeliveries,
    refreshLeases: (always) => leases.refresh(always),
    shortestLeaseMs: () => leases.shortestLeaseMs,
    ...(options.scheduler === false
      ? undefined
      : { scheduler: new Scheduler({ store, logger, custom: setup.custom }) }),
    onFailed: (error) => {
      if (events.hears("store.failed")) events.emit({ event: "store.failed", error });
    },
  });
  const writer = new JobWriter({
    store: () => Promise.resolve(store),
    jobs: options.jobs,
    closing: setup.closing,
  });
  const deadlines = new Deadlines(clock);
  const family = { read: (ids: readonly string[]) => store.getJobs(ids), writer };
  const middleware = before.length === 0
    ? setup.middleware
    : [callBefore(before, logger), ...setup.middleware];
  const pools: readonly Pool[] = plans.map((plan) => {
    const types = planTypes(options, plan, setup.handlers, middleware);
    return new Pool(plan, {
      ...{ store, server, leaseMs, leases, clock, rng, logger },
      ...{ reporter, family, deadlines, gate, events, after, types, track },
    });
  });
  leases.start();
  upkeep.start();
  for (const pool of pools) {
    pool.start();
    if (events.hears("pool.started")) events.emit({ event: "pool.started", pool: pool.name });
  }
  if (events.hears("server.started")) events.emit({ event: "server.started" });
  const threads = plans.flatMap((plan) => plan.threads?.pool ?? []);
  return {
    server,
    store,
    pools,
    leases,
    upkeep,
    threads,
    keeper,
    callbacks,
    clock,
    logger,
    events,
  };
}
