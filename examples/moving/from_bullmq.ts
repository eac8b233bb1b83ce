/**
 * Carries what waits in a queue of BullMQ over to GQM: waiting, prioritized, delayed and failed jobs,
 * each once however often this runs, and its job schedulers. The queue must be paused, with no job
 * active. It is only read. Run it in the folder of a program that has `bullmq` and `ioredis`:
 *
 *     node from_bullmq.ts --queue mail --from redis://localhost:6379 --to redis://localhost:6379
 *
 * `--prefix` is BullMQ's, `--zone` that of schedulers without a `tz`, which there is the zone of the worker's machine.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { Redis } from "ioredis";
import { type BackoffPolicy, Client, type EnqueueOptions } from "../../mod.ts"; // elsewhere "@gqm/gqm"
import type { BullJob, BullQueue, BullState } from "./bullmq.ts";
import {
  carry,
  type CarryReport,
  newId,
  newReport,
  type OldJob,
  readArguments,
  runToEnd,
} from "./carry.ts";

/** What is carried over, and from where. */
export interface FromBullMqOptions {
  /** The queue, paused. */
  readonly queue: BullQueue;
  /** Where it is. */
  readonly redis: Pick<Redis, "zrange">;
  /** BullMQ's prefix. @default {"bull"} */
  readonly prefix?: string;
  /** A client of the store that takes the jobs. */
  readonly client: Client;
}

const PAGE = 500;
const LEAST_PRIORITY = -30;
/** The lower bits of a delayed job's place count those of one millisecond. */
const PER_MS = 0x1000;
/**
 * In the order of their life: a job that goes on while this reads is seen twice, not left out.
 * Within a state those come first that are next.
 */
const STATES: readonly BullState[] = ["delayed", "prioritized", "waiting", "failed"];

/**
 * Carries the jobs over.
 *
 * @throws {Error} If the queue is not paused, or a job of it is active.
 */
export async function carryFromBullMq(options: FromBullMqOptions): Promise<CarryReport> {
  const { queue, redis, prefix = "bull", client } = options;
  const what = `Cannot move queue '${queue.name}'`;
  if (!await queue.isPaused()) throw new Error(`${what} as it must be paused: call pause()`);
  const active = await queue.getActiveCount();
  if (active > 0) throw new Error(`${what} as no job may be active: current value is ${active}`);

  const report = newReport();
  const dueAt = await dueTimes(redis, `${prefix}:${queue.name}:delayed`);
  const seen = new Set<string>();
  const repeated = new Map<string, unknown>();
  for (const state of STATES) {
    await carry(client, jobsOf(queue, state, { dueAt, seen, repeated, report }), report);
  }
  await carrySchedulers(queue, client, repeated, report);
  const parents = await queue.getWaitingChildrenCount();
  if (parents > 0) {
    report.left.push({ name: `${parents} parents`, reason: "flows end where they are" });
  }
  return report;
}

/** What is known while jobs are read. */
interface Reading {
  /** When delayed jobs are due, by id. */
  readonly dueAt: ReadonlyMap<string, number>;
  /** Ids that were read. */
  readonly seen: Set<string>;
  /** Payloads of the next jobs of schedulers, by key: before BullMQ 5.16 they alone had them. */
  readonly repeated: Map<string, unknown>;
  readonly report: CarryReport;
}

async function* jobsOf(
  queue: BullQueue,
  state: BullState,
  { dueAt, seen, repeated, report }: Reading,
): AsyncGenerator<OldJob> {
  for (let start = 0;; start += PAGE) {
    const jobs = await queue.getJobs([state], start, start + PAGE - 1, true);
    for (const job of jobs) {
      const { id = "", name } = job;
      if (seen.has(id)) continue;
      seen.add(id);
      if (job.parentKey !== undefined) {
        report.left.push({ name: `${name} ${id}`, reason: "flows end where they are" });
      } else if (job.repeatJobKey !== undefined && state === "delayed") {
        repeated.set(job.repeatJobKey, job.data); // its scheduler is carried over
      } else yield oldJob(queue.name, job, state, dueAt.get(id));
    }
    if (jobs.length < PAGE) return;
  }
}

