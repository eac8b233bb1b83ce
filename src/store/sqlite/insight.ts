/**
 * Totals, days and minutes in SQLite.
 *
 * A minute's counts are added to the totals and to the day when it is over, by
 * `sample`; until then they are `open` and are added whenever somebody asks.
 *
 * @module
 */

import { depthStatuses } from "../depth.ts";
import { firstMinute } from "../check_series.ts";
import { decodeDepth, decodeHistogram, encodeDepth } from "../cell_text.ts";
import {
  DAY_MS,
  DAYS_KEPT,
  MINUTE_MS,
  minuteOf,
  MINUTES_KEPT,
  ROWS_PER_PAGE,
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
import { STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

const ENDS = "completed, retried, dead, canceled, lost";
const ENDS_OF_MINUTES = ENDS.split(", ").map((end) => `minutes.${end}`).join(", ");

/** When the depth is to be sampled next. */
export const NEXT_SAMPLE =
  `SELECT coalesce((max(minute) + 1) * ${MINUTE_MS}, 0) AS at FROM samples`;
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
/** The pairs of a query, after one. */
export const PAIRS_OF_QUERY = `
SELECT pair FROM pairs WHERE pair > ? AND queue = coalesce(?, queue) AND type = coalesce(?, type)
ORDER BY pair`;
/** Minutes of a pair. */
export const MINUTES_OF_PAIR = `
SELECT queue, type, minute, ${ENDS_OF_MINUTES}, runs, waits, depth
FROM minutes JOIN pairs USING (pair) WHERE pair = ? AND minute BETWEEN ? AND ?`;

const TOTALS = `SELECT pair, queue, type, ${ENDS} FROM pairs`;
const DAYS = "SELECT day, queue, completed, dead FROM days WHERE day BETWEEN ? AND ?";

interface OpenRow extends EndCounts, LaneName {
  readonly minute: number;
  readonly pair: number;
}

interface MinuteRow extends EndCounts, LaneName {
  readonly minute: number;
  readonly runs: string;
  readonly waits: string;
  readonly depth: string;
}

/** See `InsightStage.sample`. */
export function sample(tx: Transaction): StepReply {
  const { db, now } = tx;
  const minute = minuteOf(now);
  const nextInMs = (minute + 1) * MINUTE_MS - now;
  const isNew = db.run("INSERT INTO samples VALUES (?) ON CONFLICT DO NOTHING", minute) === 1;
  if (!isNew) return { moved: 0, nextInMs };
  const moved = sampleDepths(tx, minute);
  for (const row of db.all<OpenRow>(OPEN_MINUTES)) {
    if (row.minute >= minute) continue;
    const { pair, completed, retried, dead, canceled, lost } = row;
    db.run(ADD_TO_TOTALS, completed, retried, dead, canceled, lost, pair);
    if (completed + dead > 0) db.run(ADD_TO_DAY, dayOf(row.minute), completed, dead, pair);
  }
  db.run(CLOSE_MINUTES, minute);
  const first = minute - MINUTES_KEPT + 1;
  for (const { pair } of db.all<{ pair: number }>("SELECT pair FROM pairs")) {
    db.run(DROP_MINUTES, pair, first);
  }
  dropOldGroups(tx);
  db.run("DELETE FROM samples WHERE minute < ?", first);
  db.run("DELETE FROM days WHERE day < ?", dayOf(minute) - DAYS_KEPT + 1);
  return { moved, nextInMs };
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
  const { queue = null, type = null, limit = ROWS_PER_PAGE, cursor = "0" } = query;
  const from = firstMinute(query, now);
  const to = Math.min(minuteOf(query.toAt), minuteOf(Number.MAX_SAFE_INTEGER));
  const rows: SeriesRow[] = [];
  let last: number | undefined;
  const sampledAt = db.all<{ minute: number }>(
    "SELECT minute FROM samples WHERE minute BETWEEN ? AND ? ORDER BY minute",
    from,
    to,
  ).map(({ minute }) => minute * MINUTE_MS);
  for (const { pair } of db.all<{ pair: number }>(PAIRS_OF_QUERY, Number(cursor), queue, type)) {
    if (rows.length >= limit) return { rows, sampledAt, now, cursor: String(last) };
    for (const row of db.all<MinuteRow>(MINUTES_OF_PAIR, pair, from, to)) rows.push(toRow(row));
    last = pair;
  }
  return { rows, sampledAt, now };
}

function toRow({ minute, runs, waits, depth, ...row }: MinuteRow): SeriesRow {
  return {
    ...row,
    at: minute * MINUTE_MS,
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
