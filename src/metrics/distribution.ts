/**
 * How values are spread, counted since the process began: numbers that only grow, so that whoever
 * reads them now and then can tell what came in between.
 *
 * @module
 */

/** Upper bounds for durations of attempts and waits, in seconds. */
export const RUN_BOUNDS: readonly number[] = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10, 30, 60, 300, 1800],
];
/** Upper bounds for durations of calls of a store, in seconds. */
export const CALL_BOUNDS: readonly number[] = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];
/** Upper bounds for sizes, in bytes. */
export const SIZE_BOUNDS: readonly number[] = [64, 256, 1024, 4096, 16_384, 65_536, 262_144];

/** How values are spread. */
export class Distribution {
  /** Upper bounds, rising; each counts what is not above it, and above the one before. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds Upper bounds, rising. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** How many values there are between the bounds; of the last, above them all. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** What all values come to. */
  get sum(): number {
    return this.#sum;
  }

  /** Adds a value. */
  add(value: number): void {
    const { bounds } = this;
    let i = 0;
    while (i < bounds.length && value > bounds[i]!) i++;
    this.#counts[i]!++;
    this.#sum += value;
  }
}
