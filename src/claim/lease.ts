/**
 * Keeps the leases of one server alive.
 *
 * Every third of a lease one heartbeat extends all that the server holds and
 * learns what it holds no longer. The store is the authority; local time only
 * bounds the trust in it: after a lease's length without an answer every hold
 * counts as lost, because another server may have taken it. When the store says
 * that one of the jobs may have been canceled, it beats at once, and learns which.
 *
 * @module
 */

import { Bag } from "../bag.ts";
import { type Clock, endsWithin, sleep } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Hold, Presence, ServerAbout, Store } from "../store/store.ts";

/** A job that this server works on. */
export interface Held extends Hold {
  /** Whether the work is done: then only its settle can say whether it was in time. */
  readonly ended: boolean;
  /** Called once when the store says, or time suggests, that the lease is lost. */
  lost(): void;
  /** Called instead when the store says that the job was canceled. */
  canceled(reason: string): void;
  /** Where its lease keeper has it, for that alone. */
  place: number;
}

/** Somebody who extends leases beside the keeper, where the keeper itself may be blocked. */
export interface LeaseAide {
  /** Keeps the leases of claims until `remove`. */
  add(holds: readonly Hold[]): void;
  /** Lets go of a claim. */
  remove(hold: Hold): void;
  /** `mono` of the last time at which the store surely heard of all leases; −Infinity before. */
  readonly trustedAt: number;
}

/** What a lease keeper needs. */
export interface LeaseKeeperOptions {
  readonly store: Store;
  readonly server: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when every claim that is under way now has been answered. */
  readonly claimsAnswered: () => Promise<unknown>;
  /** What the server is. */
  readonly about: ServerAbout;
  /** Jobs that run now, pool by pool. */
  readonly busy: () => readonly number[];
  /** Told of each heartbeat that failed. */
  readonly onFailed?: (error: unknown) => void;
  /** Extends the same leases. */
  readonly aide?: LeaseAide | undefined;
}

