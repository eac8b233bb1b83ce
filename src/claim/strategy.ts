/**
 * In which order, and how evenly, a pool takes from its queues. Pure.
 *
 * @module
 */

import type { Rng } from "../rng.ts";
import type { ClaimSource } from "../store/store.ts";

/**
 * `strict`: the first listed queue that has work. `round_robin`: each claim
 * starts at the next queue. `weighted`: of n queues the first is drawn with
 * weight n, the last with weight 1, unless weights are given.
 */
export type Strategy = "strict" | "round_robin" | "weighted";

/** The strategies by name. */
export const strategies: readonly Strategy[] = ["strict", "round_robin", "weighted"];

/** What a pool takes, before shares are drawn. */
export type Source = Omit<ClaimSource, "share">;

/** Draws shares for the claims of one pool. */
export class SourcePicker {
  readonly #plain: readonly ClaimSource[];
  readonly #strategy: Strategy;
  readonly #rng: Rng;
  readonly #weights: readonly number[];
  readonly #sum: number;
  #turn = 0;

  /**
   * @param sources What the pool takes, in order of preference.
   * @param weights Of each, for `weighted`; by default n for the first of n, 1 for the last.
   */
  constructor(
    sources: readonly Source[],
    strategy: Strategy,
    rng: Rng,
    weights: readonly number[] = sources.map((_, i) => sources.length - i),
  ) {
    this.#plain = sources.map((source) => ({ ...source, share: 0 }));
    this.#strategy = strategy;
    this.#rng = rng;
    this.#weights = weights;
    this.#sum = weights.reduce((sum, weight) => sum + weight, 0);
  }

  /** Sources in the order and with the shares for a claim of up to `limit` jobs. */
  pick(limit: number): readonly ClaimSource[] {
    const n = this.#plain.length;
    if (n === 1 || this.#strategy === "strict") return this.#plain;
    const shares = this.#plain.map(() => 0);
    for (let i = 0; i < limit; i++) {
      shares[this.#strategy === "round_robin" ? (this.#turn + i) % n : this.#draw(n)]!++;
    }
    const shared = this.#plain.map((source, i) => ({ ...source, share: shares[i]! }));
    if (this.#strategy === "weighted") return shared;
    const first = this.#turn % n;
    return lastIsNull([...shared.slice(first), ...shared.slice(0, first)]);
  }

  /** Tells how many jobs a claim gave, so that the next one starts after them. */
  took(jobs: number): void {
    this.#turn = (this.#turn + Math.max(1, jobs)) % this.#plain.length;
  }

  /** Index of one of n, drawn by their weights. */
  #draw(n: number): number {
    let ball = this.#rng() * this.#sum;
    for (let i = 0; i < n; i++) {
      ball -= this.#weights[i]!;
      if (ball < 0) return i;
    }
    return n - 1;
  }
}

/** The source for all other queues must stand last. */
function lastIsNull(sources: ClaimSource[]): ClaimSource[] {
  return [
    ...sources.filter(({ queue }) => queue !== null),
    ...sources.filter(({ queue }) => queue === null),
  ];
}
