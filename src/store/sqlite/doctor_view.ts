/**
 * What the sections of a check see of the file: one state of it, which they may
 * change if the check is to repair.
 *
 * @module
 */

import type { Database } from "./database.ts";
import { Lanes } from "./lanes.ts";
import { Meters } from "./meters.ts";
import { type Relay, RelayQueue } from "./relay_queue.ts";
import type { Transaction } from "./transaction.ts";

/** One state of the file. */
export class DoctorView {
  readonly db: Database;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly #tx: Transaction | undefined;
  readonly #stored: RelayQueue;

  /** @param db With an open transaction. @param now The store's. @param tx Absent if the check only reads. */
  constructor(db: Database, now: number, tx?: Transaction) {
    this.db = db;
    this.now = now;
    this.#tx = tx;
    // It looks into the table, whatever the number says that is kept of its rows.
    this.#stored = new RelayQueue(db, 1);
  }

  /** Makes a repair; it is only called where the check may write. */
  mend(work: (tx: Transaction) => void): () => void {
    return () => work(this.#tx!);
  }

  /** Rules and counts. */
  get meters(): Meters {
    if (this.#tx !== undefined) return this.#tx.meters;
    const lanes = new Lanes(this.db);
    lanes.refresh(Infinity, 0);
    return new Meters({ db: this.db, lanes, now: this.now });
  }

  /** Ends of a job that not all of its children know of. */
  endsOf(parent: number): Relay[] {
    return [...this.#stored.endsOf(parent), ...this.#tx?.relays.endsOf(parent) ?? []];
  }

  /** Writes the changes of the counts, so that they can be read. */
  settleCounts(): void {
    this.#tx?.tally.flush(this.db);
  }
}
