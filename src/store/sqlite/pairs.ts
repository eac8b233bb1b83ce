/**
 * Pairs: the numbers that stand for a queue and a type in what is counted. They
 * stay when the lane has gone.
 *
 * @module
 */

import { MAX_PAIRS, OTHERS } from "../insight_limits.ts";
import type { Database } from "./database.ts";
import type { LaneName } from "./lanes.ts";

const FIND_PAIR = "SELECT pair FROM pairs WHERE queue = ? AND type = ?";
const COUNT_PAIRS = "SELECT count(*) AS n FROM pairs";
/** Most lanes that are remembered: their numbers rise for ever, as lanes come and go. */
const MAX_REMEMBERED = 10_000;
const ADD_PAIR = "INSERT INTO pairs (queue, type) VALUES (?, ?)";

/** The pairs of one file, as far as this connection has met them. */
export class Pairs {
  readonly #db: Database;
  readonly #numbers = new Map<number, number>();

  /** @param db Where to look for pairs not met before. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Number of the pair that a lane counts as; made if there is none. To be called in a transaction that writes. */
  of(lane: number, name: LaneName): number {
    const known = this.#numbers.get(lane);
    if (known !== undefined) return known;
    const pair = this.#find(name) ?? this.#make(name);
    if (this.#numbers.size === MAX_REMEMBERED) this.forget();
    this.#numbers.set(lane, pair);
    return pair;
  }

  /** Forgets everything, as after a transaction that was taken back. */
  forget(): void {
    this.#numbers.clear();
  }

  #find({ queue, type }: LaneName): number | undefined {
    return this.#db.get<{ pair: number }>(FIND_PAIR, queue, type)?.pair;
  }

  #make(name: LaneName): number {
    const others = { queue: OTHERS, type: OTHERS };
    const isFull = this.#db.get<{ n: number }>(COUNT_PAIRS)!.n >= MAX_PAIRS;
    const made = isFull ? others : name;
    const known = isFull ? this.#find(others) : undefined;
    if (known !== undefined) return known;
    this.#db.run(ADD_PAIR, made.queue, made.type);
    return this.#find(made)!;
  }
}
