/**
 * One thing done with many jobs, in steps of a bounded size.
 *
 * @module
 */

import { checkFunction, checkInteger, checkKeys, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { isJobType, isQueueName, QUEUE_RULE, TYPE_RULE } from "../job/names.ts";
import { type JobStatus, statuses } from "../job/state.ts";
import type { JobAction, Store } from "../store/store.ts";

/** Which jobs are meant. */
export interface JobFilter {
  /** The status that they are in. */
  readonly status: JobStatus;
  /** Only those of this queue. @default {all} */
  readonly queue?: string;
  /** Only those of this type. @default {all} */
  readonly type?: string;
}

/** How far one call goes. */
export interface BulkOptions {
  /** Most jobs to look at, at least 1. @default {all} */
  readonly limit?: number;
  /** Where a call before ended. */
  readonly cursor?: string;
  /** Ends the call between two steps. */
  readonly signal?: AbortSignal;
  /** Called after each step with what was done so far. */
  readonly onProgress?: (report: BulkReport) => void;
}

/** What was done. */
export interface BulkReport {
  /** Jobs that were changed. */
  readonly changed: number;
  /** Jobs that left the status meanwhile, or for which there was nothing to do. */
  readonly unchanged: number;
  /** Jobs that could not be changed, such as one whose parent has failed. */
  readonly refused: number;
  /** Where to go on; absent when all were looked at. */
  readonly cursor?: string;
}

/** A call for many jobs. */
export interface Bulk {
  readonly filter: JobFilter;
  readonly options: BulkOptions;
  readonly action: JobAction;
}

/** Jobs of one step. */
const STEP = 100;

/**
 * Goes through all jobs of a status, newest first: each is looked at once, also
 * if it comes back to the status meanwhile, and changed only while it is in it.
 */
export async function runBulk(
  action: string,
  open: () => Promise<Store>,
  { filter, options, action: what }: Bulk,
): Promise<BulkReport> {
  check(action, filter, options);
  const { limit = Infinity, signal, onProgress } = options;
  const store = await open();
  const { status, queue, type } = filter;
  const lines = {
    ...(queue === undefined ? {} : { queue }),
    ...(type === undefined ? {} : { type }),
  };
  let { cursor } = options;
  let looked = 0;
  let report: BulkReport = { changed: 0, unchanged: 0, refused: 0 };
  do {
    signal?.throwIfAborted();
    const page = await store.list({
      status,
      ...lines,
      limit: Math.min(STEP, limit - looked),
      ...(cursor === undefined ? {} : { cursor }),
    });
    looked += page.jobs.length;
    cursor = page.cursor;
    const replies = page.jobs.length === 0
      ? []
      : await store.act(page.jobs.map(({ id }) => id), what, status);
    const count = (of: readonly string[]): number =>
      replies.filter(({ outcome }) => of.includes(outcome)).length;
    report = {
      changed: report.changed + count(["done"]),
      unchanged: report.unchanged + count(["unchanged", "missing"]),
      refused: report.refused + count(["refused"]),
      ...(cursor === undefined ? {} : { cursor }),
    };
    onProgress?.(report);
  } while (cursor !== undefined && looked < limit);
  return report;
}

function check(action: string, filter: JobFilter, options: BulkOptions): void {
  checkKeys(action, filter, ["status", "queue", "type"], "filter");
  const { status, queue, type } = filter;
  checkOneOf(action, "filter.status", status, statuses);
  if (queue !== undefined && !isQueueName(queue)) {
    throw new InvalidOptionError(action, "filter.queue", QUEUE_RULE, queue);
  }
  if (type !== undefined && !isJobType(type)) {
    throw new InvalidOptionError(action, "filter.type", TYPE_RULE, type);
  }
  checkKeys(action, options, ["limit", "cursor", "signal", "onProgress"]);
  const { limit, onProgress } = options;
  if (limit !== undefined) checkInteger(action, "limit", limit, 1);
  if (onProgress !== undefined) checkFunction(action, "onProgress", onProgress);
}
