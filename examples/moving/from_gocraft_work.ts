/**
 * Carries what waits in gocraft/work over to GQM: waiting, scheduled, retry and interrupted jobs, and
 * dead ones as canceled jobs, each once however often this runs. No worker pool may run there. Its
 * keys are only read.
 *
 *     node from_gocraft_work.ts --namespace my_app --from redis://localhost:6379 --to redis://localhost:6379
 *
 * All jobs go to the queue `--queue`, `default` unless you say otherwise: there each name has a line of
 * its own, and here a queue serves any number of types.
 */

import { Redis } from "ioredis";
import { Client } from "../../mod.ts"; // elsewhere "@gqm/gqm"
import {
  carry,
  type CarryReport,
  newId,
  newReport,
  type OldJob,
  readArguments,
  runToEnd,
} from "./carry.ts";
import { byScore, exactly, fromRight } from "./read.ts";

/** What is carried over, and from where. */
export interface FromWorkOptions {
  /** Where it is. */
  readonly redis: Redis;
  /** Its namespace. */
  readonly namespace: string;
  /** The queue that takes the jobs. @default {"default"} */
  readonly queue?: string;
  /** A client of the store that takes the jobs. */
  readonly client: Client;
}

/** A job of gocraft/work, as its JSON says it. */
interface WorkJob {
  readonly name: string;
  readonly id: string;
  /** Seconds since 1970; renewed when a retry becomes due. */
  readonly t: number;
  readonly args?: unknown;
  readonly unique?: boolean;
  readonly unique_key?: string;
  readonly fails?: number;
  readonly err?: string;
}

/** What is known while jobs are read. */
interface Reading {
  readonly redis: Redis;
  readonly namespace: string;
  readonly queue: string;
  readonly report: CarryReport;
  /** Occurrences of periodic jobs. */
  periodic: number;
}

/** Where a job was found. */
type Place = "inprogress" | "line" | "retry" | "scheduled" | "dead";

/** A pool whose heartbeat is older counts as dead there too. */
const DEAD_AFTER_S = 10;

/**
 * Carries the jobs over.
 *
 * @throws {Error} If a worker pool runs.
 */
export async function carryFromWork(options: FromWorkOptions): Promise<CarryReport> {
  const { redis, queue = "default", client } = options;
  const namespace = options.namespace.replace(/:?$/, ":");
  const report = newReport();
  const reading: Reading = { redis, namespace, queue, report, periodic: 0 };
  const pools = (await redis.smembers(`${namespace}worker_pools`)).sort();
  const [nowS] = await redis.time();
  for (const pool of pools) {
    const beat = await redis.hget(`${namespace}worker_pools:${pool}`, "heartbeat_at");
    if (Number(beat ?? 0) > Number(nowS) - DEAD_AFTER_S) {
      throw new Error(`Cannot move jobs as no worker pool may run: current value is ${pool}`);
    }
  }

  for (const name of (await redis.smembers(`${namespace}known_jobs`)).sort()) {
    const line = `${namespace}jobs:${name}`;
    for (const pool of pools) { // what a pool that died was working on
      await carry(client, waiting(reading, `${line}:${pool}:inprogress`, "inprogress"), report);
    }
    await carry(client, waiting(reading, line, "line"), report);
  }
  await carry(client, timed(reading, "retry"), report);
  await carry(client, timed(reading, "scheduled"), report);
  await carry(client, timed(reading, "dead"), report);
  if (reading.periodic > 0) {
    const name = `${reading.periodic} periodic jobs`;
    report.left.push({ name, reason: "a schedule enqueues them here" });
  }
  return report;
}

async function* waiting(reading: Reading, key: string, place: Place): AsyncGenerator<OldJob> {
  for await (const text of fromRight(reading.redis, key)) yield* oldJob(reading, text, place);
}

async function* timed(
  reading: Reading,
  place: "retry" | "scheduled" | "dead",
): AsyncGenerator<OldJob> {
  for await (const [text, atS] of byScore(reading.redis, `${reading.namespace}${place}`)) {
    yield* oldJob(reading, text, place, atS * 1000);
  }
}

/** One job, or none: what is not as it should be is told in the report. */
async function* oldJob(
  reading: Reading,
  text: string,
  place: Place,
  atMs = 0,
): AsyncGenerator<OldJob> {
  try {
    const read = exactly(text) as WorkJob;
    if (place === "scheduled" && read.id.startsWith("periodic:")) {
      reading.periodic++;
      return;
    }
    const isFirst = place === "line" || place === "scheduled";
    const { name, id, args = null, err = "", fails = 0 } = isFirst
      ? await newest(reading, read)
      : read;
    const options = {
      id: newId("work", name, id),
      queue: reading.queue,
      ...(place === "scheduled" || place === "retry" ? { runAt: atMs } : {}),
      meta: { movedFrom: { system: "gocraft/work", id, fails } },
    };
    const moved = { name: `${name} ${id}`, type: name, payload: args, options };
    yield place === "dead" ? { ...moved, failed: err } : moved;
  } catch (error) {
    reading.report.refused.push({ name: text.slice(0, 100), error: String(error) });
  }
}

/** A unique job stands in line with its first arguments; the newest ones are below its key. */
async function newest({ redis }: Reading, job: WorkJob): Promise<WorkJob> {
  if (!job.unique || !job.unique_key) return job;
  const text = await redis.get(job.unique_key);
  if (text === null || text === "1") return job;
  return { ...job, args: (exactly(text) as WorkJob).args };
}

async function main(): Promise<CarryReport> {
  const args = readArguments({
    namespace: undefined,
    from: undefined,
    to: undefined,
    queue: "default",
  });
  const redis = new Redis(args.from);
  await using client = new Client({ store: args.to });
  const { namespace, queue } = args;
  try {
    return await carryFromWork({ redis, namespace, queue, client });
  } finally {
    redis.disconnect();
  }
}

if (import.meta.main) await runToEnd(main);
