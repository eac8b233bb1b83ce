/**
 * Puts to work what a server is made of: pools, the lease keeper and upkeep.
 *
 * @module
 */

import { LeaseKeeper } from "../claim/lease.ts";
import { Coalescer } from "../coalesce.ts";
import { JobWriter } from "../enqueue/writer.ts";
import type { JobMap } from "../job/registry.ts";
import { systemRng } from "../rng.ts";
import { Scheduler } from "../schedule/scheduler.ts";
import { StoreVersionError } from "../store/errors.ts";
import { Upkeep } from "../upkeep/loop.ts";
import type { Reporter } from "./context.ts";
import { Deadlines } from "./deadlines.ts";
import { callBefore } from "./hooks.ts";
import type { OpenedWork } from "./open_work.ts";
import { Pool } from "./pool.ts";
import { poolAbout, serverAbout } from "./server_about.ts";
import { planTypes, serverDefaults } from "./server_options.ts";
import type { ServerSetup } from "./server_setup.ts";
import { warnOfUnhandled } from "./warn_unhandled.ts";
import type { Working } from "./wind_down.ts";

/**
 * Starts everything; `windDown` ends it.
 *
 * @param onRefused Told when the store refuses this version of the package, which no waiting will change.
 */
export function launch<J extends JobMap>(
  setup: ServerSetup<J>,
  opened: OpenedWork,
  onRefused: (error: StoreVersionError) => void,
): Working {
  const { server, options, clock, logger, gate, events, before, after } = setup;
  const { store, plans, keeper, api, metrics } = opened;
  warnOfUnhandled(setup.pools, setup.handlers.entries, logger);
  const {
    leaseMs = serverDefaults.leaseMs,
    maxDeliveries = serverDefaults.maxDeliveries,
    rng = systemRng,
    tracing,
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
    about: serverAbout("server", plans.map((plan) => poolAbout(plan, setup.pools))),
    busy: () => pools.map((pool) => pool.busy),
    onFailed: (error) => {
      if (metrics !== undefined) metrics.heartbeatFailures++;
      if (events.hears("lease.failed")) events.emit({ event: "lease.failed", error });
      if (error instanceof StoreVersionError) onRefused(error);
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
      : { scheduler: new Scheduler({ store, logger, custom: opened.custom, tracing }) }),
    onStep: tracing && ((step) => tracing.upkeep(step)),
    onFailed: (error) => {
      if (error instanceof StoreVersionError) onRefused(error);
      else if (events.hears("store.failed")) events.emit({ event: "store.failed", error });
    },
  });
  const writer = new JobWriter({
    store: () => Promise.resolve(store),
    jobs: options.jobs,
    closing: setup.closing,
    tracing,
  });
  const deadlines = new Deadlines(clock);
  const family = { read: (ids: readonly string[]) => store.getJobs(ids), writer };
  const middleware = before.length === 0
    ? setup.middleware
    : [callBefore(before, logger), ...setup.middleware];
  const pools: readonly Pool[] = plans.map((plan) => {
    const types = planTypes(options, plan, setup.handlers.entries, middleware);
    return new Pool(plan, {
      ...{ store, server, leaseMs, leases, clock, rng, logger, onRefused },
      ...{ reporter, family, deadlines, gate, events, after, types, track, tracing },
      ...metrics && { counts: metrics.attempts },
    });
  });
  if (metrics !== undefined) {
    metrics.pools = () =>
      pools.map(({ name, busy }, i) => ({ name, busy, concurrency: plans[i]!.concurrency }));
  }
  leases.start();
  upkeep.start();
  for (const pool of pools) {
    pool.start();
    if (events.hears("pool.started")) events.emit({ event: "pool.started", pool: pool.name });
  }
  if (events.hears("server.started")) events.emit({ event: "server.started" });
  logger.info("Server started", {
    server,
    store: store.description,
    pools: plans.map(({ name }) => name),
    ...api && { api: api.addr },
  });
  const threads = plans.flatMap((plan) => plan.threads?.pool ?? []);
  return {
    server,
    store,
    pools,
    leases,
    upkeep,
    threads,
    keeper,
    api,
    callbacks,
    clock,
    logger,
    events,
  };
}
