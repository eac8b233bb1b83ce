/**
 * The end of a server's work, in good order:
 *
 *     stop claiming --shutdownTimeoutMs--> abort signals --graceMs--> give back --> leave to the leases
 *
 * Each step is for what the one before has not ended.
 *
 * @module
 */

import type { LeaseKeeper } from "../claim/lease.ts";
import { type Clock, endsWithin } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Upkeep } from "../upkeep/loop.ts";
import type { Store } from "../store/store.ts";
import type { ServerEvents } from "./attempt_events.ts";
import type { KeeperThread } from "./keeper_thread.ts";
import type { Pool } from "./pool.ts";
import type { ThreadPool } from "./thread_pool.ts";

/** Time that a store which does not answer is given, in milliseconds. */
const LAST_WORDS_MS = 10_000;

/** What is to be ended. */
export interface Working {
  readonly server: string;
  readonly store: Store;
  readonly pools: readonly Pool[];
  readonly leases: LeaseKeeper;
  readonly upkeep: Upkeep;
  readonly events: ServerEvents;
  /** Threads in which handlers run. */
  readonly threads: readonly ThreadPool[];
  /** The thread that keeps leases beside `leases`. */
  readonly keeper: KeeperThread | undefined;
  readonly callbacks: ReadonlySet<Promise<void>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ends it. */
export async function windDown(
  { threads, keeper, ...working }: Working,
  { shutdownTimeoutMs, graceMs }: { readonly shutdownTimeoutMs: number; readonly graceMs: number },
): Promise<void> {
  const { server, store, pools, leases, upkeep, callbacks, clock, logger, events } = working;
  if (events.hears("server.stopping")) events.emit({ event: "server.stopping" });
  const closeThreads = () => Promise.all(threads.map((pool) => pool.close()));
  const ended = Promise.all(pools.map((pool) => stopPool(pool, events)));
  const within = (ms: number): Promise<boolean> => endsWithin(clock, ended, ms);
  if (!await within(shutdownTimeoutMs)) {
    for (const pool of pools) pool.abort();
    if (!await within(graceMs)) {
      // What a thread still does ends before another server may begin with the job.
      await endsWithin(clock, closeThreads(), LAST_WORDS_MS);
      for (const pool of pools) pool.giveUp();
      if (!await within(LAST_WORDS_MS)) {
        logger.error("Store does not answer, leases are left to lapse", { server });
        for (const pool of pools) pool.abandonStore();
      }
    }
  }
  await endsWithin(clock, Promise.all(callbacks), graceMs);
  const loops = Promise.all([leases.stop(), upkeep.stop(), keeper?.stop(), closeThreads()]);
  await endsWithin(clock, loops, LAST_WORDS_MS);
  await sayGoodbye({ server, store, clock, logger });
  if (events.hears("server.stopped")) events.emit({ event: "server.stopped" });
}

async function stopPool(pool: Pool, events: ServerEvents): Promise<void> {
  const { name } = pool;
  if (events.hears("pool.stopping")) events.emit({ event: "pool.stopping", pool: name });
  await pool.stop();
  if (events.hears("pool.stopped")) events.emit({ event: "pool.stopped", pool: name });
}

/** Has the store forget who stops. Never rejects: else it is forgotten when it has been silent for a while. */
export async function sayGoodbye(
  { server, store, clock, logger }: Pick<Working, "server" | "store" | "clock" | "logger">,
): Promise<void> {
  const left = store.leave(server).catch((error: unknown) => {
    logger.warn("Store was not told of the stop", { server, error });
  });
  await endsWithin(clock, left, LAST_WORDS_MS);
}
