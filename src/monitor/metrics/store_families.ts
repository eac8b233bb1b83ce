/**
 * The metrics of a whole store. Every process on it tells the same, so that one of them is enough.
 *
 * @module
 */

import { type Histogram, mergeHistograms, percentileOf } from "../../insight/buckets.ts";
import type { EndCounts, SeriesRow, ServerAbout } from "../../store/store.ts";
import { MAX_PAIRS, OTHERS } from "../../store/insight_limits.ts";
import { workersOf } from "../wire/server.ts";
import type { Family, Sample } from "./family.ts";
import { RECENT_MS, type StoreReading } from "./store_reading.ts";

const PAIR = ["queue", "type"] as const;
const KINDS: readonly ServerAbout["kind"][] = ["server", "consumer"];
/** Names of the ends that a store counts, as a process counts its own. */
const ENDS: Readonly<Record<keyof EndCounts, string>> = {
  completed: "completed",
  retried: "retried",
  dead: "dead_lettered",
  canceled: "canceled",
  lost: "lost",
};
const PERCENTILES = [50, 95, 99];
/** Most names of pools that are told apart; the others count as `OTHERS`. */
const MOST_POOLS = 200;

/** Whether the store could be read. */
export const storeUp: Family<boolean> = {
  name: "gqm_store_up",
  type: "gauge",
  help: "1 if the store answered in time, else 0; then nothing else is told of the whole store.",
  labels: [],
  isGeneral: true,
  read: (isUp) => [{ labels: [], value: isUp ? 1 : 0 }],
};

/** All that is read from a store. */
export const storeFamilies: readonly Family<StoreReading>[] = [
  {
    name: "gqm_store",
    type: "info",
    help:
      "Kind of the store, version of what it runs on, and version of its layout, if it has one.",
    labels: ["kind", "version", "layout"],
    isGeneral: true,
    read: ({ info: { kind, version, layoutVersion } }) => [
      { labels: [kind, version, String(layoutVersion ?? "")], value: 1 },
    ],
  },
  {
    name: "gqm_store_size_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Memory that Redis uses, or size of the SQLite file; absent where it is not known.",
    labels: [],
    read: ({ info: { sizeBytes } }) => sizeBytes === null ? [] : [{ labels: [], value: sizeBytes }],
  },
  {
    name: "gqm_store_warnings",
    type: "gauge",
    help: "Things about how the store is set up that put jobs at risk.",
    labels: [],
    read: ({ info: { warnings } }) => [{ labels: [], value: warnings.length }],
  },
  {
    name: "gqm_jobs",
    type: "gauge",
    help: "Jobs in the store, by status.",
    labels: [...PAIR, "status"],
    read: ({ counts, totals }) => {
      const rows = withinPairs(counts, totals);
      const groups = Map.groupBy(rows, ({ queue, type, status }) => keyOf(queue, type, status));
      return [...groups.values()].map((own) => {
        const { queue, type, status } = own[0]!;
        const value = own.reduce((sum, { count }) => sum + count, 0);
        return { labels: [queue, type, status], value };
      });
    },
  },
  {
    name: "gqm_oldest_waiting_age_seconds",
    type: "gauge",
    unit: "seconds",
    help:
      "How long the job has waited that waited longest, of those that are ready or due, paused " +
      "or not; absent where none waits.",
    labels: [...PAIR],
    read: ({ oldest, totals, recent: { now } }) => {
      const groups = Map.groupBy(
        withinPairs(oldest, totals),
        ({ queue, type }) => keyOf(queue, type),
      );
      return [...groups.values()].map((own) => {
        const { queue, type } = own[0]!;
        const readyAt = Math.min(...own.map((row) => row.readyAt));
        return { labels: [queue, type], value: Math.max(0, now - readyAt) / 1000 };
      });
    },
  },
  {
    name: "gqm_outcomes",
    type: "counter",
    help: "What ended since the store began: jobs completed, dead_lettered and canceled, " +
      "attempts retried, and attempts lost with their lease, which others reaped.",
    labels: [...PAIR, "outcome"],
    read: ({ totals }) =>
      totals.flatMap((row) =>
        Object.entries(ENDS).map(([key, outcome]) => ({
          labels: [row.queue, row.type, outcome],
          value: row[key as keyof EndCounts],
        }))
      ),
  },
  {
    name: "gqm_recent_run_duration_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Percentile of how long attempts ran that ended in the last 5 minutes, within 25 %.",
    labels: [...PAIR, "percentile"],
    read: ({ recent }) => percentiles(recent.rows, ({ runs }) => runs),
  },
  {
    name: "gqm_recent_wait_duration_seconds",
    type: "gauge",
    unit: "seconds",
    help:
      "Percentile of how long jobs had waited from when they were due until they were claimed, " +
      "of attempts that ended in the last 5 minutes, within 25 %.",
    labels: [...PAIR, "percentile"],
    read: ({ recent }) => percentiles(recent.rows, ({ waits }) => waits),
  },
  {
    name: "gqm_paused",
    type: "gauge",
    help: "1 for each queue, type, or type in a queue that is paused; for 1000 of them at most.",
    labels: [...PAIR],
    read: ({ paused }) =>
      paused.slice(0, MAX_PAIRS).map(({ queue, type }) => ({
        labels: [queue ?? "", type ?? ""],
        value: 1,
      })),
  },
  {
    name: "gqm_servers",
    type: "gauge",
    help: "Servers and consumers that live.",
    labels: ["kind"],
    read: ({ servers }) =>
      KINDS.map((kind) => ({
        labels: [kind],
        value: servers.filter(({ about }) => about.kind === kind).length,
      })),
  },
  {
    name: "gqm_pool_slots",
    type: "gauge",
    help: "Jobs that all pools of a name run at the same time at most.",
    labels: ["pool"],
    read: (reading) => poolSums(reading, ({ slots }) => slots),
  },
  {
    name: "gqm_pool_busy",
    type: "gauge",
    help: "Jobs that ran in all pools of a name at their last heartbeats.",
    labels: ["pool"],
    read: (reading) => poolSums(reading, ({ busy }) => busy),
  },
  {
    name: "gqm_upkeep_lag_seconds",
    type: "gauge",
    unit: "seconds",
    help:
      "Time since the beginning of the minute in which upkeep last took its sample, on whatever " +
      "server: up to 120 where all is well; 300 also stands for more.",
    labels: [],
    read: ({ recent: { sampledAt, now } }) => {
      const lagMs = Math.min(now - (sampledAt.at(-1) ?? 0), RECENT_MS);
      return [{ labels: [], value: lagMs / 1000 }];
    },
  },
];

