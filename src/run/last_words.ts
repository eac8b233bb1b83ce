/**
 * The patience that whoever stops has with a store that does not answer.
 *
 * @module
 */

import { type Clock, endsWithin } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Store } from "../store/store.ts";

/** All of it, in milliseconds. */
export const LAST_WORDS_MS = 10_000;
/** What loops and threads get to end by themselves when there is none left, in milliseconds. */
const LEAST_MS = 500;

/** What is left of it, whatever it is spent on, until there is an answer. */
export class LastWords {
  readonly #clock: Clock;
  #until: number | undefined;

  /** @param clock Measures it. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for what the store is to do; false if it has not done it in time. */
  async hear(work: Promise<unknown>): Promise<boolean> {
    const heard = await endsWithin(this.#clock, work, Math.max(0, this.#leftMs()));
    if (heard) this.#until = undefined;
    return heard;
  }

  /** Waits for loops that have been told to end. */
  async endLoops(loops: Promise<unknown>): Promise<void> {
    await endsWithin(this.#clock, loops, Math.max(LEAST_MS, this.#leftMs()));
  }

  /** Has the store forget who stops. Never rejects: else it is forgotten when it has been silent for a while. */
  async sayGoodbye(store: Store, server: string, logger: Logger): Promise<void> {
    const left = store.leave(server).catch((error: unknown) => {
      logger.warn("Store was not told of the stop", { server, error });
    });
    await this.hear(left);
  }

  #leftMs(): number {
    const now = this.#clock.mono();
    return (this.#until ??= now + LAST_WORDS_MS) - now;
  }
}
