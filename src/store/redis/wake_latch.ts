/**
 * The latch of one pool that looks for work in Redis.
 *
 * @module
 */

import type { ClaimSource } from "../store.ts";
import { Latch } from "../wake.ts";

/** What a latch tells. */
export interface WakeLatchEvents {
  /** Someone begins to wait. */
  readonly onListen: () => void;
  /** Whoever waited has no room for a job. */
  readonly onFull: () => void;
  /** It is no longer needed. */
  readonly onDispose: () => void;
}

/** A latch that tells when someone waits. */
export class WakeLatch extends Latch {
  /** Pairs whose token came when nobody waited; it went back, and is not asked for until someone does. */
  readonly away: Set<string> = new Set();
  readonly #events: WakeLatchEvents;

  /** @param sources What its pool takes. @param events Who is told. */
  constructor(sources: readonly ClaimSource[], events: WakeLatchEvents) {
    super(sources, events.onDispose);
    this.#events = events;
  }

  /** What its pool takes, as `queue|type`, of all pairs there are. */
  *pairs(known: readonly (readonly [queue: string, type: string])[]): Iterable<string> {
    for (const [queue, types] of this.named) for (const type of types) yield `${queue}|${type}`;
    if (!this.takesAll) return;
    for (const [queue, type] of known) {
      if (!this.named.has(queue) && this.takes(queue, type)) yield `${queue}|${type}`;
    }
  }

  override next(signal: AbortSignal): Promise<void> {
    const woken = super.next(signal);
    if (this.isListening) this.#events.onListen();
    return woken;
  }

  full(): void {
    this.#events.onFull();
  }
}