/** What rows are grouped by: no name holds a line break. */
function keyOf(...names: readonly string[]): string {
  return names.join("\n");
}

interface Pair {
  readonly queue: string;
  readonly type: string;
}

/** Rows of at most so many pairs as a store tells apart, those that it does among them; the others as `OTHERS`. */
function withinPairs<T extends Pair>(rows: readonly T[], known: readonly Pair[]): T[] {
  const pairs = new Set(known.map(({ queue, type }) => keyOf(queue, type)));
  return rows.map((row) => {
    const pair = keyOf(row.queue, row.type);
    if (pairs.size < MAX_PAIRS) pairs.add(pair);
    return pairs.has(pair) ? row : { ...row, queue: OTHERS, type: OTHERS };
  });
}

function percentiles(
  rows: readonly SeriesRow[],
  histogramOf: (row: SeriesRow) => Histogram,
): Sample[] {
  const pairs = Map.groupBy(rows, ({ queue, type }) => keyOf(queue, type));
  return [...pairs.values()].flatMap((own) => {
    const { queue, type } = own[0]!;
    const histogram = mergeHistograms(own.map(histogramOf));
    if (histogram.length === 0) return [];
    return PERCENTILES.map((percentile) => ({
      labels: [queue, type, `${percentile}`],
      value: percentileOf(histogram, percentile / 100)! / 1000,
    }));
  });
}

interface Load {
  slots: number;
  busy: number;
}

/** What the pools of all servers come to, by their names. */
function poolSums({ servers }: StoreReading, of: (load: Load) => number): Sample[] {
  const sums = new Map<string, Load>();
  for (const { pool, busy } of servers.flatMap(workersOf)) {
    const own = pool?.name ?? "consumer";
    const name = sums.has(own) || sums.size < MOST_POOLS ? own : OTHERS;
    const sum = sums.get(name) ?? { slots: 0, busy: 0 };
    sum.slots += pool?.concurrency ?? 0;
    sum.busy += busy;
    sums.set(name, sum);
  }
  return [...sums].map(([name, load]) => ({ labels: [name], value: of(load) }));
}
