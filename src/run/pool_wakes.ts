/**
 * What wakes a pool: work of the types that it may start.
 *
 * @module
 */

import type { ClaimSource, Store, WakeSource } from "../store/store.ts";

/** The wakes of one pool. */
export class PoolWakes {
  readonly #onWake: () => void;
  /** Set by work of the types that may be started; undefined where there are none. */
  #latch: WakeSource | undefined;
  /** Set while the pool waits for a wake; aborted when it has no room for a job. */
  #listening: AbortController | undefined;
  #isStale = true;

  /** @param onWake Called when there is work. */
  constructor(onWake: () => void) {
    this.#onWake = onWake;
  }

  /** Other types may be started than before. */
  changed(): void {
    this.#isStale = true;
  }

  /** Listens for the types that may be started, if they have changed: a wake for another is not this server's. */
  subscribe(store: Store, sources: () => readonly ClaimSource[] | undefined): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    this.end();
    const open = sources();
    this.#latch = open && store.subscribe(open);
  }

  /** There is no room for a job: wakes are for others. */
  full(): void {
    this.#listening?.abort();
    this.#latch?.full?.();
  }

  /** Lets the store wake the pool, until there is no room. False if there is nothing to wake it for. */
  listen(): boolean {
    const latch = this.#latch;
    if (latch === undefined) return false;
    if (this.#listening?.signal.aborted === false) return true;
    const listening = new AbortController();
    this.#listening = listening;
    latch.next(listening.signal).then(() => {
      if (this.#listening === listening) this.#listening = undefined;
      this.#onWake();
    });
    return true;
  }

  /** Listens no more. */
  end(): void {
    this.#listening?.abort();
    this.#latch?.[Symbol.dispose]();
    this.#latch = undefined;
  }
}
