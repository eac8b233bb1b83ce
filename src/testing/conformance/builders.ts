/**
 * Small makers of jobs, requests and verdicts, and the moves that most cases
 * begin with.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ClaimedJob, Failure, JobRecord } from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import type {
  ClaimRequest,
  ClaimSource,
  Hold,
  NewJob,
  Outcome,
  SettleResult,
  Store,
  Verdict,
} from "../../store/store.ts";

/** Lease of a claim unless a case says otherwise. */
export const LEASE_MS: number = 15_000;

/** A job of type "work" in queue "default", due now. */
export function newJob(id: string, fields: Partial<NewJob> = {}): NewJob {
  return {
    id,
    type: "work",
    queue: "default",
    priority: 0,
    payload: "{}",
    settings: {},
    ...fields,
  };
}

/** Jobs with ids `prefix0`, `prefix1` and so on. */
export function newJobs(count: number, prefix: string, fields: Partial<NewJob> = {}): NewJob[] {
  return Array.from({ length: count }, (_, i) => newJob(`${prefix}${i}`, fields));
}

/** What a job looks like that was enqueued, is due, and was never claimed. */
export const beginnings: Omit<
  JobRecord,
  "id" | "type" | "queue" | "priority" | "payload" | "settings" | "createdAt"
> = {
  status: "ready",
  runAt: null,
  startedAt: null,
  finishedAt: null,
  retryCount: 0,
  attemptsMade: 0,
  deliveries: 0,
  attempts: [],
  error: null,
  result: null,
  progress: null,
  logs: [],
  holder: null,
  pendingParents: [],
  canceledBy: null,
};

/** A source of type "work", by default without a share that would matter. */
export function source(
  queue: string | null,
  types: readonly string[] = ["work"],
  share: number = 1000,
): ClaimSource {
  return { queue, types, share };
}

/** A pool of "server-1" that takes up to 10 jobs of type "work" from all queues. */
export function claimRequest(fields: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    server: "server-1",
    pool: "pool-1",
    sources: [source(null)],
    limit: 10,
    leaseMs: LEASE_MS,
    ...fields,
  };
}

/** The verdict of a handler that returned. */
export function complete(result: string | null = null): Verdict {
  return { kind: "complete", result };
}

/** The verdict of a handler that failed and may try again. */
export function retryIn(delayMs: number, error: Failure = { message: "try again" }): Verdict {
  return { kind: "retry", delayMs, counted: true, error };
}

/** The verdict of a handler that failed for the last time. */
export function deadLetter(message: string = "gave up"): Verdict {
  return { kind: "dead_letter", error: { message } };
}

/** The verdict of a handler that called its job off. */
export function cancel(message: string = "called off"): Verdict {
  return { kind: "cancel", error: { message } };
}

/** The verdict of a server that gives a job back. */
export const release: Verdict = { kind: "release" };

/** The name of a claim. */
export function holdOf(job: ClaimedJob): Hold {
  return { id: job.id, fence: job.holder.fence };
}

/** The end of an attempt. */
export function outcome(job: ClaimedJob, verdict: Verdict, ranMs: number = 0): Outcome {
  return { ...holdOf(job), verdict, ranMs };
}

/** Enqueues jobs in one call, each a group of its own; all must be created. */
export async function put(store: Store, ...jobs: readonly NewJob[]): Promise<void> {
  const replies = await store.enqueue(jobs.map((job) => [job]));
  assert.equal(replies.length, jobs.length, "one reply per group");
  for (const [i, reply] of replies.entries()) {
    assert.equal(reply.outcome, "created", `job '${jobs[i]?.id}' must be created`);
  }
}

/** Claims, and checks what holds for every claim. */
export async function claim(
  store: Store,
  fields: Partial<ClaimRequest> = {},
): Promise<readonly ClaimedJob[]> {
  const request = claimRequest(fields);
  const { jobs } = await store.claim(request);
  assert.ok(jobs.length <= request.limit, `at most ${request.limit} jobs: ${jobs.length} claimed`);
  for (const job of jobs) {
    assert.equal(job.status, "processing", `status of claimed job '${job.id}'`);
    assert.ok(
      request.sources.some((one) => one.types.includes(job.type)),
      `job '${job.id}' of type '${job.type}' must be of a type that was asked for`,
    );
  }
  return jobs;
}

/** Claims, and returns the ids in order. */
export async function claimIds(
  store: Store,
  fields: Partial<ClaimRequest> = {},
): Promise<string[]> {
  return (await claim(store, fields)).map((job) => job.id);
}

/** Claims one job; there must be one. */
export async function claimOne(
  store: Store,
  fields: Partial<ClaimRequest> = {},
): Promise<ClaimedJob> {
  const [job] = await claim(store, { ...fields, limit: 1 });
  assert.ok(job !== undefined, "a job must be there to be claimed");
  return job;
}

/** Settles one claim and returns what became of it. */
export async function settle(
  store: Store,
  job: ClaimedJob,
  verdict: Verdict,
  ranMs: number = 0,
): Promise<SettleResult> {
  const { results } = await store.settle({ outcomes: [outcome(job, verdict, ranMs)] });
  assert.equal(results.length, 1, "one result per outcome");
  return results[0]!;
}

/** Enqueues a job, claims exactly it, and settles it; returns its claim. */
export async function runJob(store: Store, job: NewJob, verdict: Verdict): Promise<ClaimedJob> {
  await put(store, job);
  const claimed = await claimOne(store, { sources: [source(job.queue, [job.type])] });
  assert.equal(claimed.id, job.id, "the job just enqueued is the one claimed");
  assert.equal(await settle(store, claimed, verdict), "ok", `settling job '${job.id}'`);
  return claimed;
}

/** Reads a job that must be there. */
export async function read(store: Store, id: string): Promise<JobRecord> {
  const [record] = await store.getJobs([id]);
  assert.ok(record !== null && record !== undefined, `job '${id}' must be there`);
  return record;
}

/** Reads the statuses of jobs; null for one that is not there. */
export async function statusesOf(store: Store, ...ids: string[]): Promise<(JobStatus | null)[]> {
  return (await store.getJobs(ids)).map((record) => record?.status ?? null);
}

/** Takes the named fields of a record, to compare them at once. */
export function pick<T extends object, K extends keyof T>(value: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Pick<T, K>;
}

/** Counts as `queue/type/status` → count; every row must be positive and there once. */
export async function tally(store: Store): Promise<Record<string, number>> {
  const result: Record<string, number> = {};
  for (const { queue, type, status, count } of await store.counts()) {
    const key = `${queue}/${type}/${status}`;
    assert.ok(count > 0, `count of '${key}' must be > 0: current value is ${count}`);
    assert.ok(!(key in result), `count of '${key}' must be given once`);
    result[key] = count;
  }
  return result;
}
