/**
 * What metrics tell of a whole store, read in one go: at a cost that does not grow with the jobs.
 *
 * @module
 */

import { readSeries } from "../../insight/series.ts";
import type {
  CountRow,
  OldestRow,
  PauseTarget,
  SeriesReply,
  ServerRecord,
  Store,
  StoreInfo,
  TotalsRow,
} from "../../store/store.ts";
import { allServers } from "../servers.ts";

/** How far back what is told of the last minutes goes, in milliseconds. */
export const RECENT_MS: number = 5 * 60_000;

/** What was read of a store. */
export interface StoreReading {
  readonly counts: readonly CountRow[];
  /** Who has waited longest, by queue and type. */
  readonly oldest: readonly OldestRow[];
  readonly totals: readonly TotalsRow[];
  readonly paused: readonly PauseTarget[];
  readonly servers: readonly ServerRecord[];
  readonly info: StoreInfo;
  /** The last minutes. */
  readonly recent: Pick<SeriesReply, "rows" | "sampledAt" | "now">;
}

/** Reads a store. */
export async function readStore(store: Store): Promise<StoreReading> {
  const [counts, oldest, totals, paused, servers, info, recent] = await Promise.all([
    store.counts(),
    store.oldest(),
    store.totals(),
    store.paused(),
    allServers(store),
    store.info(),
    readSeries(store, { fromAt: -RECENT_MS, toAt: Number.MAX_SAFE_INTEGER }),
  ]);
  return { counts, oldest, totals, paused, servers, info, recent };
}
