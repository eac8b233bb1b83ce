/**
 * The latch of one pool that looks for work in Redis.
 *
 * @module
 */

import type { ClaimSource, WakeSource } from "../store.ts";

/** What a latch tells. */
export interface WakeLatchEvents {
  /** Someone begins to wait. */
  readonly onListen: () => void;
  /** Whoever waited has no room for a job. */
  readonly onFull: () => void;
  /** It is no longer needed. */
  readonly onDispose: () => void;
}

/** A latch for some sources. */
export class WakeLatch implements WakeSource {
  /** Pairs whose token came when nobody waited; it went back, and is not asked for until someone does. */
  readonly away: Set<string> = new Set();
  readonly #byQueue = new Map<string, ReadonlySet<string>>();
  readonly #others: ReadonlySet<string> | undefined;
  readonly #events: WakeLatchEvents | undefined;
  #isSet = false;
  #resolve: (() => void) | undefined;

  /** @param sources What its pool takes. @param events Who is told. */
  constructor(sources: readonly ClaimSource[], events?: WakeLatchEvents) {
    this.#events = events;
    for (const { queue, types } of sources) {
      if (queue === null) this.#others = new Set(types);
      else this.#byQueue.set(queue, new Set(types));
    }
  }

  /** Whether someone waits now. */
  get isListening(): boolean {
    return this.#resolve !== undefined;
  }

  /** Whether it is for upkeep, not for a pool. */
  get isUpkeep(): boolean {
    return this.#byQueue.size === 0 && this.#others === undefined;
  }

  /** Whether it takes from queues that it does not name. */
  get takesAll(): boolean {
    return this.#others !== undefined;
  }

  /** Whether its pool takes this type from this queue. */
  takes(queue: string, type: string): boolean {
    return (this.#byQueue.get(queue) ?? this.#others)?.has(type) ?? false;
  }

  /** What its pool takes, as `queue|type`, of all pairs there are. */
  *pairs(known: readonly (readonly [queue: string, type: string])[]): Iterable<string> {
    for (const [queue, types] of this.#byQueue) for (const type of types) yield `${queue}|${type}`;
    if (this.#others === undefined) return;
    for (const [queue, type] of known) {
      if (!this.#byQueue.has(queue) && this.#others.has(type)) yield `${queue}|${type}`;
    }
  }

  /** Sets it. */
  set(): void {
    this.#isSet = true;
    this.#resolve?.();
  }

  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.#resolve = undefined;
        this.#isSet = false;
        resolve();
      };
      if (this.#isSet || signal.aborted) return done();
      this.#resolve = done;
      signal.addEventListener("abort", done, { once: true });
      this.#events?.onListen();
    });
  }

  full(): void {
    this.#events?.onFull();
  }

  [Symbol.dispose](): void {
    this.#events?.onDispose();
    this.#resolve?.();
  }
}
