/**
 * The statuses of a job and the legal moves between them: the one table that
 * stores, docs and dashboards follow.
 *
 * @module
 */

/** Where a job is in its life. A job is in exactly one status at any time. */
export type JobStatus =
  | "ready"
  | "scheduled"
  | "deferred"
  | "processing"
  | "retry"
  | "completed"
  | "dead_letter"
  | "canceled"
  | "stopped"
  | "failed";

/** Every status, in the order in which a job usually meets them. */
export const statuses: readonly JobStatus[] = [
  "ready",
  "scheduled",
  "deferred",
  "processing",
  "retry",
  "completed",
  "dead_letter",
  "canceled",
  "stopped",
  "failed",
];

/** The statuses that end a job. Only retention or a person moves it from there. */
export const finalStatuses: readonly JobStatus[] = [
  "completed",
  "dead_letter",
  "canceled",
  "stopped",
  "failed",
];

/** One legal move. `new` is a job not yet stored, `gone` one removed for good. */
export interface Transition {
  /** Status before. */
  readonly from: JobStatus | "new";
  /** Status after. */
  readonly to: JobStatus | "gone";
  /** Who makes the move, and when. */
  readonly by: string;
}

/** Every legal move. What is not listed here must not happen. */
export const transitions: readonly Transition[] = [
  { from: "new", to: "ready", by: "enqueue" },
  { from: "new", to: "scheduled", by: "enqueue with delayMs or runAt in the future" },
  { from: "new", to: "deferred", by: "enqueue with parents that are not final" },
  { from: "new", to: "canceled", by: "enqueue, when a parent has failed and the edge says cancel" },
  { from: "deferred", to: "ready", by: "release, when the last parent allows it" },
  { from: "deferred", to: "scheduled", by: "release of a job with a delay of its own" },
  { from: "deferred", to: "canceled", by: "release, when a parent failed; cancel; expire" },
  { from: "scheduled", to: "ready", by: "promote, when due or when told" },
  { from: "retry", to: "ready", by: "promote, when due or when told" },
  { from: "ready", to: "scheduled", by: "enqueue of the same work, which debounces it" },
  { from: "scheduled", to: "canceled", by: "expire, when expireAt has passed; cancel" },
  { from: "ready", to: "canceled", by: "expire or claim, when expireAt has passed; cancel" },
  { from: "retry", to: "canceled", by: "cancel" },
  { from: "ready", to: "processing", by: "claim" },
  { from: "processing", to: "completed", by: "settle, after the handler returned" },
  { from: "processing", to: "retry", by: "settle, after a failure with retries left" },
  {
    from: "processing",
    to: "dead_letter",
    by: "settle, after the last failure; reap, when delivered maxDeliveries times",
  },
  { from: "processing", to: "canceled", by: "settle, when the handler threw Cancel; cancel" },
  {
    from: "processing",
    to: "ready",
    by: "settle, when a stopping server gives back; reap, when the lease ended",
  },
  ...(["ready", "scheduled", "deferred", "processing", "retry"] as const).map((
    from,
  ): Transition => ({ from, to: "stopped", by: "changeSchedule, when its schedule replaces it" })),
  ...(["dead_letter", "canceled", "stopped", "failed"] as const).flatMap((from): Transition[] => [
    { from, to: "ready", by: "retry" },
    { from, to: "deferred", by: "retry, when a parent is not final" },
  ]),
  ...(["ready", "scheduled", "deferred", "processing", "retry"] as const).map((
    from,
  ): Transition => (
    { from, to: "failed", by: "check, when its record cannot be read" }
  )),
  ...finalStatuses.map((from): Transition => ({ from, to: "gone", by: "retention; remove" })),
  ...(["ready", "scheduled", "deferred", "retry"] as const).map((from): Transition => (
    { from, to: "gone", by: "remove" }
  )),
];

const finals: ReadonlySet<string> = new Set(finalStatuses);

/**
 * Tells whether a status ends a job.
 *
 * @example
 * ```ts
 * import { isFinal } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * equal(isFinal("completed"), true);
 * equal(isFinal("retry"), false);
 * ```
 */
export function isFinal(status: JobStatus): boolean {
  return finals.has(status);
}

/** Tells whether the table allows a job to move from one status to another. */
export function canMove(from: Transition["from"], to: Transition["to"]): boolean {
  return transitions.some((move) => move.from === from && move.to === to);
}
