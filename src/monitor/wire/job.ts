/**
 * A job on the wire: as clients of GQM (Go) read it, and what we know beyond that. What it has as a
 * single value is a text, as they come from the hashes of Redis there, and absent where there is
 * nothing to say; what has parts is JSON.
 *
 * @module
 */

import type { Attempt, JobRecord, JobSettings, LogLine, Progress } from "../../job/job.ts";
import { statuses } from "../../job/state.ts";
import { readJob } from "../../insight/readable_job.ts";
import { type Looker, redactJob } from "../redact_job.ts";
import { withoutCanceler } from "../relatives.ts";
import {
  any,
  boolean,
  described,
  integer,
  list,
  named,
  number,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";
import { nanosText, seconds, secondsText, spanSeconds, spanText } from "./time.ts";

/** How long after the end of its lease a claim counts as stale, in milliseconds. */
const STALE_MS = 25_000;

/** What must be known beside a job to show it. */
export interface JobView extends Looker {
  /** The store's now, in epoch milliseconds. */
  readonly now: number;
  /** How long the leases of servers that live hold, in milliseconds, by their ids. */
  readonly leases: ReadonlyMap<string, number>;
  /** Whether attempts and log lines are shown too, which may be large. */
  readonly isWhole: boolean;
  /** Whether there is a job with an id, which another names, for whoever looks. */
  readonly sees: (id: string) => boolean;
}

const failureSchema = object({
  message: text,
  "name?": text,
  "stack?": text,
  "fingerprint?": text,
});

const attemptSchema = object({
  attempt: integer,
  started_at_ms: integer,
  finished_at_ms: integer,
  outcome: oneOf("completed", "retry", "dead_letter", "canceled", "lost"),
  server_id: text,
  pool: text,
  "error?": failureSchema,
});

/** A job on the wire. */
export const jobSchema: Schema = named("Job", {
  ...object({
    id: text,
    type: text,
    queue: text,
    status: oneOf(...statuses),
    payload: described(any, "What the producer sent"),
    "result?": described(any, "What the handler returned"),
    "meta?": described(any, "Free data that travels with the job"),
    "error?": described(text, "The last failure, or why the job was canceled"),
    retry_count: described(text, "Retries used so far"),
    "max_retry?": described(text, "Retries allowed; absent if handler, pool or server decide"),
    "retry_intervals?": described(list(integer), "Delays before the retries, in seconds"),
    "timeout?": described(text, "Time limit of an attempt, in seconds"),
    created_at: described(text, "Epoch seconds"),
    "scheduled_at?": described(text, "When it is due, in epoch seconds"),
    "started_at?": described(text, "Start of the newest attempt, in epoch seconds"),
    "completed_at?": described(text, "When it ended, however it did, in epoch seconds"),
    "worker_id?": described(text, "Pool that ran it last, or runs it"),
    "last_heartbeat?": described(text, "When its holder was heard last, in epoch nanoseconds"),
    "execution_duration?": described(text, "How long the attempt took that completed it, in ms"),
    "enqueued_by?": text,
    "depends_on?": described(list(text), "Jobs that must be final before it runs, as far as seen"),
    "allow_failure?": described(text, "1 if it runs though they fail"),
    "result_ttl?": described(text, "Seconds that it is kept once completed; -1 for ever"),
    "failure_ttl?": described(text, "Seconds that it is kept if it ends otherwise; -1 for ever"),
    "processing_deadline?": described(integer, "End of its holder's lease, in epoch seconds"),
    "stale?": described(boolean, "Whether that was 25 s ago: its holder is presumed dead"),
    priority: described(text, "-30 to 30, higher first"),
    attempts_made: described(text, "Attempts that ended"),
    deliveries: described(text, "Attempts that ended with their holder's death or lost lease"),
    "server_id?": described(text, "Server that ran it last, or runs it"),
    "expire_at?": described(text, "When it is canceled unless it has started, in epoch seconds"),
    "limit_key?": described(text, "Key by which limits count it"),
    "schedule_id?": described(text, "Schedule that enqueued it"),
    "slot_at?": described(text, "The slot of the schedule that it is for, in epoch seconds"),
    "canceled_by?": described(text, "The job whose end canceled it"),
    "pending_deps?": described(list(text), "Jobs that it still waits for, as far as seen"),
    "progress?": object({ value: number, "message?": text, at_ms: integer }),
    "attempts?": described(list(attemptSchema), "Newest attempts, oldest first; not in lists"),
    "logs?": described(
      list(object({ at_ms: integer, text })),
      "Newest lines that its handler logged, oldest first; not in lists",
    ),
  }),
  examples: [{
    id: "019a2f6e-5c1b-7d40-9c3e-2f1a6b7c8d90",
    type: "email.send",
    queue: "mail",
    status: "processing",
    payload: { to: "ada@example.com" },
    retry_count: "0",
    max_retry: "3",
    created_at: "1767225600",
    started_at: "1767225601",
    worker_id: "default",
    last_heartbeat: "1767225605000000000",
    processing_deadline: 1767225620,
    stale: false,
    priority: "0",
    attempts_made: "0",
    deliveries: "0",
    server_id: "host-1",
  }],
});

/** Puts a job on the wire; what is undefined is absent there. */
export function jobOnWire(whole: JobRecord, view: JobView): Readonly<Record<string, unknown>> {
  const isTold = whole.canceledBy === null || view.sees(whole.canceledBy);
  const record = redactJob(isTold ? whole : withoutCanceler(whole), view);
  const { settings, holder, type } = record;
  const { payload, result, meta } = readJob(record).job;
  const last = record.attempts.at(-1);
  const { retention, schedule } = settings;
  return {
    id: record.id,
    type,
    queue: record.queue,
    status: record.status,
    payload,
    result,
    meta: settings.meta && meta,
    error: record.error ?? undefined,
    retry_count: String(record.retryCount),
    max_retry: textOf(settings.maxRetry),
    retry_intervals: settings.backoff?.intervals?.map(spanSeconds),
    timeout: spanText(settings.timeoutMs),
    created_at: String(seconds(record.createdAt)),
    scheduled_at: secondsText(record.runAt ?? settings.runAt),
    started_at: secondsText(record.startedAt),
    completed_at: secondsText(record.finishedAt),
    worker_id: holder?.pool ?? last?.pool,
    ...claimOnWire(record, view),
    execution_duration: record.status === "completed" && last !== undefined
      ? String(last.finishedAt - last.startedAt)
      : undefined,
    enqueued_by: settings.enqueuedBy,
    ...parentsOnWire(record, view),
    result_ttl: spanText(retention?.completedMs),
    failure_ttl: spanText(retention?.failedMs),
    priority: String(record.priority),
    attempts_made: String(record.attemptsMade),
    deliveries: String(record.deliveries),
    server_id: holder?.server ?? last?.server,
    expire_at: secondsText(settings.expireAt),
    limit_key: settings.limitKey,
    schedule_id: schedule?.id,
    slot_at: secondsText(schedule?.slotAt),
    canceled_by: record.canceledBy ?? undefined,
    progress: record.progress === null ? undefined : progressOnWire(record.progress),
    attempts: view.isWhole ? record.attempts.map(attemptOnWire) : undefined,
    logs: view.isWhole ? record.logs.map(lineOnWire) : undefined,
  };
}

/** The claim on a job that runs. The deadline of a claim is the attempt's in GQM (Go); here it is the lease's. */
function claimOnWire({ holder }: JobRecord, { now, leases }: JobView): object {
  if (holder === null) return {};
  const { leaseUntil, server } = holder;
  const leaseMs = leases.get(server);
  return {
    last_heartbeat: leaseMs === undefined ? undefined : nanosText(leaseUntil - leaseMs),
    processing_deadline: seconds(leaseUntil),
    stale: now > leaseUntil + STALE_MS,
  };
}

/** Whether a job runs though its parents fail. */
export function allowsFailure(dependsOn: JobSettings["dependsOn"] = []): boolean {
  return dependsOn.length > 0 && dependsOn.every(({ onFailure }) => onFailure !== "cancel");
}

function parentsOnWire({ settings, pendingParents }: JobRecord, { sees }: JobView): object {
  const { dependsOn = [] } = settings;
  if (dependsOn.length === 0) return {};
  const seen = dependsOn.map(({ id }) => id).filter(sees);
  const pending = pendingParents.filter(sees);
  return {
    depends_on: seen.length === 0 ? undefined : seen,
    allow_failure: allowsFailure(dependsOn) ? "1" : undefined,
    pending_deps: pending.length === 0 ? undefined : pending,
  };
}

function attemptOnWire(
  { attempt, startedAt, finishedAt, outcome, server, pool, error }: Attempt,
): object {
  return {
    attempt,
    started_at_ms: startedAt,
    finished_at_ms: finishedAt,
    outcome,
    server_id: server,
    pool,
    error: error && {
      message: error.message,
      name: error.name,
      stack: error.stack,
      fingerprint: error.fingerprint,
    },
  };
}

function progressOnWire({ value, message, at }: Progress): object {
  return { value, message, at_ms: at };
}

function lineOnWire({ at, text }: LogLine): object {
  return { at_ms: at, text };
}

function textOf(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
