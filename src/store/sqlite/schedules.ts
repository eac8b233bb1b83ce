/**
 * Schedules in SQLite.
 *
 * @module
 */

import {
  checkHistoryPage,
  checkScheduleQuery,
  isRedefined,
  overlapOutcome,
  redefinedAt,
  replacedBy,
} from "../check_schedules.ts";
import {
  type FireReply,
  MAX_SCHEDULE_ENTRIES,
  MAX_SCHEDULES,
  type ScheduleChange,
  type ScheduleChangeReply,
  type ScheduleEntry,
  type ScheduleFire,
  type ScheduleHistoryReply,
  type ScheduleQuery,
  type ScheduleRecord,
  type SchedulesReply,
} from "../schedule_stage.ts";
import { decodeText, encodeText, statusOf } from "./codec.ts";
import { stop } from "./control.ts";
import { type Database, LIMIT } from "./database.ts";
import { STANDING_BY_ID, writeAfter } from "./enqueue_checked.ts";
import { tellChildren } from "./graph.ts";
import { trimEnded } from "./retain.ts";
import { IS_SCHEDULED } from "./schema.ts";
import type { Transaction } from "./transaction.ts";
import type { StandingRow } from "./unique.ts";

const COLUMNS =
  `id, version, definition, source, scope, paused, custom, slot_at, due_at, created_at,
  updated_at, last_slot_at, last_fired_at, last_start_at, last_outcome, last_job_id`;
