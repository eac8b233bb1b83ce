/**
 * The end of a server's work, in good order:
 *
 *     stop claiming --shutdownTimeoutMs--> abort signals --graceMs--> give back --> leave to the leases
 *
 * Each step is for what the one before has not ended. The monitor shows it to the last.
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
import type { OpenedApi } from "./open_api.ts";
import { LAST_WORDS_MS, LastWords } from "./last_words.ts";
import type { Pool } from "./pool.ts";
import type { ThreadPool } from "./thread_pool.ts";

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
  /** The monitor, if it is served. */
  readonly api: OpenedApi | undefined;
  readonly callbacks: ReadonlySet<Promise<void>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long what runs may take to end. */
export interface WindDownTimes {
  readonly shutdownTimeoutMs: number;
  readonly graceMs: number;
  /** Whether the store will take nothing more, so that there is nobody to wait for. */
  readonly isRefused: () => boolean;
}

/** Ends it. */
export async function windDown(
  { threads, keeper, api, ...working }: Working,
  { shutdownTimeoutMs, graceMs, isRefused }: WindDownTimes,
): Promise<void> {
  const { server, store, pools, leases, upkeep, callbacks, clock, logger, events } = working;
  if (events.hears("server.stopping")) events.emit({ event: "server.stopping" });
  const lastWords = new LastWords(clock);
  const closeThreads = () => Promise.all(threads.map((pool) => pool.close()));
  const ended = Promise.all(pools.map((pool) => stopPool(pool, events)));
  const within = (ms: number): Promise<boolean> => endsWithin(clock, ended, ms);
  if (!await within(shutdownTimeoutMs)) {
    for (const pool of pools) pool.abort();
    if (!await within(graceMs)) {
      // What a thread still does ends before another server may begin with the job.
      await endsWithin(clock, closeThreads(), LAST_WORDS_MS);
      for (const pool of pools) pool.giveUp();
      if (isRefused() || !await lastWords.hear(ended)) {
        if (!isRefused()) {
          logger.error("Store does not answer, leases are left to lapse", { server });
        }
        for (const pool of pools) pool.abandonStore();
      }
    }
  }
  await endsWithin(clock, Promise.all(callbacks), graceMs);
  const loops = Promise.all([leases.stop(), upkeep.stop(), keeper?.stop(), closeThreads()]);
  await lastWords.endLoops(loops);
  if (!isRefused()) await lastWords.sayGoodbye(store, server, logger);
  await api?.close();
  if (events.hears("server.stopped")) events.emit({ event: "server.stopped" });
}

async function stopPool(pool: Pool, events: ServerEvents): Promise<void> {
  const { name } = pool;
  if (events.hears("pool.stopping")) events.emit({ event: "pool.stopping", pool: name });
  await pool.stop();
  if (events.hears("pool.stopped")) events.emit({ event: "pool.stopped", pool: name });
}
