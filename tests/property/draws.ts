/** Chance, as histories use it. */

import { type Rng, seededRng } from "../../src/rng.ts";

/** Draws from a seed. */
export class Draws {
  readonly #rng: Rng;

  constructor(seed: number) {
    this.#rng = seededRng(seed);
  }

  /** A number in [0, 1). */
  share(): number {
    return this.#rng();
  }

  /** A whole number, at least 0 and below `end`. */
  below(end: number): number {
    return Math.floor(this.#rng() * end);
  }

  /** True in so many cases of one. */
  chance(share: number): boolean {
    return this.#rng() < share;
  }

  /** One of some items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** The same items in any order; the same one in every runtime. */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0]!);
  }

  /** One to `most` things. */
  many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make);
  }
}