const WRITE_SCHEDULE = `INSERT OR REPLACE INTO schedules (${COLUMNS})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const READ_SCHEDULE = `SELECT ${COLUMNS} FROM schedules WHERE id = ?`;
/** The next schedules by id. */
export const PAGE_OF_SCHEDULES =
  `SELECT ${COLUMNS} FROM schedules WHERE id > ? ORDER BY id ${LIMIT}`;
/** Schedules by due time. */
export const DUE_SCHEDULES =
  `SELECT ${COLUMNS} FROM schedules WHERE ${IS_SCHEDULED} ORDER BY due_at, id ${LIMIT}`;
/** Due time of the first schedule that anybody can compute. */
export const NEXT_SLOT = `SELECT min(due_at) AS at FROM schedules WHERE ${IS_SCHEDULED}`;
const ADD_LINE = `
INSERT INTO schedule_log (schedule, number, at, slot_at, kind, outcome, job_id, count, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
/** Removes the oldest lines of a history. */
export const TRIM_LOG = `
DELETE FROM schedule_log WHERE schedule = ? AND number <= (
  SELECT number FROM schedule_log WHERE schedule = ? ORDER BY number DESC LIMIT 1 OFFSET ?)`;
/** Lines of a history, newest first. */
export const READ_LOG = `
SELECT number, at, slot_at, kind, outcome, job_id, count, note FROM schedule_log
WHERE schedule = ? AND number < ? ORDER BY number DESC ${LIMIT}`;

interface ScheduleRow {
  readonly id: string;
  readonly version: number;
  readonly definition: string;
  readonly source: ScheduleRecord["source"];
  readonly scope: string | null;
  readonly paused: number;
  readonly custom: number;
  readonly slot_at: number | null;
  readonly due_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly last_slot_at: number | null;
  readonly last_fired_at: number | null;
  readonly last_start_at: number | null;
  readonly last_outcome: ScheduleRecord["lastOutcome"];
  readonly last_job_id: string | null;
}

interface LogRow {
  readonly number: number;
  readonly at: number;
  readonly slot_at: number;
  readonly kind: ScheduleEntry["kind"];
  readonly outcome: ScheduleEntry["outcome"];
  readonly job_id: string | null;
  readonly count: number | null;
  readonly note: string | null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** See `ScheduleStage.changeSchedule`. */
export function changeSchedule(tx: Transaction, change: ScheduleChange): ScheduleChangeReply {
  const { id, version, write, notes = [], fires = [] } = change;
  const { now } = tx;
  const old = read(tx.db, id);
  if ((old?.version ?? null) !== version) return { outcome: "stale", now, record: old ?? null };
  if (old === undefined && countSchedules(tx.db) >= MAX_SCHEDULES) {
    return { outcome: "full", now, record: null };
  }
  const record: Writable<ScheduleRecord> = {
    ...(old ?? { id, createdAt: now, ...NOTHING_YET }),
    ...write as ScheduleRecord,
    version: tx.nextMoved(),
  };
  if (old === undefined) record.updatedAt = now;
  else if (isRedefined(old, record)) record.updatedAt = redefinedAt(old, now);
  const tell = (entry: ScheduleEntry): void => {
    writeLine(tx, id, entry);
    record.lastOutcome = entry.outcome;
  };
  for (const note of notes) tell({ ...note, at: now, kind: "slot" });
  const replies = fires.map((one) => {
    const reply = fire(tx, record, one);
    tell({ at: now, slotAt: one.slotAt, kind: one.kind, ...reply });
    return reply;
  });
  if (write === null) {
    tx.db.run("DELETE FROM schedules WHERE id = ?", id);
    tx.db.run("DELETE FROM schedule_log WHERE schedule = ?", id);
    return { outcome: "done", now, record: null, fires: replies };
  }
  if (notes.length + fires.length > 0) tx.db.run(TRIM_LOG, id, id, MAX_SCHEDULE_ENTRIES);
  writeRecord(tx.db, record);
  tx.slotsChanged = true;
  return { outcome: "done", now, record, fires: replies };
}

const NOTHING_YET = {
  updatedAt: 0,
  lastSlotAt: null,
  lastFiredAt: null,
  lastStartAt: null,
  lastOutcome: null,
  lastJobId: null,
};

function countSchedules(db: Database): number {
  return db.get<{ n: number }>("SELECT count(*) AS n FROM schedules")!.n;
}

/** Enqueues the job of a fire, if the overlap allows it, and notes that in the record. */
function fire(tx: Transaction, record: Writable<ScheduleRecord>, one: ScheduleFire): FireReply {
  const { now } = tx;
  const reply = enqueueIfWanted(tx, record, one);
  if (one.kind === "slot") record.lastSlotAt = one.slotAt;
  if (one.kind === "start") record.lastStartAt = now;
  if (reply.outcome !== "skipped") {
    record.lastFiredAt = now;
    record.lastJobId = reply.jobId;
  }
  return reply;
}

function enqueueIfWanted(
  tx: Transaction,
  { id, lastJobId }: ScheduleRecord,
  { overlap, job }: ScheduleFire,
): FireReply {
  if (standing(tx, job.id) !== undefined) return { outcome: "duplicate", jobId: job.id };
  const last = lastJobId === null ? undefined : standing(tx, lastJobId);
  const outcome = overlapOutcome(overlap, last && statusOf(last.status));
  if (outcome === "skipped") return { outcome, jobId: last!.id };
  if (outcome === "replaced") {
    stop(tx, last!.id, replacedBy(id));
    tellChildren(tx);
    trimEnded(tx);
  }
  writeAfter(tx, job, outcome === "queued" ? last : undefined);
  return { outcome, jobId: job.id };
}

function standing(tx: Transaction, id: string): StandingRow | undefined {
  return tx.db.get<StandingRow>(STANDING_BY_ID, id);
}

function writeLine(tx: Transaction, schedule: string, entry: ScheduleEntry): void {
  const { at, slotAt, kind, outcome, jobId = null, count = null, note = null } = entry;
  tx.db.run(
    ADD_LINE,
    schedule,
    tx.nextMoved(),
    at,
    slotAt,
    kind,
    outcome,
    jobId,
    count,
    encodeText(note),
  );
}

function writeRecord(db: Database, record: ScheduleRecord): void {
  db.run(
    WRITE_SCHEDULE,
    record.id,
    record.version,
    record.definition,
    record.source,
    record.scope,
    record.paused ? 1 : 0,
    record.custom ? 1 : 0,
    record.slotAt,
    record.dueAt,
    record.createdAt,
    record.updatedAt,
    record.lastSlotAt,
    record.lastFiredAt,
    record.lastStartAt,
    record.lastOutcome,
    record.lastJobId,
  );
}

function read(db: Database, id: string): ScheduleRecord | undefined {
  const row = db.get<ScheduleRow>(READ_SCHEDULE, id);
  return row && toRecord(row);
}

function toRecord(row: ScheduleRow): ScheduleRecord {
  return {
    id: row.id,
    version: row.version,
    definition: row.definition,
    source: row.source,
    scope: row.scope,
    paused: row.paused === 1,
    custom: row.custom === 1,
    slotAt: row.slot_at,
    dueAt: row.due_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSlotAt: row.last_slot_at,
    lastFiredAt: row.last_fired_at,
    lastStartAt: row.last_start_at,
    lastOutcome: row.last_outcome,
    lastJobId: row.last_job_id,
  };
}

/** See `ScheduleStage.schedules`. */
export function schedules(db: Database, query: ScheduleQuery, now: number): SchedulesReply {
  checkScheduleQuery(query);
  if ("ids" in query) return { now, records: readSome(db, query.ids) };
  if ("limit" in query) {
    const { limit, cursor = "" } = query;
    const records = db.all<ScheduleRow>(PAGE_OF_SCHEDULES, cursor, limit + 1).map(toRecord);
    const page = records.slice(0, limit);
    return records.length > limit
      ? { now, records: page, cursor: page.at(-1)!.id }
      : { now, records: page };
  }
  const first = db.all<ScheduleRow>(DUE_SCHEDULES, query.due + 1).map(toRecord);
  const custom = readSome(db, query.can).filter((one) => one.custom && one.dueAt !== null);
  const isDue = ({ dueAt }: ScheduleRecord): boolean => dueAt! <= now;
  const records = [...first.slice(0, query.due), ...custom].filter(isDue);
  const later = [...first, ...custom].filter((record) => !records.includes(record));
  const next = Math.min(...later.map(({ dueAt }) => dueAt!));
  return { now, records, nextInMs: next === Infinity ? null : Math.max(0, next - now) };
}

function readSome(db: Database, ids: readonly string[]): ScheduleRecord[] {
  return ids.map((id) => read(db, id)).filter((record) => record !== undefined);
}

/** See `ScheduleStage.scheduleHistory`. */
export function scheduleHistory(
  db: Database,
  id: string,
  page: { readonly limit: number; readonly cursor?: string },
): ScheduleHistoryReply {
  const below = Math.min(checkHistoryPage(page), Number.MAX_SAFE_INTEGER);
  const rows = db.all<LogRow>(READ_LOG, id, below, page.limit + 1);
  const some = rows.slice(0, page.limit);
  const entries = some.map(toEntry);
  return rows.length > page.limit ? { entries, cursor: String(some.at(-1)!.number) } : { entries };
}

function toEntry({ at, slot_at, kind, outcome, job_id, count, note }: LogRow): ScheduleEntry {
  return {
    at,
    slotAt: slot_at,
    kind,
    outcome,
    ...(job_id === null ? undefined : { jobId: job_id }),
    ...(count === null ? undefined : { count }),
    ...(note === null ? undefined : { note: decodeText(note) ?? "" }),
  };
}
