/**
 * Looking into the file without moving anything.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import { finalStatuses } from "../../job/state.ts";
import { hasRange, isByDueTime, isInRange } from "../list_time.ts";
import type { CountRow, ListQuery, ListReply } from "../store.ts";
import { RECORD_COLUMNS, type RecordRow, statusOf, toRecord } from "./codec.ts";
import type { Database } from "./database.ts";
import type { LaneName, Lanes } from "./lanes.ts";
import { mergeLanes, type MergeOrder } from "./merge.ts";
import { IS_DELAYED, IS_FINAL, STATUS_CODE } from "./schema.ts";

/** A record by id. */
export const JOB_BY_ID = `SELECT ${RECORD_COLUMNS} FROM jobs WHERE id = ?`;
/** Lanes that have jobs of a status. */
export const LANES_OF_STATUS = "SELECT lane FROM counts WHERE status = ? AND n > 0";
/** Those of some ids whose jobs are final, or not there. */
export const FINAL_IDS = `
SELECT wanted.value AS id FROM json_each(?) AS wanted LEFT JOIN jobs ON jobs.id = wanted.value
WHERE jobs.n IS NULL
  OR jobs.status IN (${finalStatuses.map((status) => STATUS_CODE[status]).join(", ")})`;

/** Delayed jobs that one call looks at by their due time. */
const MAX_LOOKED_AT = 1000;
/** What such a cursor looks like: due time and number of a job. */
export const DUE_CURSOR = /^\d{1,16}:\d{1,15}$/;

interface ListedRow {
  readonly n: number;
  readonly moved: number;
}

/** The order of lists: the job that entered its status last comes first. */
export const LIST_ORDER: MergeOrder<ListedRow> = {
  range: "SELECT n, moved FROM jobs WHERE lane = ? AND status = ? AND moved < ?",
  orderBy: "moved DESC",
  compare: (a, b) => b.moved - a.moved,
};

/** Reads one job; null if it is not there. */
export function getJob(db: Database, lanes: Lanes, id: string): JobRecord | null {
  const row = db.get<RecordRow>(JOB_BY_ID, id);
  return row === undefined ? null : toRecord(db, lanes, row);
}

/** See `InspectStage.list`. */
export function list(db: Database, lanes: Lanes, query: ListQuery): ListReply {
  const { limit } = query;
  const status = STATUS_CODE[query.status];
  const asked = db.all<{ lane: number }>(LANES_OF_STATUS, status)
    .map(({ lane }) => lane)
    .filter((lane) => {
      const { queue, type } = lanes.name(lane);
      return queue === (query.queue ?? queue) && type === (query.type ?? type);
    });
  if (isByDueTime(query)) return listByDueTime(db, lanes, query, new Set(asked));
  const ends = IS_FINAL.has(status) && hasRange(query);
  const below = query.cursor !== undefined
    ? Number(query.cursor)
    : ends && query.toAt !== undefined
    ? Math.max(0, ...asked.map((lane) => lastEndedBefore(db, lane, status, query.toAt!))) + 1
    : Number.MAX_SAFE_INTEGER;
  const rows = mergeLanes(db, LIST_ORDER, asked, [status, below], limit + 1);
  const read = rows.slice(0, limit).map((row) => readRecord(db, lanes, row));
  const jobs = read.filter((job) => isInRange(query, job));
  const isOver = ends && (read.at(-1)?.finishedAt ?? 0) < (query.fromAt ?? 0);
  if (rows.length <= limit || isOver) return { jobs };
  return { jobs, cursor: String(rows[limit - 1]!.moved) };
}

/** Reads the job with a number, which is there. */
export function readRecord(
  db: Database,
  lanes: Lanes,
  { n }: { readonly n: number },
): JobRecord {
  return toRecord(
    db,
    lanes,
    db.get<RecordRow>(`SELECT ${RECORD_COLUMNS} FROM jobs WHERE n = ?`, n)!,
  );
}

/** The last job of a lane and status whose move is not above a number. */
export const MOVED_BEFORE = `
SELECT moved, finished_at FROM jobs WHERE lane = ? AND status = ? AND moved <= ?
ORDER BY moved DESC LIMIT 1`;

/** Number of the move of the last job of a lane that ended before a time; 0 if there is none. */
function lastEndedBefore(db: Database, lane: number, status: number, at: number): number {
  let found = 0;
  // Jobs end in the order of their moves: half of what is left is ruled out by each look.
  let low = 1;
  let high = db.get<{ last_moved: number }>("SELECT last_moved FROM meta")!.last_moved;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const row = db.get<{ moved: number; finished_at: number | null }>(
      MOVED_BEFORE,
      lane,
      status,
      middle,
    );
    if (row !== undefined && row.moved >= low && (row.finished_at ?? 0) >= at) {
      high = row.moved - 1;
    } else {
      if (row !== undefined) found = Math.max(found, row.moved);
      low = middle + 1;
    }
  }
  return found;
}

/** Delayed jobs of a span of due times, the latest first, after a place. */
export const DELAYED_IN_RANGE = `
SELECT n, lane, status, run_at FROM jobs
WHERE ${IS_DELAYED} AND run_at >= ? AND run_at < ? AND (run_at, n) < (?, ?)
ORDER BY run_at DESC, n DESC LIMIT ${MAX_LOOKED_AT + 1}`;

interface DelayedRow {
  readonly n: number;
  readonly lane: number;
  readonly status: number;
  readonly run_at: number;
}

/** Looks at a bounded number of delayed jobs, of whatever lane and status. */
function listByDueTime(
  db: Database,
  lanes: Lanes,
  { status, fromAt = 0, toAt = Number.MAX_SAFE_INTEGER, limit, cursor }: ListQuery,
  asked: ReadonlySet<number>,
): ListReply {
  const [dueAt = toAt, n = 0] = cursor?.split(":").map(Number) ?? [];
  const rows = db.all<DelayedRow>(DELAYED_IN_RANGE, fromAt, toAt, dueAt, n);
  const jobs: JobRecord[] = [];
  for (const [i, row] of rows.entries()) {
    if (i === MAX_LOOKED_AT || jobs.length === limit) {
      const last = rows[i - 1]!;
      return { jobs, cursor: `${last.run_at}:${last.n}` };
    }
    if (row.status === STATUS_CODE[status] && asked.has(row.lane)) {
      jobs.push(readRecord(db, lanes, row));
    }
  }
  return { jobs };
}

/** See `InspectStage.counts`. */
export function counts(db: Database): CountRow[] {
  const rows = db.all<LaneName & { status: number; n: number }>(
    "SELECT queue, type, status, n FROM counts JOIN lanes USING (lane) WHERE n > 0",
  );
  return rows.map(({ queue, type, status, n }) => {
    return { queue, type, status: statusOf(status), count: n };
  });
}
