/**
 * The times of jobs by which lists and actions can be narrowed.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import { isFinal } from "../job/state.ts";
import type { ListQuery } from "./inspect_stage.ts";

/** A span of time that is asked for. */
export type TimeRange = Pick<ListQuery, "fromAt" | "toAt">;

/** Whether a query asks for a span of time. */
export function hasRange({ fromAt, toAt }: TimeRange): boolean {
  return fromAt !== undefined || toAt !== undefined;
}

/** Whether a query asks for delayed jobs of a span of time: they come by that time, the latest first. */
export function isByDueTime(query: ListQuery): boolean {
  return (query.status === "scheduled" || query.status === "retry") && hasRange(query);
}

type Timed = Pick<JobRecord, "status" | "createdAt" | "runAt" | "finishedAt" | "holder">;

/** The time that counts in the status of a job: its end, its due time, its claim, else its enqueue. */
function timeInStatus({ status, createdAt, runAt, finishedAt, holder }: Timed): number {
  if (isFinal(status)) return finishedAt ?? createdAt;
  return runAt ?? holder?.claimedAt ?? createdAt;
}

/** When a job or, if that has not, an attempt of it ended last; null if neither has. */
export function lastEnd(
  { finishedAt, attempts }: Pick<JobRecord, "finishedAt" | "attempts">,
): number | null {
  return finishedAt ?? attempts.at(-1)?.finishedAt ?? null;
}

/** Whether a job is within the span that a query asks for. */
export function isInRange({ fromAt = -Infinity, toAt = Infinity }: TimeRange, job: Timed): boolean {
  const at = timeInStatus(job);
  return fromAt <= at && at < toAt;
}
