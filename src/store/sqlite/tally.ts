/**
 * How many jobs a transaction moves into and out of each lane and status, added
 * up here and written once, at its end.
 *
 * @module
 */

import type { Database } from "./database.ts";
import { STATUS_CODE } from "./schema.ts";

const ADD = `
INSERT INTO counts (status, lane, n) VALUES (?, ?, ?)
ON CONFLICT (status, lane) DO UPDATE SET n = n + excluded.n`;

/** More than there are statuses, so that lane and status fit into one key. */
const STATUSES = 16;

/** Changes of `counts` that are not written yet. */
export class Tally {
  readonly #changes = new Map<number, number>();

  /** Notes that the count of a lane and status changes. */
  add(lane: number, status: number, change: number): void {
    const key = lane * STATUSES + status;
    this.#changes.set(key, (this.#changes.get(key) ?? 0) + change);
  }

  /** Lanes with more ready jobs than `counts` says. */
  *grownReadyLanes(): Generator<number> {
    for (const [key, change] of this.#changes) {
      if (change > 0 && key % STATUSES === STATUS_CODE.ready) yield Math.floor(key / STATUSES);
    }
  }

  /** Writes the changes. */
  flush(db: Database): void {
    for (const [key, change] of this.#changes) {
      if (change !== 0) db.run(ADD, key % STATUSES, Math.floor(key / STATUSES), change);
    }
    this.#changes.clear();
  }
}
