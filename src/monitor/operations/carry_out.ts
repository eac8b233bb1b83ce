/**
 * Carrying out an operation, from where it stands to its end:
 *
 *     find the next jobs -> look whose it is -> write down which -> do it with them
 *
 * The runner may die anywhere. Whoever goes on begins with the jobs that are written down: those that
 * are no longer as they were found were dealt with, the others are next.
 *
 * @module
 */

import { type Clock, sleep } from "../../clock.ts";
import { findJobs } from "../../insight/search.ts";
import type { JobRecord } from "../../job/job.ts";
import type { Store } from "../../store/store.ts";
import type { Redactor } from "../redact.ts";
import { doWithJobs, withOutcomes } from "./do_with_jobs.ts";
import {
  boundedQuery,
  isPart,
  noCounts,
  type Operation,
  type OperationEnd,
  type OperationOrder,
  type OperationProgress,
  searchedFor,
} from "./operation.ts";
import { readSigns, saveProgress } from "./operation_memos.ts";

/** Most jobs with which it is done at once: their ids have room in a memo, however long they are. */
const STEP_JOBS = 100;

/** What an operation is carried out with. */
export interface Means {
  readonly store: Store;
  readonly clock: Clock;
  /** Who carries it out. */
  readonly runner: string;
  /** What of jobs is hidden from whom: it cannot be searched for either. */
  readonly redactor: Redactor;
  /** Aborts when it is to be left to others. */
  readonly signal: AbortSignal;
}

/**
 * Carries out an operation that is the runner's.
 *
 * @returns How it ended; undefined if it is no longer the runner's, or the signal aborted.
 * @throws What the store throws; the operation stands where it was.
 * @throws {InvalidOptionError} If there is no going on.
 */
export async function carryOut(
  { store, clock, runner, redactor, signal }: Means,
  { order, progress: saved }: Operation,
): Promise<OperationEnd | undefined> {
  const now = await storeTime(store, clock);
  let progress = saved ?? begun(now());
  let next = await stillMeant(store, order, progress.pending);
  // With the others it was done by whoever wrote them down.
  progress = { ...progress, changed: progress.changed + progress.pending.length - next.length };
  while (true) {
    const outcomes = await doWithJobs(store, order, next);
    progress = { ...progress, ...withOutcomes(progress, outcomes), pending: [] };
    // The loop of events has a turn, and others have theirs at the store.
    await sleep(clock, 0, signal);
    if (signal.aborted) return undefined;
    if (progress.isThrough) return endOf(progress, "completed", now());
    const found = await findNext(store, order, progress, redactor);
    const { isMine, canceledBy } = await readSigns(store, order.id, runner);
    if (!isMine) return undefined;
    if (canceledBy !== undefined) return { ...endOf(progress, "canceled", now()), canceledBy };
    next = found.next;
    progress = { ...found.progress, updatedAt: now(), pending: next.map(({ id }) => id) };
    await saveProgress(store, order.id, progress, runner);
  }
}

/** How an operation ended that stood so. */
export function endOf(
  { startedAt, looked, matched, changed, unchanged, refused }: OperationProgress,
  state: OperationEnd["state"],
  endedAt: number,
): OperationEnd {
  return { state, startedAt, endedAt, looked, matched, changed, unchanged, refused };
}

/** The store's time from now on: asked once, and measured from then. */
async function storeTime(store: Store, clock: Clock): Promise<() => number> {
  const { now } = await store.schedules({ ids: [] });
  const since = clock.mono();
  return () => now + Math.round(clock.mono() - since);
}

/** How an operation stands that nobody has begun. */
export function begun(now: number): OperationProgress {
  return { ...noCounts, startedAt: now, updatedAt: now, isThrough: false, pending: [] };
}

/** Finds the jobs that come next, and the place after them. */
async function findNext(
  store: Store,
  order: OperationOrder,
  progress: OperationProgress,
  redactor: Redactor,
): Promise<{ next: readonly JobRecord[]; progress: OperationProgress }> {
  const see = searchedFor(order, redactor);
  const options = { limit: STEP_JOBS, cursor: progress.cursor, see };
  const { jobs, scanned, cursor } = await findJobs(store, boundedQuery(order), options);
  const next = jobs.filter((job) => isPart(order, job));
  const { cursor: _place, ...rest } = progress;
  return {
    next,
    progress: {
      ...rest,
      ...cursor === undefined ? {} : { cursor },
      looked: progress.looked + Math.max(scanned, jobs.length),
      matched: progress.matched + next.length,
      isThrough: cursor === undefined,
    },
  };
}

/** Those of the jobs that are still as they were when they were found. */
async function stillMeant(
  store: Store,
  order: OperationOrder,
  ids: readonly string[],
): Promise<readonly JobRecord[]> {
  const jobs = ids.length === 0 ? [] : await store.getJobs(ids);
  return jobs.filter((job) => job !== null)
    .filter((job) => order.query.statuses.includes(job.status) && isPart(order, job));
}
