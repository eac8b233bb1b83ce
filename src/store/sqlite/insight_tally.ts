/**
 * What a transaction ends in each lane, added up here and written once, at its
 * end: into the row of the minute. Totals and days take it from there.
 *
 * @module
 */

import { bucketOf } from "../../insight/buckets.ts";
import { decodeHistogram, encodeHistogram } from "../cell_text.ts";
import { DAY_MS, MINUTE_MS, minuteOf } from "../insight_limits.ts";
import type { EndCounts, Outcome } from "../store.ts";
import type { Database } from "./database.ts";
import type { Lanes } from "./lanes.ts";
import type { Pairs } from "./pairs.ts";

/** Times of a minute and a pair. */
export const MINUTE_TIMES = "SELECT runs, waits, open FROM minutes WHERE minute = ? AND pair = ?";
/** Adds to a minute. */
export const ADD_TO_MINUTE = `
INSERT INTO minutes (minute, pair, open, completed, retried, dead, canceled, lost, runs, waits)
VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (minute, pair) DO UPDATE SET completed = completed + excluded.completed,
  retried = retried + excluded.retried, dead = dead + excluded.dead,
  canceled = canceled + excluded.canceled, lost = lost + excluded.lost,
  runs = excluded.runs, waits = excluded.waits`;
/** Adds to the totals of a pair. */
export const ADD_TO_TOTALS = `
UPDATE pairs SET completed = completed + ?, retried = retried + ?, dead = dead + ?,
  canceled = canceled + ?, lost = lost + ?
WHERE pair = ?`;
/** Adds to a day of a pair's queue. */
export const ADD_TO_DAY = `
INSERT INTO days (day, queue, completed, dead) SELECT ?, queue, ?, ? FROM pairs WHERE pair = ?
ON CONFLICT (day, queue) DO UPDATE SET completed = completed + excluded.completed,
  dead = dead + excluded.dead`;

interface TimesRow {
  readonly runs: string;
  readonly waits: string;
  readonly open: number;
}

/** What ended in one lane. */
interface LaneTally {
  readonly counts: { -readonly [K in keyof EndCounts]: number };
  readonly runs: number[];
  readonly waits: number[];
}

/** What is not written yet. */
export class InsightTally {
  readonly #lanes = new Map<number, LaneTally>();

  /** Counts what ended in a lane. */
  count(lane: number, what: keyof EndCounts): void {
    this.#of(lane).counts[what]++;
  }

  /** Counts how long an attempt ran and waited. */
  time(lane: number, { ranMs, waitedMs }: Outcome): void {
    const { runs, waits } = this.#of(lane);
    runs.push(bucketOf(ranMs));
    if (waitedMs !== undefined) waits.push(bucketOf(waitedMs));
  }

  /** Writes what was counted. */
  flush(db: Database, lanes: Lanes, pairs: Pairs, now: number): void {
    const minute = minuteOf(now);
    for (const [lane, { counts, runs, waits }] of this.#lanes) {
      const pair = pairs.of(lane, lanes.name(lane));
      const before = db.get<TimesRow>(MINUTE_TIMES, minute, pair);
      const { completed, retried, dead, canceled, lost } = counts;
      const ends = [completed, retried, dead, canceled, lost];
      const times = [added(before?.runs, runs), added(before?.waits, waits)];
      db.run(ADD_TO_MINUTE, minute, pair, ...ends, ...times);
      // The clock has gone back to a minute that was added to the totals before.
      if (before?.open !== 0) continue;
      db.run(ADD_TO_TOTALS, ...ends, pair);
      if (completed + dead > 0) db.run(ADD_TO_DAY, dayOf(minute), completed, dead, pair);
    }
    this.#lanes.clear();
  }

  #of(lane: number): LaneTally {
    let tally = this.#lanes.get(lane);
    if (tally === undefined) {
      const counts = { completed: 0, retried: 0, dead: 0, canceled: 0, lost: 0 };
      this.#lanes.set(lane, tally = { counts, runs: [], waits: [] });
    }
    return tally;
  }
}

/** The day that a minute is in. */
export function dayOf(minute: number): number {
  return Math.floor(minute / (DAY_MS / MINUTE_MS));
}

/** A histogram as text, with some more buckets. */
function added(text: string | undefined, buckets: readonly number[]): string {
  if (buckets.length === 0) return text ?? "";
  const counts = new Map(text === undefined ? [] : decodeHistogram(text));
  for (const bucket of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  return encodeHistogram(counts);
}
