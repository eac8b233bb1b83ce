/**
 * Rows of `jobs` to records of the port, and back.
 *
 * @module
 */

import type {
  Attempt,
  ClaimedJob,
  Holder,
  JobRecord,
  JobSettings,
  LogLine,
  Progress,
} from "../../job/job.ts";
import { type JobStatus, statuses } from "../../job/state.ts";
import type { Database } from "./database.ts";
import { pendingParents } from "./edges.ts";
import type { Lanes } from "./lanes.ts";
import { STATUS_CODE } from "./schema.ts";

/** Columns of a whole record, for SELECT and RETURNING. */
export const RECORD_COLUMNS = `n, id, lane, status, priority, created_at, run_at, started_at,
  finished_at, retry_count, attempts_made, deliveries, fence, server, pool, claimed_at, lease_until,
  last_line, canceled_by, settings, payload, attempts, progress, error, result`;

/** A row with `RECORD_COLUMNS`. */
export interface RecordRow {
  readonly n: number;
  readonly id: string;
  readonly lane: number;
  readonly status: number;
  readonly priority: number;
  readonly created_at: number;
  readonly run_at: number | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly retry_count: number;
  readonly attempts_made: number;
  readonly deliveries: number;
  readonly fence: number;
  readonly server: string | null;
  readonly pool: string | null;
  readonly claimed_at: number | null;
  readonly lease_until: number | null;
  readonly last_line: number;
  readonly canceled_by: string | null;
  readonly settings: string | null;
  readonly payload: string | null;
  readonly attempts: string | null;
  readonly progress: string | null;
  readonly error: string | null;
  readonly result: string | null;
}

/** Columns of a ready job that make up its record once it is claimed. */
export const READY_COLUMNS = `n, id, lane, priority, order_seq, expire_at, created_at, retry_count,
  attempts_made, deliveries, last_line, limit_key, suspect, settings, payload, attempts, progress,
  error`;

/** A row with `READY_COLUMNS`. */
export interface ReadyRow {
  readonly limit_key: string | null;
  readonly n: number;
  readonly id: string;
  readonly lane: number;
  readonly priority: number;
  readonly order_seq: number;
  readonly expire_at: number | null;
  readonly created_at: number;
  readonly retry_count: number;
  readonly attempts_made: number;
  readonly deliveries: number;
  readonly last_line: number;
  readonly suspect: number;
  readonly settings: string | null;
  readonly payload: string | null;
  readonly attempts: string | null;
  readonly progress: string | null;
  readonly error: string | null;
}

/** Payloads above this many characters have a row of their own. */
export const LARGEST_INLINE_PAYLOAD = 1024;

const STATUS_OF: readonly JobStatus[] = statuses.toSorted((a, b) =>
  STATUS_CODE[a] - STATUS_CODE[b]
);

/** Status of a number in the file. */
export function statusOf(code: number): JobStatus {
  return STATUS_OF[code]!;
}

/** Settings as the file keeps them: nothing for nothing. */
export function encodeSettings(settings: JobSettings): string | null {
  return Object.keys(settings).length === 0 ? null : JSON.stringify(settings);
}

/** Free text as the file keeps it. */
export function encodeText(text: string): string;
export function encodeText(text: string | null): string | null;
export function encodeText(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text);
}

/** What JSON text says; damaged text says nothing, so that one row does not stop all others. */
function decode<T>(text: string | null, nothing: T): T {
  try {
    return text === null ? nothing : JSON.parse(text) as T;
  } catch {
    return nothing;
  }
}

/** Free text from the file. */
export function decodeText(text: string | null): string | null {
  return decode<string | null>(text, null);
}

function decodeProgress(text: string | null): Progress | null {
  return decode<Progress | null>(text, null);
}

/** Settings from the file. */
export function decodeSettings(text: string | null): JobSettings {
  return decode<JobSettings>(text, {});
}

/** Attempts from the file. */
export function decodeAttempts(text: string | null): Attempt[] {
  return decode<Attempt[]>(text, []);
}

/** Turns a row into a record; reads what the job has in other tables. */
export function toRecord(db: Database, lanes: Lanes, row: RecordRow): JobRecord {
  const { queue, type } = lanes.name(row.lane);
  const isDelayed = row.status === STATUS_CODE.scheduled || row.status === STATUS_CODE.retry;
  return {
    id: row.id,
    type,
    queue,
    priority: row.priority,
    status: statusOf(row.status),
    payload: row.payload ?? readPayload(db, row.n) ?? "null",
    settings: decodeSettings(row.settings),
    createdAt: row.created_at,
    runAt: isDelayed ? row.run_at : null,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    retryCount: row.retry_count,
    attemptsMade: row.attempts_made,
    deliveries: row.deliveries,
    attempts: decodeAttempts(row.attempts),
    error: decodeText(row.error),
    result: row.result,
    progress: decodeProgress(row.progress),
    logs: row.last_line === 0 ? [] : readLogs(db, row.n),
    holder: row.status === STATUS_CODE.processing ? toHolder(row) : null,
    pendingParents: row.status === STATUS_CODE.deferred ? pendingParents(db, row.n) : [],
    canceledBy: row.canceled_by,
  };
}

/** Turns the row of a job that was just claimed into its record. */
export function toClaimed(
  db: Database,
  lanes: Lanes,
  row: ReadyRow,
  holder: Holder,
): ClaimedJob {
  const { queue, type } = lanes.name(row.lane);
  return {
    id: row.id,
    type,
    queue,
    priority: row.priority,
    status: "processing",
    // Text that is no JSON ends as a dead letter, and does not stand in the way of the others.
    payload: row.payload ?? readPayload(db, row.n) ?? "",
    settings: decodeSettings(row.settings),
    createdAt: row.created_at,
    runAt: null,
    startedAt: holder.claimedAt,
    finishedAt: null,
    retryCount: row.retry_count,
    attemptsMade: row.attempts_made,
    deliveries: row.deliveries,
    attempts: decodeAttempts(row.attempts),
    error: decodeText(row.error),
    result: null,
    progress: decodeProgress(row.progress),
    logs: row.last_line === 0 ? [] : readLogs(db, row.n),
    holder,
    pendingParents: [],
    canceledBy: null,
    ...row.suspect === 1 && { suspect: true },
  };
}

/** The holder of a row that is processing. */
function toHolder(row: RecordRow): Holder {
  return {
    fence: row.fence,
    server: row.server!,
    pool: row.pool!,
    claimedAt: row.claimed_at!,
    leaseUntil: row.lease_until!,
  };
}

/** A payload that has a row of its own; undefined if that is gone, as in a damaged file. */
function readPayload(db: Database, n: number): string | undefined {
  return db.get<{ payload: string }>("SELECT payload FROM payloads WHERE n = ?", n)?.payload;
}

function readLogs(db: Database, n: number): LogLine[] {
  return db.all<LogLine>("SELECT at, text FROM logs WHERE n = ? ORDER BY line", n)
    .map(({ at, text }) => ({ at, text: decode(text, "") }));
}
