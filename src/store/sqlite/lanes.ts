/**
 * Lanes: the numbers that stand for a queue and a type, and the names they
 * stand for. Each connection keeps those it has met; numbers are never given
 * twice, and `meta` says when some were removed.
 *
 * @module
 */

import type { Database } from "./database.ts";
import { IS_READY } from "./schema.ts";

/** Lanes that have ready jobs. */
export const READY_LANES = `SELECT lane FROM counts WHERE ${IS_READY} AND n > 0`;

/** What a lane stands for. */
export interface LaneName {
  readonly queue: string;
  readonly type: string;
}

interface LaneRow extends LaneName {
  readonly lane: number;
}

/** The lanes of one file, as far as this connection has met them. */
export class Lanes {
  readonly #db: Database;
  readonly #names = new Map<number, LaneName>();
  readonly #numbers = new Map<string, Map<string, number>>();
  #last = 0;
  #epoch = 0;

  /** @param db Where to look for lanes not met before. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Brings itself up to date with what a transaction read from `meta`. */
  refresh(last: number, epoch: number): void {
    if (epoch !== this.#epoch) this.forget();
    if (last !== this.#last) this.#load();
    this.#last = last;
    this.#epoch = epoch;
  }

  /** Forgets everything, as after a transaction that was taken back. */
  forget(): void {
    this.#names.clear();
    this.#numbers.clear();
    this.#last = 0;
  }

  /** Number of a lane, if it has one. */
  find(queue: string, type: string): number | undefined {
    return this.#numbers.get(queue)?.get(type);
  }

  /** Writes a new lane. */
  create(lane: number, queue: string, type: string): void {
    this.#db.run("INSERT INTO lanes (lane, queue, type) VALUES (?, ?, ?)", lane, queue, type);
    this.#remember({ lane, queue, type });
    this.#last = lane;
  }

  /** What a lane stands for. */
  name(lane: number): LaneName {
    if (!this.#names.has(lane)) this.#load();
    const name = this.#names.get(lane);
    if (name === undefined) throw new Error(`Cannot read job as lane ${lane} does not exist`);
    return name;
  }

  /** The lanes of a queue. */
  ofQueue(queue: string): Iterable<number> {
    return this.#numbers.get(queue)?.values() ?? [];
  }

  /** The lanes of a type. */
  ofType(type: string): number[] {
    const lanes = [...this.#numbers.values()].map((types) => types.get(type));
    return lanes.filter((lane) => lane !== undefined);
  }

  #load(): void {
    const rows = this.#db.all<LaneRow>(
      "SELECT lane, queue, type FROM lanes WHERE lane > ?",
      this.#last,
    );
    for (const row of rows) this.#remember(row);
  }

  #remember({ lane, queue, type }: LaneRow): void {
    this.#names.set(lane, { queue, type });
    let types = this.#numbers.get(queue);
    if (types === undefined) this.#numbers.set(queue, types = new Map());
    types.set(type, lane);
  }
}
