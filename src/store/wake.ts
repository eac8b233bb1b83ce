/**
 * Wake-ups within one process: a latch for each pool that looks for work.
 *
 * @module
 */

import type { ClaimReply, ClaimSource, WakeSource } from "./store.ts";

/** The latches of one store. Other embedded stores use it for their own process. */
export class WakeHub {
  readonly #latches = new Set<Latch>();

  /** Makes a latch for these sources. */
  subscribe(sources: readonly ClaimSource[]): WakeSource {
    const latch = new Latch(sources, () => this.#latches.delete(latch));
    this.#latches.add(latch);
    return latch;
  }

  /** Sets the latches of those that can run this type from this queue. */
  ready(queue: string, type: string): void {
    for (const latch of this.#latches) if (latch.takes(queue, type)) latch.set();
  }

  /** Sets the latches of upkeep. */
  upkeep(): void {
    for (const latch of this.#latches) if (latch.isUpkeep) latch.set();
  }

  /** Sets every latch: the next due time is earlier, or something changed elsewhere. */
  all(): void {
    for (const latch of this.#latches) latch.set();
  }
}

/** A latch for some sources. */
export class Latch implements WakeSource {
  readonly #byQueue = new Map<string, ReadonlySet<string>>();
  readonly #others: ReadonlySet<string> | undefined;
  readonly #dispose: (() => void) | undefined;
  #set = false;
  #resolve: (() => void) | undefined;

  /** @param sources What its pool takes. @param dispose Called when it is no longer needed. */
  constructor(sources: readonly ClaimSource[], dispose?: () => void) {
    this.#dispose = dispose;
    for (const { queue, types } of sources) {
      if (queue === null) this.#others = new Set(types);
      else this.#byQueue.set(queue, new Set(types));
    }
  }

  /** Whether someone waits now. */
  get isListening(): boolean {
    return this.#resolve !== undefined;
  }

  /** Whether it takes from queues that it does not name. */
  get takesAll(): boolean {
    return this.#others !== undefined;
  }

  /** Whether it is for upkeep, not for a pool. */
  get isUpkeep(): boolean {
    return this.#byQueue.size === 0 && !this.takesAll;
  }

  /** Types by the queue that names them. */
  get named(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#byQueue;
  }

  /** Whether its pool takes this type from this queue. */
  takes(queue: string, type: string): boolean {
    return (this.#byQueue.get(queue) ?? this.#others)?.has(type) ?? false;
  }

  /** Sets it. */
  set(): void {
    this.#set = true;
    this.#resolve?.();
  }

  next(signal: AbortSignal): Promise<ClaimReply | void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.#resolve = undefined;
        this.#set = false;
        resolve();
      };
      if (this.#set || signal.aborted) return done();
      this.#resolve = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }

  [Symbol.dispose](): void {
    this.#dispose?.();
    this.#resolve?.();
  }
}