/** When the delayed jobs are due, as the job itself does not say it of a retry. */
async function dueTimes(
  redis: Pick<Redis, "zrange">,
  key: string,
): Promise<ReadonlyMap<string, number>> {
  const dueAt = new Map<string, number>();
  const entries = await redis.zrange(key, "0", "-1", "WITHSCORES");
  for (let i = 0; i + 1 < entries.length; i += 2) {
    dueAt.set(entries[i]!, Math.floor(Number(entries[i + 1]) / PER_MS));
  }
  return dueAt;
}

/** What becomes of one job: change this where your queues and types are to have other names. */
export function oldJob(
  queue: string,
  job: BullJob,
  state: BullState,
  dueAt: number | undefined,
): OldJob {
  const { id = "", name, data, timestamp, attemptsMade, opts } = job;
  const options: EnqueueOptions & { id: string } = {
    id: newId("bullmq", queue, id, String(timestamp)), // ids there begin anew with a queue
    queue,
    // 1 goes first there, and none before it; here what is higher, and 0 is none.
    priority: Math.max(LEAST_PRIORITY, 0 - (job.priority ?? opts.priority ?? 0)),
    // `attempts` counts the first one too. A failed job gets all of them again when it is retried.
    maxRetry: Math.max(0, (opts.attempts ?? 1) - 1 - (state === "failed" ? 0 : attemptsMade)),
    ...backoffOf(opts.backoff, attemptsMade),
    ...(dueAt === undefined ? {} : { runAt: dueAt }),
    meta: { movedFrom: { system: "bullmq", queue, id, createdAt: timestamp, attemptsMade } },
  };
  const moved = { name: `${name} ${id}`, type: name || queue, payload: data, options };
  return state === "failed" ? { ...moved, failed: job.failedReason ?? "" } : moved;
}

/** A backoff with a function of the program stays away: the handler says it here. */
function backoffOf(
  backoff: BullJob["opts"]["backoff"],
  attemptsMade: number,
): { readonly backoff?: BackoffPolicy } {
  const { type, delay = 0, jitter } = typeof backoff === "object"
    ? backoff
    : { type: "fixed", delay: backoff };
  if (delay <= 0 || (type !== "fixed" && type !== "exponential")) return {};
  // What has been doubled there is the base here.
  const baseMs = Math.round(type === "exponential" ? delay * 2 ** attemptsMade : delay);
  return { backoff: { type, baseMs, ...(jitter === undefined ? {} : { jitter }) } };
}

async function carrySchedulers(
  queue: BullQueue,
  client: Client,
  repeated: ReadonlyMap<string, unknown>,
  report: CarryReport,
): Promise<void> {
  for (const scheduler of await queue.getJobSchedulers(0, -1, true)) {
    const { key, name, pattern, every, tz, endDate, limit, template } = scheduler;
    const title = `scheduler ${key}`;
    const payload = template === undefined ? repeated.get(key) : template.data;
    if (limit !== undefined) {
      report.left.push({ name: title, reason: "'limit' has no counterpart" });
      continue;
    }
    try {
      await client.schedules.upsert(newId("bullmq", queue.name, key), {
        type: name || queue.name,
        ...(payload === undefined ? {} : { payload }),
        ...(pattern === undefined ? { everyMs: Number(every) } : { cron: pattern }),
        ...(tz === undefined ? {} : { timeZone: tz }),
        ...(endDate === undefined ? {} : { endAt: endDate }),
        overlap: "allow", // as there
        options: { queue: queue.name },
      });
    } catch (error) {
      report.refused.push({ name: title, error: String(error) });
    }
  }
}

async function main(): Promise<CarryReport> {
  const args = readArguments({
    queue: undefined,
    from: undefined,
    to: undefined,
    prefix: "bull",
    zone: "UTC",
  });
  const load = createRequire(join(process.cwd(), "package.json"));
  const { Queue } = load("bullmq") as {
    Queue: new (name: string, options: object) => BullQueue;
  };
  const redis = new Redis(args.from);
  const queue = new Queue(args.queue, { connection: redis, prefix: args.prefix });
  await using client = new Client({ store: args.to, timeZone: args.zone });
  try {
    return await carryFromBullMq({ queue, redis, prefix: args.prefix, client });
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

if (import.meta.main) await runToEnd(main);
