/**
 * How all stands, in one answer. What it costs the store grows with queues, types and servers, not
 * with jobs.
 *
 * @module
 */

import { mergeHistograms } from "../../insight/buckets.ts";
import { sumOfEnds, toDurations } from "../../insight/points.ts";
import type { Standing, Stats } from "../../insight/stats.ts";
import { statuses } from "../../job/state.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../store/insight_limits.ts";
import type { OldestRow, PauseTarget, SeriesRow, ServerRecord } from "../../store/store.ts";
import { type Answer, data } from "../answer.ts";
import type { Call } from "../call.ts";
import { seenQueues } from "../queues.ts";
import type { Route } from "../route.ts";
import {
  described,
  enveloped,
  integer,
  list,
  nullable,
  number,
  object,
  type Schema,
  text,
} from "../schema.ts";
import { readSeen } from "../seen_series.ts";
import { allServers } from "../servers.ts";
import { durationsOnWire, durationsSchema, endsSchema, rounded } from "../wire/point.ts";
import { workersOf } from "../wire/server.ts";

/** Minutes of what is recent, the one under way among them. */
const RECENT_MS = 15 * MINUTE_MS;
/** Most types of which is told that they fail. */
const MOST_FAILING = 10;

const overviewSchema: Schema = object({
  now_ms: described(integer, "The store's now"),
  counts: described(
    object(Object.fromEntries(statuses.map((status) => [status, integer]))),
    "Jobs that are in the store, by status",
  ),
  totals: described(object(endsSchema), "What ended since the store began"),
  recent: described(
    object({
      since_ms: integer,
      ...endsSchema,
      per_second: described(number, "Jobs completed per second"),
      run_ms: durationsSchema,
      wait_ms: durationsSchema,
    }),
    "What ended in the last 15 minutes",
  ),
  oldest: described(
    nullable(object({
      queue: text,
      type: text,
      id: text,
      ready_at_ms: integer,
      age_ms: integer,
    })),
    "The job that has waited longest of those that are due, paused or not",
  ),
  failing: described(
    list(object({ queue: text, type: text, retried: integer, dead: integer })),
    "What failed most often in the last 24 hours, by queue and type: 10 at the most",
  ),
  paused: described(
    list(object({ queue: nullable(text), type: nullable(text) })),
    "What is paused: a queue, a type (queue is null), or a type in a queue",
  ),
  workers: described(
    nullable(object({
      servers: integer,
      consumers: integer,
      pools: integer,
      slots: described(integer, "Jobs that the pools run at the same time at most"),
      busy: described(integer, "Jobs that ran in pools and consumers at the last heartbeats"),
    })),
    "Who works; null for those who do not see all queues",
  ),
});

/** How all stands. */
export const overviewRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/overview",
    access: "viewer",
    summary:
      "How all stands: jobs, rates, times, the oldest job, what fails, what is paused, who works",
    description: "All queues that whoever asks may see.",
    answer: { body: enveloped(overviewSchema) },
    handle: async (call): Promise<Answer> => data(await overview(call)),
  },
];

async function overview(call: Call): Promise<object> {
  const { desk, who } = call;
  const store = await desk.store();
  const [stats, recent, lately, waiting, servers] = await Promise.all([
    desk.insight.stats(),
    readSeen(call, { spanMs: RECENT_MS - MINUTE_MS, stepMs: MINUTE_MS }),
    readSeen(call, { spanMs: DAY_MS - HOUR_MS, stepMs: HOUR_MS }),
    store.oldest(),
    who.queues === null ? allServers(store) : [],
  ]);
  const seen = seenQueues(call, stats);
  // What was counted when the store had no room for its queue is only in the sum of all.
  const standings: readonly Standing[] = who.queues === null ? [stats] : seen;
  const now = Math.floor(recent.now);
  return {
    now_ms: now,
    counts: Object.fromEntries(statuses.map((status) => [
      status,
      standings.reduce((sum, { counts }) => sum + counts[status], 0),
    ])),
    totals: sumOfEnds(standings.map(({ totals }) => totals)),
    recent: recentOnWire(recent.rows, now),
    oldest: oldestOnWire(waiting.filter(({ queue }) => call.sees(queue)), now),
    failing: failingOnWire(lately.rows),
    paused: pausedFor(call, stats),
    workers: who.queues === null ? workersOnWire(servers) : null,
  };
}

function recentOnWire(rows: readonly SeriesRow[], now: number): object {
  const since = now - now % MINUTE_MS - RECENT_MS + MINUTE_MS;
  const ends = sumOfEnds(rows);
  return {
    since_ms: since,
    ...ends,
    per_second: rounded(ends.completed * 1000 / (now - since)),
    run_ms: durationsOnWire(toDurations(mergeHistograms(rows.map(({ runs }) => runs)))),
    wait_ms: durationsOnWire(toDurations(mergeHistograms(rows.map(({ waits }) => waits)))),
  };
}

function oldestOnWire(rows: readonly OldestRow[], now: number): object | null {
  const [first] = rows.toSorted((a, b) => a.readyAt - b.readyAt || (a.id < b.id ? 1 : -1));
  if (first === undefined) return null;
  const { queue, type, id } = first;
  const readyAt = Math.floor(first.readyAt);
  return { queue, type, id, ready_at_ms: readyAt, age_ms: Math.max(0, now - readyAt) };
}

function failingOnWire(rows: readonly SeriesRow[]): object[] {
  const failed = rows.filter(({ retried, dead }) => retried + dead > 0);
  const byPair = Map.groupBy(failed, ({ queue, type }) => `${queue}|${type}`);
  return [...byPair.values()].map((some) => {
    const { queue, type } = some[0]!;
    const { retried, dead } = sumOfEnds(some);
    return { queue, type, retried, dead };
  }).sort((a, b) => b.retried + b.dead - a.retried - a.dead || (a.type < b.type ? -1 : 1))
    .slice(0, MOST_FAILING);
}

/** What is paused; of types that are paused everywhere, those that whoever asks may know of. */
function pausedFor(call: Call, stats: Stats): readonly PauseTarget[] {
  if (call.who.queues === null) return stats.paused;
  const types = new Set(
    seenQueues(call, stats).flatMap(({ types }) => types.map((one) => one.type)),
  );
  return stats.paused.filter(({ queue, type }) =>
    queue === null ? types.has(type!) : call.sees(queue)
  );
}

function workersOnWire(servers: readonly ServerRecord[]): object {
  const workers = servers.flatMap(workersOf);
  const pools = workers.flatMap(({ pool }) => pool ?? []);
  return {
    servers: servers.filter(({ about }) => about.kind === "server").length,
    consumers: servers.filter(({ about }) => about.kind === "consumer").length,
    pools: pools.length,
    slots: pools.reduce((sum, { concurrency }) => sum + concurrency, 0),
    busy: workers.reduce((sum, { busy }) => sum + busy, 0),
  };
}
