/**
 * Carries what waits in GQM v0.5.0 (Go) over to here: ready, scheduled, retry, deferred and
 * interrupted jobs with their ids, and dead letters as canceled jobs, each once however often this
 * runs. No server may run there. Its keys are only read.
 *
 *     node from_gqm.ts --from redis://localhost:6379 --to redis://localhost:6379
 *
 * `--prefix` is what the keys of GQM (Go) begin with, as it is written there: `gqm:` by default, and `gqm` with
 * a `gqm.yaml` that says so. Ours begin with `{gqm}:` and are others.
 */

import { Redis } from "ioredis";
import { Client, type EnqueueOptions } from "../../mod.ts"; // elsewhere "@gqm/gqm"
import {
  carry,
  type CarryReport,
  newReport,
  type OldJob,
  readArguments,
  runToEnd,
} from "./carry.ts";
import { byScore, exactly, fromRight } from "./read.ts";

/** What is carried over, and from where. */
export interface FromGqmOptions {
  /** Where GQM (Go) is. */
  readonly redis: Redis;
  /** What its keys begin with. @default {"gqm:"} */
  readonly prefix?: string;
  /** A client of the store that takes the jobs. */
  readonly client: Client;
}

type Fields = Readonly<Record<string, string>>;

/** What is known while jobs are read. */
interface Reading {
  readonly redis: Redis;
  readonly prefix: string;
  readonly report: CarryReport;
}

const LIVE = ["ready", "scheduled", "retry", "deferred", "processing"];

/**
 * Carries the jobs over.
 *
 * @throws {Error} If a server of GQM (Go) runs.
 */
export async function carryFromGqm(options: FromGqmOptions): Promise<CarryReport> {
  const { redis, prefix = "gqm:", client } = options;
  const reading: Reading = { redis, prefix, report: newReport() };
  const { report } = reading;
  for (const server of await redis.smembers(`${prefix}servers`)) {
    if (await redis.exists(`${prefix}server:${server}`) === 0) continue; // its record has expired
    throw new Error(`Cannot move jobs as no server may run: current value is ${server}`);
  }

  const queues = (await redis.smembers(`${prefix}queues`)).sort();
  for (const queue of queues) {
    const interrupted = idsByScore(redis, `${prefix}queue:${queue}:processing`);
    await carry(client, oldJobs(reading, interrupted), report);
    const ready = fromRight(redis, `${prefix}queue:${queue}:ready`);
    await carry(client, oldJobs(reading, ready), report);
  }
  await carry(client, scheduledJobs(reading), report);
  for (const level of await deferredLevels(reading)) {
    await carry(client, oldJobs(reading, level), report);
  }
  for (const queue of queues) {
    const dead = idsByScore(redis, `${prefix}queue:${queue}:dead_letter`);
    await carry(client, oldJobs(reading, dead), report);
  }
  await tellRest(reading);
  return report;
}

async function* idsByScore(redis: Redis, key: string): AsyncGenerator<string> {
  for await (const [id] of byScore(redis, key)) yield id;
}

