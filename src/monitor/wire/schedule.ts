/**
 * Schedules on the wire, with what somebody needs who edits them. `wire/cron.ts` has them as GQM (Go) does.
 *
 * @module
 */

import type { Schedule } from "../../schedule/schedule.ts";
import type { ScheduleEntry } from "../../store/store.ts";
import { itemOptions, optionsOnWire } from "../enqueue/item.ts";
import {
  any,
  boolean,
  described,
  integer,
  list,
  named,
  nullable,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";
import { OUTCOMES, type ScheduleView, shownError, shownNote } from "./cron.ts";
import { fireTimeSchema, nextFires } from "./fire_time.ts";
import { catchUpSchema, overlapSchema } from "./schedule_rules.ts";

/** How many of the next fires are told. */
const FIRES_TOLD = 5;

const outcome: Schema = oneOf(...OUTCOMES);

const rules: Readonly<Record<string, Schema>> = {
  id: text,
  type: text,
  queue: text,
  priority: integer,
  "cron?": text,
  "every_ms?": integer,
  custom: described(boolean, "Whether a function of a program says its slots"),
  time_zone: text,
  "start_at_ms?": integer,
  "end_at_ms?": integer,
  overlap: overlapSchema,
  catch_up: catchUpSchema,
  jitter_ms: integer,
  run_on_start: described(boolean, "Whether it fires when a server that defines it starts"),
  at_front: boolean,
};

const state: Readonly<Record<string, Schema>> = {
  enabled: boolean,
  ended: described(boolean, "Whether it has no more slots"),
  source: described(
    oneOf("code", "config", "runtime"),
    "Who defined it: a program, its configuration, or somebody at run time, as through this API. " +
      "Only the last can be changed here",
  ),
  "scope?": described(text, "The set of schedules of a program that it belongs to"),
  "next_at_ms?": described(integer, "Its next slot"),
  "last_slot_at_ms?": described(integer, "The newest slot that came, whatever became of it"),
  "last_fired_at_ms?": described(integer, "When a job of it was enqueued last"),
  "last_outcome?": outcome,
  "last_job_id?": text,
  created_at_ms: integer,
  updated_at_ms: described(
    integer,
    "When it was defined, enabled or disabled last; it rises each time",
  ),
  "error?": described(text, "Why it cannot be read"),
};

const runSchema: Schema = object({
  at_ms: described(integer, "When it was written"),
  slot_at_ms: integer,
  kind: described(oneOf("slot", "trigger", "start"), "Why it came to fire"),
  outcome,
  job_id: described(nullable(text), "The job; of a skipped slot the one in the way; null for none"),
  "count?": described(integer, "Of how many slots it tells, if more than one"),
  "note?": text,
});

/** A schedule of a list. */
export const scheduleSchema: Schema = named("ScheduleSummary", object({ ...rules, ...state }));

/** A schedule that is shown alone. */
export const scheduleDetailsSchema: Schema = named(
  "ScheduleDetails",
  object({
    ...rules,
    "payload?": any,
    "meta?": any,
    ...itemOptions("max_retry", "backoff", "timeout_ms", "trace", "limit_key", "retention"),
    ...itemOptions("dead_letter"),
    "enqueued_by?": text,
    ...state,
    next_fires: described(list(fireTimeSchema), "The next 5, without jitter; none while disabled"),
    last_runs: described(list(runSchema), "What became of the newest slots, newest first"),
  }),
);

/** Puts a schedule on the wire, as lists have it. */
export function scheduleOnWire(
  schedule: Schedule,
  view: ScheduleView,
): Readonly<Record<string, unknown>> {
  const { overlap, catchUp } = schedule;
  return {
    id: schedule.id,
    type: schedule.type,
    queue: schedule.queue,
    priority: schedule.priority,
    cron: schedule.cron,
    every_ms: schedule.everyMs,
    custom: schedule.custom,
    time_zone: schedule.timeZone,
    start_at_ms: schedule.startAt,
    end_at_ms: schedule.endAt,
    overlap: overlap === "queueOne" ? "queue_one" : overlap,
    catch_up: typeof catchUp === "object" ? catchUp.all : catchUp,
    jitter_ms: schedule.jitterMs,
    run_on_start: schedule.runOnStart,
    at_front: schedule.atFront,
    enabled: !schedule.paused,
    ended: schedule.ended,
    source: schedule.source,
    scope: schedule.scope,
    next_at_ms: schedule.nextAt,
    last_slot_at_ms: schedule.lastSlotAt,
    last_fired_at_ms: schedule.lastFiredAt,
    last_outcome: schedule.lastOutcome,
    last_job_id: schedule.lastJobId,
    created_at_ms: schedule.createdAt,
    updated_at_ms: schedule.updatedAt,
    error: shownError(schedule, view),
  };
}

/** Puts a schedule on the wire with all that is known of it. */
export function scheduleDetails(
  schedule: Schedule,
  view: ScheduleView,
  history: readonly ScheduleEntry[],
): Readonly<Record<string, unknown>> {
  const { type, payload, settings } = schedule;
  const { meta, enqueuedBy } = settings;
  const { maxRetry, backoff, timeoutMs, trace, limitKey, retention, deadLetter } = settings;
  const { redactor, role } = view;
  const shown = redactor.apply({ payload, result: undefined, meta }, type, role);
  return {
    ...scheduleOnWire(schedule, view),
    payload: shown.payload,
    meta: shown.meta,
    ...optionsOnWire({ maxRetry, backoff, timeoutMs, trace, limitKey, retention, deadLetter }),
    enqueued_by: enqueuedBy,
    next_fires: nextFires(schedule, FIRES_TOLD),
    last_runs: history.map((entry) => runOnWire(entry, view)),
  };
}

function runOnWire(entry: ScheduleEntry, view: ScheduleView): object {
  const { at, slotAt, kind, outcome, jobId = null, count } = entry;
  const note = shownNote(entry, view);
  return { at_ms: at, slot_at_ms: slotAt, kind, outcome, job_id: jobId, count, note };
}
