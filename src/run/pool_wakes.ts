/**
 * What wakes a pool: work of the types that it may start, or the next due time. The store
 * may claim the work in that moment, for slots that are kept free for it meanwhile.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import type { ClaimReply, ClaimRequest, ClaimSource, Store, WakeSource } from "../store/store.ts";

/**
 * The part of a lease that a claim of the store's own gets at first. The store claims whether or not
 * this process runs; and upkeep, which comes every half a lease, finds no job later in that way than
 * one whose wake was lost.
 */
const PROVISIONAL = 1 / 2;

/** What wakes are for. */
export interface PoolWakesOptions {
  readonly clock: Clock;
  /** The lease of the pool's claims. */
  readonly leaseMs: number;
  /** What the store may claim now; undefined for nothing. */
  readonly offer: () => Omit<ClaimRequest, "leaseMs"> | undefined;
  /** There may be work. */
  readonly onWake: () => void;
  /** The store has claimed what it was offered. */
  readonly onClaimed: (reply: ClaimReply, offered: Offered) => void;
}

/** A claim that the store may make. */
export interface Offered {
  /** Most jobs of it. */
  readonly limit: number;
  /** `mono` of a time until which what it brings is surely held. */
  readonly heldUntil: number;
}

/** A wait for work. */
interface Listening {
  readonly stop: AbortController;
  offered: Offered | undefined;
  over: Promise<void>;
}

/** The wakes of one pool. */
export class PoolWakes {
  readonly #options: PoolWakesOptions;
  /** Set by work of the types that may be started; undefined where there are none. */
  #latch: WakeSource | undefined;
  /** The last wait, while it is not over. */
  #listening: Listening | undefined;
  /** All waits that are not over; those that were ended may be so until it is known what the store has claimed. */
  readonly #open = new Set<Listening>();
  #isStale = true;
  #timer: Timer | undefined;
  /** How many want the store to claim nothing. */
  #held = 0;

  /** @param options What they are for. */
  constructor(options: PoolWakesOptions) {
    this.#options = options;
  }

  /** Slots that are kept for what the store may have claimed, or may claim yet. */
  get reserved(): number {
    let sum = 0;
    for (const { offered } of this.#open) sum += offered?.limit ?? 0;
    return sum;
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
    this.#listening?.stop.abort();
    this.#latch?.full?.();
  }

  /**
   * Lets the store wake the pool, until there is no room, and the next due time, until `endTimer`.
   *
   * @param nextDueAt When the next delayed job is due, by the monotonic clock.
   */
  listen(nextDueAt: number | null): void {
    const latch = this.#latch;
    if (latch === undefined) return; // there is nothing to wake it for
    const before = this.#listening;
    const isListening = before?.stop.signal.aborted === false;
    // What the store may have claimed is to be known first; that wakes the pool.
    if (!isListening && before?.offered !== undefined) return;
    if (nextDueAt !== null) {
      const { clock } = this.#options;
      this.#timer = clock.after(nextDueAt - clock.mono(), () => this.#due());
    }
    if (isListening) return;
    const listening: Listening = {
      stop: new AbortController(),
      offered: undefined,
      over: Promise.resolve(),
    };
    this.#listening = listening;
    this.#open.add(listening);
    listening.over = this.#wait(latch, listening);
  }

  /** The pool looks what there is to do now. */
  endTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The store is to claim nothing until this is called again with false. */
  hold(isBegun: boolean): void {
    this.#held += isBegun ? 1 : -1;
    this.withdraw();
  }

  /** What the store was offered is to be claimed no more. */
  withdraw(): void {
    if (this.#listening?.offered !== undefined) this.#listening.stop.abort();
  }

  /** Resolves when it is known what the store has claimed of what it was offered so far. */
  async settled(): Promise<void> {
    this.withdraw();
    await Promise.all([...this.#open].filter(({ offered }) => offered).map(({ over }) => over));
  }

  /** Listens no more. */
  end(): void {
    this.#listening?.stop.abort();
    this.#latch?.[Symbol.dispose]();
    this.#latch = undefined;
  }

  /** A delayed job is due. If the store is to claim for all slots that are free, it does so now. */
  #due(): void {
    const isOffered = this.#listening?.stop.signal.aborted === false && this.#listening.offered;
    if (!isOffered || this.#latch?.claimNow?.() !== true) this.#options.onWake();
  }

  async #wait(latch: WakeSource, listening: Listening): Promise<void> {
    const { clock, offer, onClaimed, onWake } = this.#options;
    const leaseMs = this.#options.leaseMs * PROVISIONAL;
    const { signal } = listening.stop;
    const take = (): ClaimRequest | undefined => {
      listening.offered = undefined;
      const request = signal.aborted || this.#held > 0 ? undefined : offer();
      if (request === undefined) return undefined;
      listening.offered = { limit: request.limit, heldUntil: clock.mono() + leaseMs };
      return { ...request, leaseMs };
    };
    const reply = await latch.next(signal, { leaseMs, take });
    this.#open.delete(listening);
    if (this.#listening === listening) this.#listening = undefined;
    const { offered } = listening;
    if (reply && offered) onClaimed(reply, offered);
    else onWake();
  }
}
