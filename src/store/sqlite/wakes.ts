/**
 * Latches for work that this process brings, that other processes bring, and
 * that time brings.
 *
 * @module
 */

import type { Clock, Timer } from "../../clock.ts";
import type { ClaimSource, WakeSource } from "../store.ts";
import { WakeHub } from "../wake.ts";
import type { Lanes } from "./lanes.ts";
import type { ChangeWatcher } from "./watcher.ts";

/** What latches ask the file. */
export interface WakeQueries {
  /** SQLite's number for the commits of others. */
  dataVersion(): number;
  /** Lanes that have ready jobs. */
  readyLanes(): Iterable<number>;
  /** Due time of the first delayed job. */
  firstDue(): number | null;
  /** Due time of the first delayed job that is due after a time. */
  firstDueAfter(time: number): number | null;
}

/** What `Wakes` is made from. */
export interface WakesOptions {
  readonly clock: Clock;
  readonly lanes: Lanes;
  readonly watcher: ChangeWatcher;
  readonly queries: WakeQueries;
}

/** The latches of one open store. */
export class Wakes {
  readonly #clock: Clock;
  readonly #lanes: Lanes;
  readonly #watcher: ChangeWatcher;
  readonly #queries: WakeQueries;
  readonly #hub: WakeHub = new WakeHub();
  #waiting = 0;
  #version: number;
  #lookedAt: number;
  #dueTimer: Timer | undefined;

  /** The latches count what happens from now on. */
  constructor(options: WakesOptions) {
    this.#clock = options.clock;
    this.#lanes = options.lanes;
    this.#watcher = options.watcher;
    this.#queries = options.queries;
    this.#version = options.queries.dataVersion();
    this.#lookedAt = options.clock.now();
  }

  /** Makes a latch. */
  subscribe(sources: readonly ClaimSource[]): WakeSource {
    const latch = this.#hub.subscribe(sources);
    return {
      next: (signal) => this.#next(latch, signal),
      [Symbol.dispose]: () => latch[Symbol.dispose](),
    };
  }

  /** This process made jobs of these lanes ready. */
  ready(lanes: Iterable<number>): void {
    for (const lane of lanes) {
      const { queue, type } = this.#lanes.name(lane);
      this.#hub.ready(queue, type);
    }
  }

  /** This process delayed jobs, the first until `runAt`. */
  delayed(runAt: number): void {
    if (this.#queries.firstDue() !== runAt) return;
    this.#hub.all();
  }

  /** Lets all who wait go, for good. */
  close(): void {
    this.#dueTimer?.cancel();
    this.#hub.all();
  }

  async #next(latch: WakeSource, signal: AbortSignal): Promise<void> {
    const release = this.#watcher.listen(() => this.#look());
    this.#waiting++;
    try {
      this.#look();
      await latch.next(signal);
    } finally {
      release();
      if (--this.#waiting === 0) this.#dueTimer?.cancel();
    }
  }

  /** Sets the latches for what others did and for what became due since the last look. */
  #look(): void {
    try {
      const version = this.#queries.dataVersion();
      if (version !== this.#version) {
        this.ready(this.#queries.readyLanes());
        const due = this.#queries.firstDue();
        if (due !== null && due <= this.#clock.now()) this.#hub.all();
        this.#version = version;
      }
      this.#lookForDue();
    } catch {
      // The file is locked for a moment. A latch may be set without reason, but
      // it may not miss one.
      this.#hub.all();
    }
  }

  #lookForDue(): void {
    const now = this.#clock.now();
    let due = this.#queries.firstDueAfter(this.#lookedAt);
    if (due !== null && due <= now) {
      this.#hub.all();
      due = this.#queries.firstDueAfter(now);
    }
    this.#lookedAt = now;
    this.#dueTimer?.cancel();
    if (due === null || this.#waiting === 0) return;
    this.#dueTimer = this.#clock.after(Math.max(1, due - now), () => this.#look());
  }
}
