/**
 * What the cases of limits share.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ClaimedJob } from "../../job/job.ts";
import type { LimitRow, LimitTarget, NewJob, RuleLimits, Store } from "../../store/store.ts";
import { claim, claimRequest, newJob, settle, source } from "./builders.ts";

/** A rule of type "work". */
export const work: LimitTarget = { type: "work" };
/** A rule of each key of type "work". */
export const eachKey: LimitTarget = { type: "work", perKey: true };

/** A job with a limit key. */
export function keyed(id: string, limitKey: string, fields: Partial<NewJob> = {}): NewJob {
  return newJob(id, { ...fields, settings: { ...fields.settings, limitKey } });
}

/** So many claims at once. */
export function atOnce(concurrency: number): RuleLimits {
  return { concurrency };
}

/** So many claims in a time. */
export function perTime(count: number, perMs: number, burst: number = count): RuleLimits {
  return { rate: { count, perMs, burst } };
}

/** Sets a rule; there must be room for it. */
export async function limit(
  store: Store,
  target: LimitTarget,
  limits: RuleLimits | null,
): Promise<void> {
  assert.equal(await store.setLimit(target, limits), true, "the rule must be set");
}

/** What is said of a rule; undefined if there is none. */
export async function rowOf(store: Store, target: LimitTarget): Promise<LimitRow | undefined> {
  const name = (one: LimitTarget): string =>
    "key" in one ? `key ${one.key}` : `type ${one.type} ${one.perKey === true}`;
  return (await store.limits()).find((row) => name(row.target) === name(target));
}

/** All types that the cases use. */
export const all = { sources: [source(null, ["work", "other", "third"])] } as const;

/** Claims of all types, one call; the jobs by id. */
export async function take(store: Store, limit: number = 100): Promise<Map<string, ClaimedJob>> {
  const jobs = await claim(store, { ...all, limit });
  return new Map(jobs.map((job) => [job.id, job]));
}

/** The same, as ids in order. */
export async function takeIds(store: Store, limit: number = 100): Promise<string[]> {
  return [...(await take(store, limit)).keys()];
}

/** How long a claim of all types that finds nothing says that it may sleep. */
export async function sleepMs(store: Store): Promise<number | null> {
  const { jobs, nextDueInMs } = await store.claim(claimRequest(all));
  assert.deepEqual(jobs.map(({ id }) => id), [], "nothing may be claimed");
  return nextDueInMs;
}

/** Completes jobs. */
export async function end(
  store: Store,
  ...jobs: readonly (ClaimedJob | undefined)[]
): Promise<void> {
  for (const job of jobs) {
    assert.ok(job !== undefined, "the job must have been claimed");
    assert.equal(await settle(store, job, { kind: "complete", result: null }), "ok");
  }
}
