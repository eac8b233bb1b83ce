/**
 * A limit of time to what may also end otherwise.
 *
 * @module
 */

import type { Clock, Timer } from "../../clock.ts";

/**
 * Aborts after a time, or with another signal. `AbortSignal.any` would leave something behind in a
 * signal that lasts, each time.
 */
export class Limit implements Disposable {
  readonly #ending = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: Timer;
  readonly #end = (): void => this.#ending.abort();

  /** @param outer The other signal. @param ms Milliseconds until it aborts. */
  constructor(outer: AbortSignal, clock: Clock, ms: number) {
    this.#outer = outer;
    this.#timer = clock.after(ms, this.#end);
    outer.addEventListener("abort", this.#end, { once: true });
    if (outer.aborted) this.#end();
  }

  /** Aborts when it is over. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Resolves when it is over. */
  over(): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Lets go of the signal and the timer. */
  [Symbol.dispose](): void {
    this.#timer.cancel();
    this.#outer.removeEventListener("abort", this.#end);
  }
}
