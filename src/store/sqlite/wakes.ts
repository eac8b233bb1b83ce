/**
 * Latches for work that this process brings and that other processes bring.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
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
  /** Due time of the first schedule. */
  firstSlot(): number | null;
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
  #version: number;
  #firstDue: number | null;
  #firstSlot: number | null;

  /** The latches count what happens from now on. */
  constructor(options: WakesOptions) {
    this.#clock = options.clock;
    this.#lanes = options.lanes;
    this.#watcher = options.watcher;
    this.#queries = options.queries;
    this.#version = options.queries.dataVersion();
    this.#firstDue = options.queries.firstDue();
    this.#firstSlot = options.queries.firstSlot();
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

  /** A schedule changed: upkeep is to know if one is due earlier. */
  slotsChanged(): void {
    const before = this.#firstSlot;
    this.#firstSlot = this.#queries.firstSlot();
    if ((this.#firstSlot ?? Infinity) < (before ?? Infinity)) this.#hub.upkeep();
  }

  /** Lets all who wait go. */
  all(): void {
    this.#hub.all();
  }

  async #next(latch: WakeSource, signal: AbortSignal): Promise<void> {
    const release = this.#watcher.listen(() => this.#look());
    try {
      this.#look();
      await latch.next(signal);
    } finally {
      release();
    }
  }

  /** Sets the latches for what others did since the last look. */
  #look(): void {
    try {
      const version = this.#queries.dataVersion();
      if (version === this.#version) return;
      this.ready(this.#queries.readyLanes());
      const firstDue = this.#queries.firstDue();
      const isDue = firstDue !== null && firstDue <= this.#clock.now();
      if (isDue || firstDue !== this.#firstDue) this.#hub.all();
      this.#firstDue = firstDue;
      this.slotsChanged();
      this.#version = version;
    } catch {
      // The file is locked for a moment. A latch may be set without reason, but
      // it may not miss one.
      this.#hub.all();
    }
  }
}
