/**
 * The latch of one pool that looks for work in Redis.
 *
 * @module
 */

import type { ClaimOffer, ClaimReply, ClaimSource } from "../store.ts";
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

/** A claim that was sent for whoever waits. */
export interface SentClaim {
  /** Has it carried out now. */
  hurry(): void;
  /** Calls it off, unless it has ended, and gives what came of it. */
  end(): Promise<ClaimReply | undefined>;
}

/** A latch that tells when someone waits, and for whom a claim may be under way meanwhile. */
export class WakeLatch extends Latch {
  /** Pairs whose token came when nobody waited; it went back, and is not asked for until someone does. */
  readonly away: Set<string> = new Set();
  readonly #events: WakeLatchEvents;
  #offer: ClaimOffer | undefined;
  #sent: SentClaim | undefined;

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

  /** What whoever waits now offers to have claimed. */
  get offer(): ClaimOffer | undefined {
    return this.isListening ? this.#offer : undefined;
  }

  /** A claim was sent for whoever waits now, which answers the wait when that has ended. */
  sent(claim: SentClaim): void {
    this.#sent = claim;
  }

  override async next(signal: AbortSignal, offer?: ClaimOffer): Promise<ClaimReply | void> {
    this.#offer = offer;
    const woken = super.next(signal);
    if (this.isListening) this.#events.onListen();
    await woken;
    const sent = this.#sent;
    this.#offer = this.#sent = undefined;
    return await sent?.end();
  }

  claimNow(): boolean {
    this.#sent?.hurry();
    return this.#sent !== undefined;
  }

  full(): void {
    this.#events.onFull();
  }
}