async function* oldJobs(
  reading: Reading,
  ids: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<OldJob> {
  for await (const id of ids) yield* oldJob(reading, id);
}

async function* scheduledJobs(reading: Reading): AsyncGenerator<OldJob> {
  for await (const [id, dueS] of byScore(reading.redis, `${reading.prefix}scheduled`)) {
    yield* oldJob(reading, id, dueS * 1000);
  }
}

/** One job, or none: what is not as it should be is told in the report. */
async function* oldJob(reading: Reading, id: string, runAt?: number): AsyncGenerator<OldJob> {
  const { redis, prefix, report } = reading;
  const fields = await redis.hgetall(`${prefix}job:${id}`);
  if (fields.type === undefined) return; // its retention is over, or only its id is left
  try {
    const job = toOldJob(id, fields, runAt);
    yield fields.status === "deferred" ? await withParents(reading, job, fields) : job;
  } catch (error) {
    report.refused.push({ name: `${fields.type} ${id}`, error: String(error) });
  }
}

function toOldJob(id: string, fields: Fields, runAt: number | undefined): OldJob {
  const { type = "", queue = "default", status, payload = "null", error = "" } = fields;
  const made = numberOf(fields, "retry_count");
  const isDead = status === "dead_letter";
  const intervals = exactly(fields.retry_intervals ?? "[]") as readonly number[];
  const timeoutS = numberOf(fields, "timeout");
  const meta = exactly(fields.meta ?? "{}") as Record<string, unknown>;
  const options: EnqueueOptions & { id: string } = {
    id, // ids of GQM (Go) are ids here, so what refers to one still does
    queue,
    maxRetry: Math.max(0, numberOf(fields, "max_retry") - (isDead ? 0 : made)),
    ...(intervals.length === 0 ? {} : { retryIntervals: msLeft(intervals, isDead ? 0 : made) }),
    ...(timeoutS === 0 ? {} : { timeoutMs: timeoutS * 1000 }),
    ...(runAt === undefined ? {} : { runAt }),
    ...(fields.enqueued_by === undefined ? {} : { enqueuedBy: fields.enqueued_by }),
    meta: { ...meta, movedFrom: { system: "gqm", status, createdAt: createdAt(fields) } },
  };
  const job = { name: `${type} ${id}`, type, payload: exactly(payload), options };
  return isDead ? { ...job, failed: error } : job;
}

/** The delays before the retries that are left; the last one stays. */
function msLeft(intervals: readonly number[], made: number): readonly number[] {
  return intervals.slice(Math.min(made, intervals.length - 1)).map((seconds) => seconds * 1000);
}

function createdAt(fields: Fields): number {
  return numberOf(fields, "created_at") * 1000;
}

function numberOf(fields: Fields, name: string): number {
  return Number(fields[name] ?? 0);
}

/** A deferred job waits for those of its parents that are carried over too. */
async function withParents(
  { redis, prefix }: Reading,
  job: OldJob,
  fields: Fields,
): Promise<OldJob> {
  const isTolerant = fields.allow_failure === "1";
  const parents: string[] = [];
  for (const parent of await redis.smembers(`${prefix}job:${job.options.id}:pending_deps`)) {
    const status = await redis.hget(`${prefix}job:${parent}`, "status");
    if (status !== null && LIVE.includes(status)) parents.push(parent);
    else if (status !== "completed" && !isTolerant) {
      return { ...job, failed: `its parent ${parent} is ${status ?? "gone"}` };
    }
  }
  const onFailure = isTolerant ? "continue" : "cancel";
  const dependsOn = parents.sort().map((parent) => ({ id: parent, onFailure } as const));
  const atFront = fields.enqueue_at_front === "1" ? { atFront: true } : {};
  return { ...job, options: { ...job.options, ...atFront, dependsOn } };
}

/** The deferred jobs, parents before their children. */
async function deferredLevels({ redis, prefix }: Reading): Promise<readonly string[][]> {
  const rest = new Set(await redis.smembers(`${prefix}deferred`));
  const parents = new Map<string, string[]>();
  for (const id of rest) parents.set(id, await redis.smembers(`${prefix}job:${id}:pending_deps`));
  const levels: string[][] = [];
  while (rest.size > 0) {
    const level = [...rest].filter((id) => !parents.get(id)!.some((parent) => rest.has(parent)));
    if (level.length === 0) level.push(...rest); // a cycle, which waits there for ever: refused here
    for (const id of level) rest.delete(id);
    levels.push(level.sort());
  }
  return levels;
}

async function tellRest({ redis, prefix, report }: Reading): Promise<void> {
  for (const queue of (await redis.smembers(`${prefix}paused`)).sort()) {
    report.left.push({
      name: `the pause of queue ${queue}`,
      reason: "pause it here if it is to stay",
    });
  }
  const entries = await redis.hlen(`${prefix}cron:entries`);
  if (entries > 0) {
    const reason = "define them in gqm.yaml or in code";
    report.left.push({ name: `${entries} cron entries`, reason });
  }
}

async function main(): Promise<CarryReport> {
  const args = readArguments({ from: undefined, to: undefined, prefix: "gqm:" });
  const redis = new Redis(args.from);
  await using client = new Client({ store: args.to });
  try {
    return await carryFromGqm({ redis, prefix: args.prefix, client });
  } finally {
    redis.disconnect();
  }
}

if (import.meta.main) await runToEnd(main);
