/**
 * What a server tells of its attempts.
 *
 * @module
 */

import type { EventBus } from "../events/bus.ts";
import type { AttemptEvent, ServerEvent } from "../events/event.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { SettleResult } from "../store/store.ts";
import type { AttemptResult } from "./attempt.ts";

/** Where a server's events go. */
export type ServerEvents = EventBus<ServerEvent>;

/** What every event of an attempt says. */
export function attemptEvent(
  { id, type, queue, attemptsMade, holder }: ClaimedJob,
): Omit<AttemptEvent, "event" | "at"> {
  return { id, type, queue, pool: holder.pool, attempt: attemptsMade + 1 };
}

/** Tells that a handler begins. */
export function tellStart(events: ServerEvents, claimed: ClaimedJob): void {
  if (events.hears("job.started")) events.emit({ event: "job.started", ...attemptEvent(claimed) });
}

const EVENT_OF = {
  complete: "job.completed",
  retry: "job.retried",
  dead_letter: "job.dead_lettered",
  cancel: "job.canceled",
  release: "job.released",
} as const;

/**
 * Tells how an attempt ended.
 *
 * @param settled What the store said; undefined where it was not asked.
 */
export function tellEnd(
  events: ServerEvents,
  claimed: ClaimedJob,
  { verdict, canceled, ranMs }: AttemptResult,
  settled?: SettleResult,
): void {
  const event = canceled !== undefined
    ? "job.canceled"
    : verdict === undefined || settled === "lost"
    ? "job.lost"
    : EVENT_OF[verdict.kind];
  if (!events.hears(event)) return;
  const end = { ...attemptEvent(claimed), ranMs };
  if (canceled !== undefined) {
    events.emit({ event: "job.canceled", ...end, error: canceled.reason });
  } else if (verdict === undefined || settled === "lost") {
    events.emit({ event: "job.lost", ...end });
  } else if (verdict.kind === "retry") {
    const { delayMs, error } = verdict;
    events.emit({ event: "job.retried", ...end, delayMs, error: error.message });
  } else if (verdict.kind === "complete" || verdict.kind === "release") {
    events.emit({ event: EVENT_OF[verdict.kind], ...end });
  } else {
    events.emit({ event: EVENT_OF[verdict.kind], ...end, error: verdict.error.message });
  }
}
