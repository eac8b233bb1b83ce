/**
 * Looking into the file without moving anything.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import { finalStatuses } from "../../job/state.ts";
import type { CountRow, ListQuery, ListReply } from "../store.ts";
import { RECORD_COLUMNS, type RecordRow, statusOf, toRecord } from "./codec.ts";
import type { Database } from "./database.ts";
import type { LaneName, Lanes } from "./lanes.ts";
import { mergeLanes, type MergeOrder } from "./merge.ts";
import { STATUS_CODE } from "./schema.ts";

/** A record by id. */
export const JOB_BY_ID = `SELECT ${RECORD_COLUMNS} FROM jobs WHERE id = ?`;
/** Lanes that have jobs of a status. */
export const LANES_OF_STATUS = "SELECT lane FROM counts WHERE status = ? AND n > 0";
/** Those of some ids whose jobs are final, or not there. */
export const FINAL_IDS = `
SELECT wanted.value AS id FROM json_each(?) AS wanted LEFT JOIN jobs ON jobs.id = wanted.value
WHERE jobs.n IS NULL
  OR jobs.status IN (${finalStatuses.map((status) => STATUS_CODE[status]).join(", ")})`;

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
  const below = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(query.cursor);
  const asked = db.all<{ lane: number }>(LANES_OF_STATUS, status)
    .map(({ lane }) => lane)
    .filter((lane) => {
      const { queue, type } = lanes.name(lane);
      return queue === (query.queue ?? queue) && type === (query.type ?? type);
    });
  const rows = mergeLanes(db, LIST_ORDER, asked, [status, below], limit + 1);
  const jobs = rows.slice(0, limit).map(({ n }) => {
    const row = db.get<RecordRow>(`SELECT ${RECORD_COLUMNS} FROM jobs WHERE n = ?`, n)!;
    return toRecord(db, lanes, row);
  });
  return rows.length > limit ? { jobs, cursor: String(rows[limit - 1]!.moved) } : { jobs };
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
