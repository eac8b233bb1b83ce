/**
 * Totals, days, hours and minutes in SQLite.
 *
 * A minute's counts are added to the totals and to the day when it is over, by
 * `sample`; until then they are `open` and are added whenever somebody asks.
 *
 * @module
 */

import { depthStatuses } from "../depth.ts";
import { spanOf } from "../check_series.ts";
import { decodeDepth, decodeHistogram, encodeDepth } from "../cell_text.ts";
import {
  DAY_MS,
  DAYS_KEPT,
  HOUR_MS,
  hourOf,
  HOURS_KEPT,
  MINUTE_MS,
  minuteOf,
  MINUTES_KEPT,
  ROWS_PER_PAGE,
  SERIES_UNITS,
} from "../insight_limits.ts";
import type {
  DayRow,
  Depth,
  EndCounts,
  SeriesQuery,
  SeriesReply,
  SeriesRow,
  StepReply,
  TotalsRow,
} from "../store.ts";
import type { Database } from "./database.ts";
import { dropOldGroups } from "./errors.ts";
import { ADD_TO_DAY, ADD_TO_TOTALS, dayOf } from "./insight_tally.ts";
import type { LaneName } from "./lanes.ts";
import { readRollup, rollUp } from "./roll_up.ts";
import { STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

const ENDS = "completed, retried, dead, canceled, lost";
const ENDS_OF_MINUTES = ENDS.split(", ").map((end) => `minutes.${end}`).join(", ");

/** When the depth is to be sampled next, or hours are to be made. */
export const NEXT_SAMPLE = `
SELECT min(at) AS at FROM (
  SELECT coalesce((max(minute) + 1) * ${MINUTE_MS}, 0) AS at FROM samples
  UNION ALL SELECT 0 FROM rollup WHERE to_hour > from_hour
)`;
/** Jobs that have not ended, by lane and status. */
export const DEPTHS = `SELECT lane, status, n FROM counts
WHERE n > 0 AND status IN (${depthStatuses.map((status) => STATUS_CODE[status]).join(", ")})`;
/** Writes the depth of a pair. */
export const SET_DEPTH = `
INSERT INTO minutes (minute, pair, open, runs, waits, depth) VALUES (?, ?, 1, '', '', ?)
ON CONFLICT (minute, pair) DO UPDATE SET depth = excluded.depth`;
/** Minutes that are not in the totals: a few of each pair, as long as there is upkeep. */
export const OPEN_MINUTES = `
SELECT minute, pair, queue, type, ${ENDS_OF_MINUTES}
FROM minutes INDEXED BY minutes_open JOIN pairs USING (pair) WHERE open = 1`;
/** Notes that they are. */
export const CLOSE_MINUTES = "UPDATE minutes SET open = 0 WHERE open = 1 AND minute < ?";
/** Lets go of old minutes of a pair. */
export const DROP_MINUTES = "DELETE FROM minutes WHERE pair = ? AND minute < ?";
/** Lets go of old hours of a pair. */
export const DROP_HOURS = "DELETE FROM hours WHERE pair = ? AND hour < ?";
/** The pairs of a query, after one. */
export const PAIRS_OF_QUERY = `
SELECT pair FROM pairs WHERE pair > ? AND queue = coalesce(?, queue) AND type = coalesce(?, type)
ORDER BY pair`;
/** Minutes, or hours, of a pair. */
export const CELLS_OF_PAIR = {
  minute: `
SELECT queue, type, minute AS place, ${ENDS_OF_MINUTES}, runs, waits, depth
FROM minutes JOIN pairs USING (pair) WHERE pair = ? AND minute BETWEEN ? AND ?`,
  hour: `
SELECT queue, type, hour AS place, ${
    ENDS_OF_MINUTES.replaceAll("minutes", "hours")
  }, runs, waits, depth
FROM hours JOIN pairs USING (pair) WHERE pair = ? AND hour BETWEEN ? AND ?`,
};
/** Minutes, or hours, that were sampled. */
const SAMPLED = {
  minute: "SELECT minute AS place FROM samples WHERE minute BETWEEN ? AND ? ORDER BY minute",
  hour: "SELECT hour AS place FROM hour_samples WHERE hour BETWEEN ? AND ? ORDER BY hour",
};

const TOTALS = `SELECT pair, queue, type, ${ENDS} FROM pairs`;
const DAYS = "SELECT day, queue, completed, dead FROM days WHERE day BETWEEN ? AND ?";

interface OpenRow extends EndCounts, LaneName {
  readonly minute: number;
  readonly pair: number;
}

interface CellRow extends EndCounts, LaneName {
  readonly place: number;
  readonly runs: string;
  readonly waits: string;
  readonly depth: string;
}

/** See `InsightStage.sample`. */
export function sample(tx: Transaction): StepReply {
  const { db, now } = tx;
  const minute = minuteOf(now);
  const isNew = db.run("INSERT INTO samples VALUES (?) ON CONFLICT DO NOTHING", minute) === 1;
  let moved = 0;
  if (isNew) {
    db.run("INSERT INTO hour_samples VALUES (?) ON CONFLICT DO NOTHING", hourOf(minute));
    moved = sampleDepths(tx, minute);
    closeMinutes(db, minute);
  }
  const { isDone, rolledTo } = rollUp(db, hourOf(minute));
  if (isNew) letGo(tx, minute, rolledTo);
  return { moved, nextInMs: isDone ? (minute + 1) * MINUTE_MS - now : 0 };
}

/** Adds minutes that are over to totals and days. */
function closeMinutes(db: Database, minute: number): void {
  for (const row of db.all<OpenRow>(OPEN_MINUTES)) {
    if (row.minute >= minute) continue;
    const { pair, completed, retried, dead, canceled, lost } = row;
    db.run(ADD_TO_TOTALS, completed, retried, dead, canceled, lost, pair);
    if (completed + dead > 0) db.run(ADD_TO_DAY, dayOf(row.minute), completed, dead, pair);
  }
  db.run(CLOSE_MINUTES, minute);
}

/** Lets go of what is too old; of minutes only if they are in their hours. */
function letGo(tx: Transaction, minute: number, rolledTo: number): void {
  const { db } = tx;
  const first = minute - MINUTES_KEPT + 1;
  for (const { pair } of db.all<{ pair: number }>("SELECT pair FROM pairs")) {
    db.run(DROP_MINUTES, pair, Math.min(first, rolledTo * 60));
    db.run(DROP_HOURS, pair, hourOf(minute) - HOURS_KEPT + 1);
  }
  dropOldGroups(tx);
  db.run("DELETE FROM samples WHERE minute < ?", Math.min(first, rolledTo * 60));
  db.run("DELETE FROM hour_samples WHERE hour < ?", hourOf(minute) - HOURS_KEPT + 1);
  db.run("DELETE FROM days WHERE day < ?", dayOf(minute) - DAYS_KEPT + 1);
}

/** Writes how many jobs have not ended; tells of how many lanes. */
function sampleDepths(tx: Transaction, minute: number): number {
  const nameOf = new Map(depthStatuses.map((status) => [STATUS_CODE[status], status] as const));
  const depths = new Map<number, Record<keyof Depth, number>>();
  const lanes = new Set<number>();
  for (const row of tx.db.all<{ lane: number; status: number; n: number }>(DEPTHS)) {
    lanes.add(row.lane);
    const pair = tx.pairs.of(row.lane, tx.lanes.name(row.lane));
    const depth = depths.get(pair) ??
      { ready: 0, scheduled: 0, deferred: 0, processing: 0, retry: 0 };
    depths.set(pair, depth);
    depth[nameOf.get(row.status as 0)!] += row.n;
  }
  for (const [pair, depth] of depths) tx.db.run(SET_DEPTH, minute, pair, encodeDepth(depth));
  return lanes.size;
}

/** See `InsightStage.series`. */
export function series(db: Database, query: SeriesQuery, now: number): SeriesReply {
  const { queue = null, type = null, limit = ROWS_PER_PAGE, cursor = "0", unit = "minute" } = query;
  const span = spanOf(query, now);
  const { ms } = SERIES_UNITS[unit];
  const rolled = unit === "hour" ? readRollup(db).from : undefined;
  const { from } = span;
  const to = Math.min(span.to, rolled === undefined ? Infinity : rolled - 1);
  const rows: SeriesRow[] = [];
  let last: number | undefined;
  const sampledAt = db.all<{ place: number }>(SAMPLED[unit], from, to)
    .map(({ place }) => place * ms);
  const rolledTo = rolled === undefined ? {} : { rolledTo: rolled * HOUR_MS };
  for (const { pair } of db.all<{ pair: number }>(PAIRS_OF_QUERY, Number(cursor), queue, type)) {
    if (rows.length >= limit) return { rows, sampledAt, now, ...rolledTo, cursor: String(last) };
    for (const row of db.all<CellRow>(CELLS_OF_PAIR[unit], pair, from, to)) {
      rows.push(toRow(row, ms));
    }
    last = pair;
  }
  return { rows, sampledAt, now, ...rolledTo };
}

function toRow({ place, runs, waits, depth, ...row }: CellRow, ms: number): SeriesRow {
  return {
    ...row,
    at: place * ms,
    runs: decodeHistogram(runs),
    waits: decodeHistogram(waits),
    depth: decodeDepth(depth),
  };
}

/** See `InsightStage.totals`. */
export function totals(db: Database): TotalsRow[] {
  const rows = db.all<EndCounts & LaneName & { pair: number }>(TOTALS);
  const byPair = new Map(rows.map(({ pair, ...row }) => [pair, { ...row }]));
  for (const { pair, ...open } of db.all<OpenRow>(OPEN_MINUTES)) {
    const row = byPair.get(pair)!;
    byPair.set(pair, {
      ...row,
      completed: row.completed + open.completed,
      retried: row.retried + open.retried,
      dead: row.dead + open.dead,
      canceled: row.canceled + open.canceled,
      lost: row.lost + open.lost,
    });
  }
  return [...byPair.values()].filter(({ completed, retried, dead, canceled, lost }) =>
    completed + retried + dead + canceled + lost > 0
  );
}

/** See `InsightStage.days`. */
export function days(db: Database, count: number, now: number): DayRow[] {
  const today = Math.floor(now / DAY_MS);
  const first = today - count + 1;
  const rows = db.all<{ day: number; queue: string; completed: number; dead: number }>(
    DAYS,
    first,
    today,
  );
  const open = db.all<OpenRow>(OPEN_MINUTES)
    .map(({ minute, queue, completed, dead }) => ({ day: dayOf(minute), queue, completed, dead }))
    .filter(({ day, completed, dead }) => completed + dead > 0 && day >= first && day <= today);
  const byDay = new Map<string, DayRow>();
  for (const { day, queue, completed, dead } of [...rows, ...open]) {
    const before = byDay.get(`${day} ${queue}`);
    byDay.set(`${day} ${queue}`, {
      queue,
      at: day * DAY_MS,
      completed: completed + (before?.completed ?? 0),
      dead: dead + (before?.dead ?? 0),
    });
  }
  return [...byDay.values()];
}
