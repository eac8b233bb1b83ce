/**
 * Numbers: how all stands, day by day, and of this process.
 *
 * @module
 */

import { endsWithin } from "../../clock.ts";
import { cpuCount } from "../../runtime/env.ts";
import { memoryUse, runtimeName } from "../../runtime/host.ts";
import { sumOfEnds } from "../../insight/points.ts";
import type { Standing } from "../../insight/stats.ts";
import { type JobStatus, statuses } from "../../job/state.ts";
import { DAY_MS, DAYS_KEPT } from "../../store/insight_limits.ts";
import { VERSION } from "../../version.ts";
import { type Answer, data } from "../answer.ts";
import type { Call } from "../call.ts";
import type { Desk } from "../desk.ts";
import { notFound } from "../errors.ts";
import { numberRule, queueRule } from "../params.ts";
import { knownQueues, seenQueues } from "../queues.ts";
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
import { allServers } from "../servers.ts";
import { goDuration } from "../wire/duration.ts";
import { workersOf } from "../wire/server.ts";

const MIB = 1024 * 1024;
/** Longest wait for what only the store knows, in milliseconds. */
const PATIENCE_MS = 2000;

const daysRule = numberRule("How many days, today among them", {
  ...{ min: 1, max: DAYS_KEPT, absent: 30 },
});

const uptimeSchema = described(text, "How long the monitor runs, such as 1h2m3s");

const statsSchema: Schema = object({
  queues: described(integer, "Queues that there are"),
  workers: described(integer, "Pools of servers that live, and consumers"),
  ready: integer,
  processing: integer,
  completed: integer,
  dead_letter: integer,
  scheduled: described(integer, "Also those that wait for a retry"),
  processed_total: described(integer, "Jobs that ever completed"),
  failed_total: described(integer, "Jobs that ever were dead-lettered"),
  uptime: uptimeSchema,
  deferred: integer,
  retry: integer,
  canceled: integer,
  stopped: integer,
  failed: integer,
});

const daySchema: Schema = object({
  date: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
  processed: integer,
  failed: integer,
});

const runtimeSchema: Schema = object({
  goroutines: described(nullable(integer), "Always null: there are none"),
  go_version: described(text, "Name and version of the runtime"),
  num_cpu: integer,
  uptime: uptimeSchema,
  alloc_mb: described(nullable(number), "MiB of memory that objects take"),
  total_alloc_mb: described(nullable(number), "Always null: runtimes do not tell"),
  sys_mb: described(nullable(number), "MiB of memory that the process has"),
  num_gc: described(nullable(integer), "Always null: runtimes do not tell"),
  gc_pause_ns: described(nullable(integer), "Always null: runtimes do not tell"),
  version: described(text, "Version of this package"),
  layout_version: described(
    nullable(integer),
    "Version of the store's layout; null for the memory store, and while the store is away",
  ),
});

/** Numbers. */
export const statsRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/stats",
    access: "viewer",
    summary: "How all queues together stand",
    description: "All queues that whoever asks may see.",
    answer: { body: enveloped(statsSchema) },
    handle: async (call): Promise<Answer> => data(await stats(call)),
  },
  {
    method: "GET",
    path: "/api/v1/stats/daily",
    access: "viewer",
    summary: "What completed and failed for good on the last days (UTC), by queue, today first",
    query: { days: daysRule, queue: queueRule },
    answer: { body: enveloped(list(object({ queue: text, days: list(daySchema) }))) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => data(await daily(call)),
  },
  {
    method: "GET",
    path: "/api/v1/stats/runtime",
    access: "viewer",
    summary: "What the monitor's own process runs on",
    answer: { body: enveloped(runtimeSchema) },
    handle: async ({ desk }): Promise<Answer> => data(await runtime(desk)),
  },
];

async function stats(call: Call): Promise<object> {
  const { desk, who } = call;
  const [all, servers] = await Promise.all([
    desk.insight.stats(),
    desk.store().then(allServers),
  ]);
  const seen = seenQueues(call, all);
  // What was counted when the store had no room for its queue is only in the sum of all.
  const standings: readonly Standing[] = who.queues === null ? [all] : seen;
  const sumOf = (status: JobStatus): number =>
    standings.reduce((sum, { counts }) => sum + counts[status], 0);
  const counts = Object.fromEntries(statuses.map((status) => [status, sumOf(status)]));
  const ends = sumOfEnds(standings.map(({ totals }) => totals));
  const workers = servers.flatMap(workersOf)
    .filter(({ pool }) => !pool?.queues || pool.queues.some((queue) => call.sees(queue)));
  return {
    ...counts,
    scheduled: sumOf("scheduled") + sumOf("retry"),
    queues: seen.length,
    workers: workers.length,
    processed_total: ends.completed,
    failed_total: ends.dead,
    uptime: uptime(desk),
  };
}

async function daily(call: Call): Promise<object[]> {
  const { desk, query } = call;
  const count = query.number("days", daysRule);
  const asked = query.queue();
  if (asked !== undefined && !call.sees(asked)) throw notFound("queue");
  const [queues, rows] = await Promise.all([
    asked === undefined ? knownQueues(call) : [asked],
    desk.insight.days({ days: count }),
  ]);
  const byPlace = new Map(rows.map((row) => [placeOf(row.queue, row.at), row]));
  const now = desk.clock.now();
  // The store's day may have begun before ours.
  const today = Math.max(now - now % DAY_MS, ...rows.map(({ at }) => at));
  const days = Array.from({ length: count }, (_, i) => today - i * DAY_MS);
  return queues.map((queue) => ({
    queue,
    days: days.map((at) => {
      const row = byPlace.get(placeOf(queue, at));
      const date = new Date(at).toISOString().slice(0, 10);
      return { date, processed: row?.completed ?? 0, failed: row?.dead ?? 0 };
    }),
  }));
}

function placeOf(queue: string, at: number): string {
  return `${at}|${queue}`;
}

async function runtime(desk: Desk): Promise<object> {
  const memory = memoryUse();
  const info = desk.store().then((store) => store.info()).catch(() => undefined);
  const isHeard = await endsWithin(desk.clock, info, PATIENCE_MS);
  return {
    goroutines: null,
    go_version: runtimeName(),
    num_cpu: cpuCount(),
    uptime: uptime(desk),
    alloc_mb: memory === undefined ? null : toMib(memory.heap),
    total_alloc_mb: null,
    sys_mb: memory === undefined ? null : toMib(memory.resident),
    num_gc: null,
    gc_pause_ns: null,
    version: VERSION,
    layout_version: isHeard ? (await info)?.layoutVersion ?? null : null,
  };
}

function toMib(bytes: number): number {
  return Math.round(bytes / MIB * 100) / 100;
}

function uptime({ clock, startedAt }: Desk): string {
  return goDuration(clock.mono() - startedAt);
}
