/**
 * Schedules on the wire: as the cron entries of GQM (Go), and what ours have beyond that. Numbers are
 * numbers here; times are epoch seconds.
 *
 * @module
 */

import type { Schedule } from "../../schedule/schedule.ts";
import type { ScheduleEntry, ScheduleOutcome } from "../../store/store.ts";
import type { Role } from "../auth/principal.ts";
import { REDACTED, type Redactor } from "../redact.ts";
import {
  any,
  boolean,
  described,
  integer,
  named,
  nullable,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";
import { seconds, spanSeconds } from "./time.ts";

/** What a history tells. */
export const OUTCOMES: readonly ScheduleOutcome[] = [
  ...["fired", "skipped", "queued", "replaced", "duplicate", "missed", "error"] as const,
];
/** What became of a slot for which there is a job. */
const FIRED: readonly ScheduleOutcome[] = ["fired", "queued", "replaced", "duplicate"];

const UNREADABLE = "it cannot be read";

/** An entry, with what its last run is. */
function entrySchema(lastRun: Schema): Schema {
  return object({
    id: text,
    name: described(text, "The id: ours have no other name"),
    cron_expr: described(text, "Cron expression; `@every 30s` for an interval, `@custom` for code"),
    timezone: text,
    job_type: text,
    queue: text,
    "payload?": any,
    "timeout?": described(integer, "Time limit of an attempt, in seconds"),
    "max_retry?": integer,
    overlap_policy: oneOf("skip", "allow", "replace", "queue_one"),
    enabled: boolean,
    "last_run?": lastRun,
    "last_status?": oneOf("triggered", "skipped", "error"),
    "next_run?": described(integer, "-1 if it has no more slots; absent while it is disabled"),
    created_at: integer,
    updated_at: integer,
    priority: integer,
    "every_ms?": described(integer, "Interval between two slots"),
    "start_at?": described(integer, "No slot before this"),
    "end_at?": described(integer, "No slot after this"),
    catch_up: described(
      { anyOf: [oneOf("none", "latest"), integer] },
      "Of how many of the slots that were missed a job is made",
    ),
    jitter_ms: described(integer, "Up to how much later than its slot it fires"),
    run_on_start: described(boolean, "Whether it fires when a server that defines it starts"),
    source: described(oneOf("code", "config", "runtime"), "Who defined it"),
    "scope?": described(text, "The set of schedules of a program that it belongs to"),
    "last_outcome?": described(oneOf(...OUTCOMES), "What became of its last slot, in our words"),
    "last_job_id?": text,
    "error?": described(text, "Why it cannot be read"),
  });
}

const lastRunSchema = object({ job_id: text, triggered_at: integer });

/** An entry of the list on the wire. */
export const listedEntrySchema: Schema = named("ListedSchedule", entrySchema(integer));
/** One entry on the wire. */
export const oneEntrySchema: Schema = named("Schedule", entrySchema(lastRunSchema));
/** A line of a history on the wire. */
export const historySchema: Schema = named(
  "Fire",
  object({
    job_id: described(
      nullable(text),
      "The job; of a skipped slot the one in the way; null for none",
    ),
    triggered_at: described(integer, "When it was written, in epoch seconds"),
    outcome: oneOf(...OUTCOMES),
    kind: described(oneOf("slot", "trigger", "start"), "Why it came to fire"),
    slot_at: described(integer, "The slot, in epoch seconds"),
    "count?": described(integer, "Of how many slots it tells, if more than one"),
    "note?": text,
  }),
);

/** What must be known beside a schedule to show it. */
export interface ScheduleView {
  /** What is not shown to everyone. */
  readonly redactor: Redactor;
  /** Who looks. */
  readonly role: Role;
}

/** Puts a schedule on the wire. */
export function entryOnWire(
  schedule: Schedule,
  { redactor, role }: ScheduleView,
): Readonly<Record<string, unknown>> {
  const { id, settings, catchUp, paused, ended, lastOutcome } = schedule;
  const hidden = { payload: schedule.payload, result: undefined, meta: undefined };
  return {
    id,
    name: id,
    cron_expr: expressionOf(schedule),
    timezone: schedule.timeZone,
    job_type: schedule.type,
    queue: schedule.queue,
    payload: redactor.apply(hidden, schedule.type, role).payload,
    timeout: settings.timeoutMs === undefined ? undefined : spanSeconds(settings.timeoutMs),
    max_retry: settings.maxRetry,
    overlap_policy: schedule.overlap === "queueOne" ? "queue_one" : schedule.overlap,
    enabled: !paused,
    last_run: optionalSeconds(schedule.lastFiredAt),
    last_status: lastOutcome && statusOf(lastOutcome),
    next_run: ended ? -1 : optionalSeconds(schedule.nextAt),
    created_at: seconds(schedule.createdAt),
    updated_at: seconds(schedule.updatedAt),
    priority: schedule.priority,
    every_ms: schedule.everyMs,
    start_at: optionalSeconds(schedule.startAt),
    end_at: optionalSeconds(schedule.endAt),
    catch_up: typeof catchUp === "object" ? catchUp.all : catchUp,
    jitter_ms: schedule.jitterMs,
    run_on_start: schedule.runOnStart,
    source: schedule.source,
    scope: schedule.scope,
    last_outcome: lastOutcome,
    last_job_id: schedule.lastJobId,
    error: shownError(schedule, { redactor, role }),
  };
}

/** Why a schedule cannot be read: the text may tell a part of it, whose type is not known then. */
export function shownError(
  { error }: Schedule,
  { redactor, role }: ScheduleView,
): string | undefined {
  return error !== undefined && redactor.hides(undefined, role) ? UNREADABLE : error;
}

/** What a line of a history says: of an error, the same holds as of `shownError`. */
export function shownNote(
  { outcome, note }: ScheduleEntry,
  { redactor, role }: ScheduleView,
): string | undefined {
  const isHidden = note !== undefined && outcome === "error" && redactor.hides(undefined, role);
  return isHidden ? REDACTED : note;
}

/** The same, alone: its last run names the job. */
export function oneEntryOnWire(
  schedule: Schedule,
  view: ScheduleView,
): Readonly<Record<string, unknown>> {
  const { lastJobId: job_id, lastFiredAt } = schedule;
  const triggered_at = optionalSeconds(lastFiredAt);
  const last_run = job_id && { job_id, triggered_at };
  return { ...entryOnWire(schedule, view), last_run };
}

/** Whether a line of a history tells of a job. */
export function hasFired({ outcome }: ScheduleEntry): boolean {
  return FIRED.includes(outcome);
}

/** Puts a line of a history on the wire. */
export function historyOnWire(entry: ScheduleEntry, view: ScheduleView): object {
  const { at, slotAt, kind, outcome, jobId = null, count } = entry;
  const [triggered_at, slot_at] = [seconds(at), seconds(slotAt)];
  return {
    job_id: jobId,
    triggered_at,
    outcome,
    kind,
    slot_at,
    count,
    note: shownNote(entry, view),
  };
}

function expressionOf({ cron, everyMs, custom }: Schedule): string {
  if (cron !== undefined) return cron;
  if (everyMs === undefined) return custom ? "@custom" : "";
  return everyMs % 1000 === 0 ? `@every ${everyMs / 1000}s` : `@every ${everyMs}ms`;
}

/** The word of GQM (Go) for an outcome. */
function statusOf(outcome: ScheduleOutcome): string {
  if (outcome === "error") return "error";
  return FIRED.includes(outcome) ? "triggered" : "skipped";
}

function optionalSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : seconds(ms);
}
