/**
 * Ends of jobs whose children are still to be told, in the order in which they
 * came: those of this transaction, and what it leaves to later ones.
 *
 * What is left waits in the table `relays`. A transaction goes on at once with
 * what is new all the same, but never past an older entry of the same parent.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Children that one transaction tells at most, unless it says otherwise. */
const TOLD_PER_TRANSACTION = 500;

/** What the children of a job are to be told. */
export interface Relay {
  /** Number of the job. It may have gone. */
  readonly parent: number;
  /** Its id. */
  readonly id: string;
  /** How it ended, as text; null if its canceled children are to be revived. */
  readonly how: string | null;
  /** Whether it ended as all children hoped. */
  readonly completed: boolean;
  /** Number of the change: it does not concern jobs that came, or began to wait, later. */
  readonly before: number;
  /** Children up to this one have been told. */
  cursor: number;
}

/** A row of `relays`. */
interface RelayRow {
  readonly number: number;
  readonly parent: number;
  readonly parent_id: string;
  readonly how: string | null;
  readonly completed: number;
  readonly before: number;
  readonly cursor: number;
}

const COLUMNS = "number, parent, parent_id, how, completed, before, cursor";
/** Tells whether any are left: says when, for the step that works on them. */
export const NEXT_RELAY = "SELECT 0 AS at FROM relays LIMIT 1";
/** The one that has waited longest. */
export const FIRST_RELAY = `SELECT ${COLUMNS} FROM relays ORDER BY number LIMIT 1`;
/** Those of one parent. */
export const RELAYS_OF_PARENT = `SELECT ${COLUMNS} FROM relays WHERE parent = ?`;
const INSERT_RELAY = `
INSERT INTO relays (parent, parent_id, how, completed, before, cursor) VALUES (?, ?, ?, ?, ?, ?)`;
const MOVE_CURSOR = "UPDATE relays SET cursor = ? WHERE number = ?";
const DELETE_RELAY = "DELETE FROM relays WHERE number = ?";

/** The queue, as one transaction sees it. */
export class RelayQueue {
  /** Children that this transaction may still tell. */
  budget: number = TOLD_PER_TRANSACTION;
  /** Children that it released, canceled or revived. */
  moved: number = 0;
  /** Those of them that it released. */
  released: number = 0;
  readonly #db: Database;
  readonly #now: Relay[] = [];
  readonly #later: Relay[] = [];
  #stored: number;

  /** @param db Where the table is. @param stored Rows that it has. */
  constructor(db: Database, stored: number) {
    this.#db = db;
    this.#stored = stored;
  }

  /** Rows of the table. */
  get stored(): number {
    return this.#stored;
  }

  /** Notes how many rows the table has, where the number that was kept is wrong. */
  recount(stored: number): void {
    this.#stored = stored;
  }

  /** Adds an entry. */
  add(relay: Relay): void {
    const isBehind = this.#storedOf(relay.parent).length > 0;
    if (isBehind) this.#later.push(relay);
    else this.#now.push(relay);
  }

  /** The entry to go on with now, if there is one and the transaction may. */
  next(): Relay | undefined {
    return this.budget > 0 ? this.#now[0] : undefined;
  }

  /** The entry that `next` gave is done. */
  done(): void {
    this.#now.shift();
  }

  /** Ends of a job that not all of its children know of. */
  endsOf(parent: number): Relay[] {
    return [...this.#storedOf(parent), ...this.#now, ...this.#later]
      .filter((relay) => relay.parent === parent && relay.how !== null);
  }

  /** The entry of the table that has waited longest; `done` takes it out, `save` keeps how far it is. */
  oldest(): { relay: Relay; done(): void; save(): void } | undefined {
    const row = this.#stored === 0 ? undefined : this.#db.get<RelayRow>(FIRST_RELAY);
    if (row === undefined) return undefined;
    const relay = toRelay(row);
    return {
      relay,
      done: () => {
        this.#stored -= this.#db.run(DELETE_RELAY, row.number);
      },
      save: () => void this.#db.run(MOVE_CURSOR, relay.cursor, row.number),
    };
  }

  /** Writes what is left to later transactions; tells whether there is any. */
  flush(): boolean {
    const left = [...this.#now.splice(0), ...this.#later.splice(0)];
    for (const { parent, id, how, completed, before, cursor } of left) {
      this.#db.run(INSERT_RELAY, parent, id, how, completed ? 1 : 0, before, cursor);
    }
    this.#stored += left.length;
    return left.length > 0;
  }

  #storedOf(parent: number): Relay[] {
    if (this.#stored === 0) return [];
    return this.#db.all<RelayRow>(RELAYS_OF_PARENT, parent).map(toRelay);
  }
}

function toRelay({ parent, parent_id: id, how, completed, before, cursor }: RelayRow): Relay {
  return { parent, id, how, completed: completed === 1, before, cursor };
}
