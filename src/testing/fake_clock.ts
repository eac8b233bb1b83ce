/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */

import { type Clock, sleep, systemClock, type Timer } from "../clock.ts";

/** Where a fake clock starts unless told otherwise: 2026-01-01T00:00:00.000Z. */
export const FAKE_CLOCK_START: number = 1_767_225_600_000;

interface Pending {
  readonly dueAt: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until a test moves it.
 *
 * @example
 * ```ts
 * import { FakeClock } from "@gqm/gqm/testing";
 * import { deepEqual } from "node:assert/strict";
 *
 * const clock = new FakeClock();
 * const rung: number[] = [];
 * clock.after(20, () => rung.push(20));
 * clock.after(10, () => rung.push(10));
 * await clock.advance(15);
 * deepEqual(rung, [10]);
 * await clock.advance(5);
 * deepEqual(rung, [10, 20]);
 * ```
 */
export class FakeClock implements Clock {
  #wall: number;
  #mono = 0;
  // In the order in which they were set, which decides between equal times.
  readonly #timers: Set<Pending> = new Set();

  /**
   * Makes a clock that stands still.
   *
   * @param startAt Epoch milliseconds at which it starts.
   */
  constructor(startAt: number = FAKE_CLOCK_START) {
    this.#wall = startAt;
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#wall;
  }

  /** Milliseconds that this clock has been moved forward. */
  mono(): number {
    return this.#mono;
  }

  /** Calls back once, when the clock has been moved `ms` milliseconds on. */
  after(ms: number, callback: () => void): Timer {
    const timer: Pending = { dueAt: this.#mono + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /**
   * Moves the clock on, stops at each callback that becomes due, earliest
   * first, and lets everything that waits for a promise run before the next.
   * Callbacks set on the way are made too. One call at a time.
   *
   * @param ms Milliseconds, 0 or more; 0 makes the calls that are due already.
   * @throws {RangeError} If `ms` is negative: see `jump`.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) {
      throw new RangeError(`Cannot advance clock as 'ms' must be >= 0: current value is ${ms}`);
    }
    const end = this.#mono + ms;
    for (;;) {
      const next = this.#earliest();
      if (next !== undefined && next.dueAt <= end) {
        this.#timers.delete(next);
        this.#move(Math.max(0, next.dueAt - this.#mono));
        next.callback();
        await this.settle();
      } else if (this.#mono < end) {
        this.#move(end - this.#mono);
      } else {
        await this.settle();
        if (this.#earliest() === next) return;
      }
    }
  }

  /**
   * Sets the wall clock forward, or back if negative, as an administrator
   * would: no time passes, so `mono` stays and no callback is made.
   */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Lets what waits for a promise run, after each callback. */
  protected async settle(): Promise<void> {
    await sleep(systemClock, 0);
  }

  #move(ms: number): void {
    this.#wall += ms;
    this.#mono += ms;
  }

  #earliest(): Pending | undefined {
    let earliest: Pending | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.dueAt < earliest.dueAt) earliest = timer;
    }
    return earliest;
  }
}