/** Leases of one server. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #held = new Bag<Held>((held, place) => held.place = place);
  readonly #stop = new AbortController();
  #loop: Promise<unknown> = Promise.resolve();
  /** `mono` of the last time at which the store surely knew of all leases. */
  #trustedAt = 0;
  #shortestLeaseMs: number | undefined;
  #givingBack = false;
  #startedAt = 0;
  /** Whether the store knows what this server is. */
  #isKnown = false;
  /** Holds ever added. */
  #added = 0;

  /** @param options Whose leases, and where. */
  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Shortest lease of any server, as far as the store tells. */
  get shortestLeaseMs(): number | undefined {
    return this.#shortestLeaseMs;
  }

  /** Begins to beat. */
  start(): void {
    this.#startedAt = this.#trustedAt = this.#options.clock.mono();
    this.#loop = Promise.all([this.#run(), this.#watch()]);
  }

  /** Stops beating; what is still held lapses by itself. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Keeps the leases of claimed jobs alive until `remove`. */
  addAll(all: readonly Held[]): void {
    if (all.length === 0) return;
    // First, as what is about to run may block this thread.
    this.#options.aide?.add(all);
    this.#added += all.length;
    for (const held of all) this.#held.add(held);
  }

  /** Keeps the lease of a claimed job alive until `remove`. */
  add(held: Held): void {
    this.addAll([held]);
  }

  /** Lets go of a job. Repeat: does nothing. */
  remove(held: Held): void {
    this.#drop(held);
  }

  /**
   * Beats now if the last answer is older than half a lease, as after a pause of
   * the process, or in any case if `always`; false if there still is no newer one.
   */
  async refresh(always: boolean = false): Promise<boolean> {
    const { clock, leaseMs } = this.#options;
    const isFresh = (): boolean => clock.mono() - this.#trustedAt <= leaseMs / 2;
    if (always || !isFresh()) await endsWithin(clock, this.#beat(), leaseMs);
    return isFresh();
  }

  /**
   * Beats for those of some jobs that have not ended, as their lease ends sooner than others until a
   * heartbeat has extended it. If none is heard by then, they count as lost.
   *
   * @param endsAt `mono` of a time until which they are surely held.
   */
  async extend(all: readonly Held[], endsAt: number): Promise<void> {
    const { clock, leaseMs } = this.#options;
    const { signal } = this.#stop;
    const now = clock.mono();
    // After a pause of the process only the store knows.
    const until = now < endsAt ? endsAt : now + leaseMs / 3;
    let heard = false;
    while (true) {
      const lasting = all.filter((held) => !held.ended);
      if (lasting.length === 0) return;
      const leftMs = until - clock.mono();
      if (leftMs <= 0) {
        for (const held of lasting) this.#lose(held);
        return;
      }
      await endsWithin(clock, this.#beat(lasting).then((beaten) => heard ||= beaten), leftMs);
      if (heard || signal.aborted) return;
      await sleep(clock, Math.min(until - clock.mono(), this.#retryMs), signal);
    }
  }

  /** Pause after a heartbeat that failed, to be heard before the lease ends. */
  get #retryMs(): number {
    return Math.min(1000, this.#options.leaseMs / 10);
  }

  async #run(): Promise<void> {
    const { clock, leaseMs } = this.#options;
    const { signal } = this.#stop;
    let pauseMs = leaseMs / 3;
    while (true) {
      await sleep(clock, pauseMs, signal);
      if (signal.aborted) return;
      const trustMs = Math.max(0, this.#aidedAt + leaseMs - clock.mono());
      let heard = false;
      const answered = new AbortController();
      this.#beat().then((beaten) => {
        heard = beaten;
        answered.abort();
      });
      // One that hangs is left alone, and another sent: the connection may be dead.
      await sleep(clock, trustMs, AbortSignal.any([signal, answered.signal]));
      pauseMs = heard ? leaseMs / 3 : this.#retryMs;
      if (!heard && clock.mono() - this.#aidedAt >= leaseMs) this.loseAll();
    }
  }

  /** As `#trustedAt`, for leases that the aide may have extended. */
  get #aidedAt(): number {
    return Math.max(this.#trustedAt, this.#options.aide?.trustedAt ?? -Infinity);
  }

  /** Beats whenever one of the jobs may have been canceled. */
  async #watch(): Promise<void> {
    const { store, server, logger } = this.#options;
    const { signal } = this.#stop;
    try {
      using latch = store.watchClaims(server);
      while (true) {
        await latch.next(signal);
        if (signal.aborted) return;
        if (this.#held.size > 0) await this.#beat();
        // It may be one of a claim whose reply is on its way.
        this.#beatIfMore();
      }
    } catch (error) {
      // Cancels are then noticed with the next heartbeat.
      logger.warn("Cancels cannot be watched", { server, error });
    }
  }

  /** Beats once more when the claims under way have brought something. */
  async #beatIfMore(): Promise<void> {
    const before = this.#added;
    await this.#options.claimsAnswered();
    if (this.#added > before && !this.#stop.signal.aborted) await this.#beat();
  }

  /** One heartbeat, for all holds or a part of them; false if the store could not be reached. */
  async #beat(part?: readonly Held[]): Promise<boolean> {
    const { store, server, leaseMs, clock, logger } = this.#options;
    const sentAt = clock.mono();
    const holds = (part ?? this.#held.all()).map(({ id, fence }) => ({ id, fence }));
    try {
      const { lost, unknown, canceled, shortestLeaseMs, wantsAbout } = await store.heartbeat({
        server,
        leaseMs,
        holds,
        ...part ? { isPart: true } : { presence: this.#presence(sentAt) },
      });
      if (part === undefined) {
        this.#trustedAt = Math.max(this.#trustedAt, sentAt);
        this.#shortestLeaseMs = shortestLeaseMs;
        this.#isKnown = wantsAbout !== true;
      }
      for (const [, held] of this.#find(lost)) this.#lose(held);
      for (const [{ reason }, held] of this.#find(canceled)) {
        if (this.#drop(held)) held.canceled(reason);
      }
      if (unknown.length > 0) this.#giveBack(unknown);
      return true;
    } catch (error) {
      // One that was under way at the stop fails when the store is closed.
      if (this.#stop.signal.aborted) return false;
      logger.warn("Heartbeat failed", { server, error });
      this.#options.onFailed?.(error);
      return false;
    }
  }

  #presence(now: number): Presence {
    const { about, busy } = this.#options;
    const presence = { upMs: now - this.#startedAt, busy: busy() };
    return this.#isKnown ? presence : { ...presence, about };
  }

  #lose(held: Held): void {
    if (this.#drop(held)) held.lost();
  }

  /** Lets go of a job; false if it is held no more. */
  #drop(held: Held): boolean {
    if (!this.#held.delete(held, held.place)) return false;
    this.#options.aide?.remove(held);
    return true;
  }

  /** What is held now of some holds. */
  #find<H extends Hold>(holds: readonly H[]): [H, Held][] {
    if (holds.length === 0) return [];
    const wanted = new Map(holds.map((hold) => [nameOf(hold), hold]));
    return this.#held.all().flatMap((held): [H, Held][] => {
      const hold = wanted.get(nameOf(held));
      return hold === undefined ? [] : [[hold, held]];
    });
  }

  /** Counts as lost all whose work is not done. */
  loseAll(): void {
    for (const held of this.#held.all()) if (!held.ended) this.#lose(held);
  }

  /**
   * Gives back claims whose reply never came. Not waited for: a claim that hangs
   * must not keep other jobs from being extended.
   */
  async #giveBack(unknown: readonly Hold[]): Promise<void> {
    const { store, server, logger, claimsAnswered } = this.#options;
    if (this.#givingBack) return;
    this.#givingBack = true;
    try {
      await claimsAnswered();
      const known = new Set(this.#find(unknown).map(([hold]) => hold));
      const stray = unknown.filter((hold) => !known.has(hold));
      if (stray.length === 0) return;
      logger.warn("Claims without a reply are given back", { server, jobs: stray.length });
      const verdict = { kind: "release" } as const;
      const outcomes = stray.map(({ id, fence }) => ({ id, fence, verdict, ranMs: 0 }));
      await store.settle({ outcomes });
    } catch (error) {
      logger.warn("Claims without a reply could not be given back", { server, error });
    } finally {
      this.#givingBack = false;
    }
  }
}

/** A claim's name among others. */
function nameOf({ id, fence }: Hold): string {
  return `${fence} ${id}`;
}
