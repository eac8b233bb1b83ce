/**
 * How long another is waited for. A process that was stopped, or too busy to read, has not listened: of such a
 * time little counts, so that an answer which has come meanwhile is read before it is missed.
 *
 * @module
 */

import { systemClock, type Timer } from "../../clock.ts";

/** Longest time between two looks at the clock, in milliseconds. */
const STEP_MS = 250;

/**
 * How much of the time between two looks at the clock counts, in milliseconds. After a late look another follows
 * before the limit is reached.
 *
 * @param elapsedMs Since the look before. @param stepMs When the look was to come. @param limitMs The whole limit.
 */
export function listenedMs(elapsedMs: number, stepMs: number, limitMs: number): number {
  return elapsedMs <= 2 * stepMs ? elapsedMs : Math.min(2 * stepMs, limitMs / 2);
}

/** A time limit for somebody else, from now on. */
export class Patience implements Disposable {
  readonly #limitMs: number;
  #leftMs: number;
  #lookedAt: number = systemClock.mono();
  #timer: Timer | undefined;
  readonly #over = Promise.withResolvers<void>();

  /** @param ms How long it lasts, in milliseconds. */
  constructor(ms: number) {
    this.#limitMs = ms;
    this.#leftMs = ms;
    this.#wait();
  }

  /** What is left of it, in milliseconds; 0 when it is over. */
  get leftMs(): number {
    const listened = listenedMs(systemClock.mono() - this.#lookedAt, STEP_MS, this.#limitMs);
    return Math.max(0, this.#leftMs - listened);
  }

  /** Resolves when it is over; never once it was given up. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Whether some work, which must not reject, ends before it is over. */
  async outlasts(work: Promise<unknown>): Promise<boolean> {
    return await Promise.race([work.then(() => true), this.over.then(() => false)]);
  }

  /** Gives it up. */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer = systemClock.after(Math.min(this.#leftMs, STEP_MS), () => {
      this.#leftMs = this.leftMs;
      this.#lookedAt = systemClock.mono();
      if (this.#leftMs > 0) this.#wait();
      else this.#over.resolve();
    });
  }
}
