/**
 * Checks the rows that belong to jobs: keys, large payloads and logs; and histories of schedules.
 *
 * @module
 */

import type { Part, Problem, Section } from "../check_walk.ts";
import { decodeSettings } from "./codec.ts";
import { LIMIT } from "./database.ts";
import type { DoctorView } from "./doctor_view.ts";
import { DELETE_PAYLOAD } from "./payload.ts";
import { LINK } from "./schema.ts";

/** Keys behind a place, with their owners. */
export const CHECKED_LOCKS = `
SELECT key, locks.n AS n, id, links, settings FROM locks LEFT JOIN jobs ON jobs.n = locks.n
WHERE key > ? ORDER BY key ${LIMIT}`;
/** Large payloads behind a place, with what their jobs say of them. */
export const CHECKED_PAYLOADS = `
SELECT payloads.n AS n, id, jobs.payload IS NULL AS is_large
FROM payloads LEFT JOIN jobs ON jobs.n = payloads.n
WHERE payloads.n > ? ORDER BY payloads.n ${LIMIT}`;
/** Logs behind a place, with what their jobs say of them: one step of the primary key per log. */
export const CHECKED_LOGS = `
WITH RECURSIVE kept (n) AS (
  SELECT min(n) FROM logs WHERE n > ?
  UNION ALL
  SELECT (SELECT min(n) FROM logs WHERE n > kept.n) FROM kept WHERE kept.n IS NOT NULL ${LIMIT}
)
SELECT kept.n AS n, id, last_line, (SELECT max(line) FROM logs WHERE logs.n = kept.n) AS newest
FROM kept LEFT JOIN jobs ON jobs.n = kept.n WHERE kept.n IS NOT NULL`;
/** Schedules behind a place that have a history, with those that are there: one step of the primary key each. */
export const CHECKED_HISTORIES = `
WITH RECURSIVE kept (id) AS (
  SELECT min(schedule) FROM schedule_log WHERE schedule > ?
  UNION ALL
  SELECT (SELECT min(schedule) FROM schedule_log WHERE schedule > kept.id)
  FROM kept WHERE kept.id IS NOT NULL ${LIMIT}
)
SELECT kept.id AS id, schedules.id IS NOT NULL AS is_there
FROM kept LEFT JOIN schedules ON schedules.id = kept.id WHERE kept.id IS NOT NULL`;
const DELETE_HISTORY = "DELETE FROM schedule_log WHERE schedule = ?";
const DELETE_LOCK = "DELETE FROM locks WHERE key = ?";
const MARK_OWNER = `UPDATE jobs SET links = links | ${LINK.key} WHERE n = ?`;
const DELETE_LOG = "DELETE FROM logs WHERE n = ?";
const SET_LAST_LINE = "UPDATE jobs SET last_line = ? WHERE n = ?";

interface LockRow {
  readonly key: string;
  readonly n: number;
  readonly id: string | null;
  readonly links: number | null;
  readonly settings: string | null;
}

interface PayloadRow {
  readonly n: number;
  readonly id: string | null;
  readonly is_large: number;
}

interface HistoryRow {
  readonly id: string;
  readonly is_there: number;
}

interface LogRow {
  readonly n: number;
  readonly id: string | null;
  readonly last_line: number | null;
  readonly newest: number;
}

/** What one section of rows is made from. */
interface Rows<Row> {
  readonly mark: string;
  readonly place: RegExp;
  /** A place as the statement takes it. */
  readonly from: (after: string) => string | number;
  /** SELECT of rows behind a place, at most some. */
  readonly sql: string;
  readonly placeOf: (row: Row) => string | number;
  readonly judge: (view: DoctorView, row: Row) => Problem[];
}

function section<Row>(view: DoctorView, rows: Rows<Row>): Section {
  const { mark, place, from, sql, placeOf, judge } = rows;
  return {
    mark,
    place,
    oneByOne: false,
    look: (after, limit): Part => {
      const found = view.db.all<Row>(sql, from(after), limit);
      const part = { checked: found.length, problems: found.flatMap((row) => judge(view, row)) };
      return found.length < limit ? part : { ...part, next: String(placeOf(found.at(-1)!)) };
    },
  };
}

/** The sections of all keys, large payloads, logs and histories. */
export function dataSections(view: DoctorView): Section[] {
  const number = /^\d{1,16}$/;
  return [
    section<LockRow>(view, {
      mark: "k",
      place: /^[^\0]+$/,
      from: String,
      sql: CHECKED_LOCKS,
      placeOf: ({ key }) => key,
      judge: judgeLock,
    }),
    section<PayloadRow>(view, {
      mark: "p",
      place: number,
      from: Number,
      sql: CHECKED_PAYLOADS,
      placeOf: ({ n }) => n,
      judge: judgePayload,
    }),
    section<LogRow>(view, {
      mark: "l",
      place: number,
      from: Number,
      sql: CHECKED_LOGS,
      placeOf: ({ n }) => n,
      judge: judgeLog,
    }),
    section<HistoryRow>(view, {
      mark: "s",
      place: /^[^\0]+$/,
      from: String,
      sql: CHECKED_HISTORIES,
      placeOf: ({ id }) => id,
      judge: judgeHistory,
    }),
  ];
}

function judgeHistory(view: DoctorView, { id, is_there }: HistoryRow): Problem[] {
  if (is_there === 1) return [];
  const text = `There is a history of the schedule '${id}', which is not there`;
  const mend = view.mend(({ db }) => db.run(DELETE_HISTORY, id));
  return [{ kind: "stale_data", id: null, text, mend }];
}

function judgeLock(view: DoctorView, { key, n, id, links, settings }: LockRow): Problem[] {
  const isOwner = id !== null && decodeSettings(settings).unique?.key === key;
  if (!isOwner) {
    const text = id === null
      ? `The owner of key '${key}' is not there`
      : `It owns the key '${key}', but its record does not say so`;
    return [{
      kind: "dangling_key",
      id,
      text,
      mend: view.mend((tx) => void tx.db.run(DELETE_LOCK, key)),
    }];
  }
  if ((links! & LINK.key) !== 0) return [];
  const text = `It owns the key '${key}', but would not let go of it when it is removed`;
  return [{
    kind: "dangling_key",
    id,
    text,
    mend: view.mend((tx) => void tx.db.run(MARK_OWNER, n)),
  }];
}

function judgePayload(view: DoctorView, { n, id, is_large: isLarge }: PayloadRow): Problem[] {
  if (id !== null && isLarge === 1) return [];
  const text = id === null
    ? `There is a payload of row ${n}, but no job`
    : "It has a second payload, which nothing reads";
  return [{
    kind: "stale_data",
    id,
    text,
    mend: view.mend((tx) => void tx.db.run(DELETE_PAYLOAD, n)),
  }];
}

function judgeLog(view: DoctorView, { n, id, last_line: last, newest }: LogRow): Problem[] {
  if (id === null) {
    return [{
      kind: "stale_data",
      id,
      text: `There is a log of row ${n}, but no job`,
      mend: view.mend((tx) => void tx.db.run(DELETE_LOG, n)),
    }];
  }
  if (last! >= newest) return [];
  return [{
    kind: "wrong_count",
    id,
    text: `Its log ends at line ${newest}, but its record says at line ${last}`,
    mend: view.mend((tx) => void tx.db.run(SET_LAST_LINE, newest, n)),
  }];
}
