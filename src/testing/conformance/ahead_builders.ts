/**
 * What the cases of claims ahead share.
 *
 * @module
 */

import type { ClaimedJob } from "../../job/job.ts";
import type { ClaimRequest, StartMark, Store } from "../../store/store.ts";
import { claim, LEASE_MS } from "./builders.ts";
import type { ConformanceHarness } from "./harness.ts";

/** Reaps all, with more deliveries than any case needs. */
export const reapAll = { limit: 1000, maxDeliveries: 5 } as const;

/** The mark of the pool that cases claim for. */
export function mark(unstartedFrom: number | null, fields: Partial<StartMark> = {}): StartMark {
  return { server: "server-1", pool: "pool-1", unstartedFrom, ...fields };
}

/** Claims so many jobs to start at once, and so many ahead. */
export function claimAhead(
  store: Store,
  now: number,
  ahead: number,
  fields: Partial<ClaimRequest> = {},
): Promise<readonly ClaimedJob[]> {
  return claim(store, { limit: now + ahead, ahead, ...fields });
}

/** Lets all leases end, and reaps; tells which of some jobs count as started. */
export async function startedOnes(
  h: ConformanceHarness,
  store: Store,
  jobs: readonly ClaimedJob[],
): Promise<string[]> {
  await h.advance(LEASE_MS);
  await store.reap(reapAll);
  const records = await store.getJobs(jobs.map(({ id }) => id));
  const deliveries = new Map(jobs.map((job) => [job.id, job.deliveries]));
  return records.filter((one) => one !== null)
    .filter((one) => one.deliveries > deliveries.get(one.id)!)
    .map(({ id }) => id);
}

/** Ids of those that are suspect. */
export function suspects(jobs: readonly ClaimedJob[]): string[] {
  return jobs.filter((job) => job.suspect === true).map(({ id }) => id);
}

/** A suspect job "a", ready to be claimed. */
export async function makeSuspect(h: ConformanceHarness, store: Store): Promise<void> {
  await claimAhead(store, 0, 10);
  await h.advance(LEASE_MS);
  await store.reap(reapAll);
}
