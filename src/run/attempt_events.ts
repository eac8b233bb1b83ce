/**
 * What a server tells of its attempts.
 *
 * @module
 */

import type { EventBus } from "../events/bus.ts";
import type { AttemptEvent, ServerEvent } from "../events/event.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { EndName } from "../metrics/attempt_counts.ts";
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

const END_OF = {
  complete: "completed",
  retry: "retried",
  dead_letter: "dead_lettered",
  cancel: "canceled",
  release: "released",
} as const;

/** The event that tells of an end. */
const EVENT_OF = {
  completed: "job.completed",
  retried: "job.retried",
  dead_lettered: "job.dead_lettered",
  canceled: "job.canceled",
  released: "job.released",
  lost: "job.lost",
} as const;

/**
 * How an attempt ended, in a word.
 *
 * @param settled What the store said; undefined where it was not asked.
 */
export function endOf({ verdict, canceled }: AttemptResult, settled?: SettleResult): EndName {
  if (canceled !== undefined) return "canceled";
  return verdict === undefined || settled === "lost" ? "lost" : END_OF[verdict.kind];
}

/**
 * Tells how an attempt ended.
 *
 * @param settled What the store said; undefined where it was not asked.
 */
export function tellEnd(
  events: ServerEvents,
  claimed: ClaimedJob,
  result: AttemptResult,
  settled?: SettleResult,
): void {
  const { verdict, canceled, ranMs } = result;
  if (!events.hears(EVENT_OF[endOf(result, settled)])) return;
  const end = { ...attemptEvent(claimed), ranMs };
  if (canceled !== undefined) {
    events.emit({ event: "job.canceled", ...end, error: canceled.reason });
  } else if (verdict === undefined || settled === "lost") {
    events.emit({ event: "job.lost", ...end });
  } else if (verdict.kind === "retry") {
    const { delayMs, error } = verdict;
    events.emit({ event: "job.retried", ...end, delayMs, error: error.message });
  } else if (verdict.kind === "complete" || verdict.kind === "release") {
    events.emit({ event: EVENT_OF[END_OF[verdict.kind]], ...end });
  } else {
    const { message: error } = verdict.error;
    events.emit({ event: EVENT_OF[END_OF[verdict.kind]], ...end, error });
  }
}
