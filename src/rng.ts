/**
 * Chance as a port, so that a test can replay it.
 *
 * @module
 */

/** A source of numbers in [0, 1). */
export type Rng = () => number;

/** The runtime's own chance. */
export const systemRng: Rng = () => Math.random();

/**
 * A repeatable source of numbers: the same seed gives the same numbers.
 * The generator is mulberry32 (Tommy Ettinger, public domain), good enough for
 * tests and load, not for secrets.
 */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
