/**
 * Who has waited longest, in a SQLite file: a few looks into indexes per lane.
 *
 * @module
 */

import type { OldestRow } from "../store.ts";
import type { Database } from "./database.ts";
import { type Lanes, READY_LANES } from "./lanes.ts";
import { IS_CLAIMABLE, IS_DELAYED, IS_READY } from "./schema.ts";

/** Jobs that are due, but not ready, that one call looks at. */
const MOST_DUE = 1000;
/** Above every priority. */
const ABOVE_ALL = 1000;

const COLUMNS = "id, priority, coalesce(run_at, created_at) AS readyAt";

/** The first in line of the next lower priority: also one that was given back to its old place. */
export const FIRST_OF_PRIORITY = `
SELECT ${COLUMNS} FROM jobs
WHERE ${IS_CLAIMABLE} AND lane = ? AND priority < ? ORDER BY priority DESC, order_seq LIMIT 1`;
/** The one that became ready first: also at the front, or parked. */
export const FIRST_READY = `
SELECT ${COLUMNS} FROM jobs WHERE ${IS_READY} AND lane = ? ORDER BY moved LIMIT 1`;
/** Those that are due first. */
export const FIRST_DUE = `
SELECT id, lane, run_at AS readyAt FROM jobs
WHERE ${IS_DELAYED} AND run_at <= ? ORDER BY run_at LIMIT ${MOST_DUE}`;

interface FoundRow {
  readonly id: string;
  readonly readyAt: number;
}

/** See `InspectStage.oldest`. */
export function oldest(db: Database, lanes: Lanes, now: number): OldestRow[] {
  const found = new Map<number, FoundRow>();
  const add = (lane: number, row: FoundRow): void => {
    if (row.readyAt < (found.get(lane)?.readyAt ?? Infinity)) found.set(lane, row);
  };
  for (const { lane } of db.all<{ lane: number }>(READY_LANES)) {
    const first = db.get<FoundRow>(FIRST_READY, lane);
    if (first !== undefined) add(lane, first);
    let below = ABOVE_ALL;
    while (true) {
      const row = db.get<FoundRow & { priority: number }>(FIRST_OF_PRIORITY, lane, below);
      if (row === undefined) break;
      add(lane, row);
      below = row.priority;
    }
  }
  for (const row of db.all<FoundRow & { lane: number }>(FIRST_DUE, now)) add(row.lane, row);
  return [...found].map(([lane, { id, readyAt }]) => ({ ...lanes.name(lane), id, readyAt }));
}
