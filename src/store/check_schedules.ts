/**
 * The rules for reading schedules and for fires that overlap, and what a history
 * says of a change, which stores share.
 *
 * @module
 */

import { checkInteger } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { isFinal, type JobStatus } from "../job/state.ts";
import type {
  FireOutcome,
  OverlapPolicy,
  ScheduleQuery,
  ScheduleRecord,
  ScheduleState,
} from "./schedule_stage.ts";

/** Most schedules, or lines of a history, of one page. */
const LARGEST_PAGE = 500;

/**
 * Checks a query.
 *
 * @throws {InvalidOptionError} If its limit is out of range.
 */
export function checkScheduleQuery(query: ScheduleQuery): void {
  const action = "read schedules";
  if ("due" in query) checkInteger(action, "due", query.due, 1, LARGEST_PAGE);
  if ("limit" in query) checkInteger(action, "limit", query.limit, 1, LARGEST_PAGE);
}

/**
 * Checks a page of a history; gives the number that its lines are below.
 *
 * @throws {InvalidOptionError} If it is out of range.
 */
export function checkHistoryPage(
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): number {
  const action = "read history of schedule";
  checkInteger(action, "limit", limit, 1, LARGEST_PAGE);
  if (cursor === undefined) return Infinity;
  if (/^\d{1,16}$/.test(cursor)) return Number(cursor);
  throw new InvalidOptionError(action, "cursor", "come from the page before", cursor);
}

/** Whether what a schedule is from now on differs from what it was by more than its next slot. */
export function isRedefined(before: ScheduleState, after: ScheduleState): boolean {
  return before.definition !== after.definition || before.source !== after.source ||
    before.scope !== after.scope || before.paused !== after.paused ||
    before.custom !== after.custom;
}

/** The `updatedAt` of a schedule that is redefined: it rises each time, also within a millisecond. */
export function redefinedAt({ updatedAt }: ScheduleRecord, now: number): number {
  return Math.max(now, updatedAt + 1);
}

/** The error of a job that a schedule stopped. */
export function replacedBy(scheduleId: string): string {
  return `replaced by schedule '${scheduleId}'`;
}

/** What becomes of a fire, by the status of its schedule's last job; undefined: that is not there. */
export function overlapOutcome(
  overlap: OverlapPolicy,
  last: JobStatus | undefined,
): Exclude<FireOutcome, "duplicate"> {
  if (last === undefined || isFinal(last) || overlap === "allow") return "fired";
  if (overlap === "replace") return "replaced";
  const hasBegun = last === "processing" || last === "retry";
  return overlap === "queueOne" && hasBegun ? "queued" : "skipped";
}
