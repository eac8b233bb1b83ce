/**
 * Hours made of minutes, in SQLite: pair by pair, some of them in each transaction. Minutes stay until
 * `from_hour` has passed them, so whatever ends in the middle is done again, or goes on.
 *
 * @module
 */

import { decodeDepth, decodeHistogram, encodeDepth, encodeHistogram } from "../cell_text.ts";
import { HOURS_KEPT } from "../insight_limits.ts";
import { lastMinutes, type MinuteCell, toHours } from "../roll_up.ts";
import type { EndCounts } from "../store.ts";
import type { Database } from "./database.ts";

/** Minutes after which a transaction ends with the pair that it is at. */
const MINUTES_AT_ONCE = 1000;

/** The minutes of a pair in some hours. */
export const MINUTES_TO_ROLL = `
SELECT minute, completed, retried, dead, canceled, lost, runs, waits, depth
FROM minutes WHERE pair = ? AND minute >= ? AND minute < ?`;
/** Writes an hour of a pair. */
export const PUT_HOUR = `
INSERT OR REPLACE INTO hours (pair, hour, completed, retried, dead, canceled, lost, runs, waits, depth)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const SAMPLES = "SELECT minute FROM samples WHERE minute >= ? AND minute < ?";
const READ_ROLLUP = 'SELECT from_hour AS "from", to_hour AS "to", pair FROM rollup';
const WRITE_ROLLUP = "UPDATE rollup SET from_hour = ?, to_hour = ?, pair = ?";

/** How far it is. */
interface Rollup {
  /** Hours before it are made. */
  readonly from: number;
  /** Hours before it are being made. */
  readonly to: number;
  /** Of pairs up to this one they were. */
  readonly pair: number;
}

interface MinuteRow extends EndCounts {
  readonly minute: number;
  readonly runs: string;
  readonly waits: string;
  readonly depth: string;
}

/** Reads how far it is. */
export function readRollup(db: Database): Rollup {
  return db.get<Rollup>(READ_ROLLUP)!;
}

/** Goes on with it; tells whether all hours before one are made, and up to where they are. */
export function rollUp(
  db: Database,
  hour: number,
): { readonly isDone: boolean; readonly rolledTo: number } {
  const before = readRollup(db);
  const isIdle = before.to === before.from;
  if (isIdle && hour <= before.from) return { isDone: true, rolledTo: before.from };
  const { from, to, pair } = isIdle
    ? { from: Math.max(before.from, hour - HOURS_KEPT), to: hour, pair: 0 }
    : before;
  const [first, end] = [from * 60, to * 60];
  const sampled = lastMinutes(
    db.all<{ minute: number }>(SAMPLES, first, end).map(({ minute }) => minute),
  );
  let read = 0;
  let last = pair;
  for (
    const next of db.all<{ pair: number }>(
      "SELECT pair FROM pairs WHERE pair > ? ORDER BY pair",
      pair,
    )
  ) {
    if (read >= MINUTES_AT_ONCE) {
      db.run(WRITE_ROLLUP, from, to, last);
      return { isDone: false, rolledTo: from };
    }
    last = next.pair;
    const rows = db.all<MinuteRow>(MINUTES_TO_ROLL, last, first, end);
    read += rows.length;
    for (const [at, cell] of toHours(rows.map(toCell), sampled)) {
      const { completed, retried, dead, canceled, lost, runs, waits, depth } = cell;
      const ends = [completed, retried, dead, canceled, lost];
      const texts = [encodeHistogram(new Map(runs)), encodeHistogram(new Map(waits))];
      db.run(PUT_HOUR, last, at, ...ends, ...texts, encodeDepth(depth));
    }
  }
  db.run(WRITE_ROLLUP, to, to, 0);
  return { isDone: to >= hour, rolledTo: to };
}

function toCell({ runs, waits, depth, ...row }: MinuteRow): MinuteCell {
  return {
    ...row,
    runs: decodeHistogram(runs),
    waits: decodeHistogram(waits),
    depth: decodeDepth(depth),
  };
}
