/**
 * How many jobs a pool claims beyond what it can start at once. While it waits for
 * the answer to one cycle, it runs what the one before brought ahead.
 *
 * It does so only where nobody has to wait for it: while there is a backlog, and
 * handlers take less time than a round trip, so that what is held ahead starts
 * sooner than another server could have asked for it.
 *
 * @module
 */

/** Most jobs held ahead, unless the pool says otherwise. */
export const MOST_AHEAD = 128;
/** Handler times that are looked back at. */
const LOOK_BACK = 32;
/** How many of those may be longer than a round trip. */
const MOST_LONG = 1;
/** Shortest time that an attempt counts with: below it, what is around the handler is what takes time. */
const SHORTEST_RUN_MS = 0.02;
/** What can be started within so long may lie ahead, however short the round trip is: small batches cost more a job. */
const SHORTEST_SPAN_MS = 1;
/** After so long the round trip is measured anew, which takes a cycle with nothing ahead. */
const MEASURE_EVERY_MS = 1000;
/** How long jobs may lie before they are given back: at least so long, and so many round trips. */
const SHORTEST_PATIENCE_MS = 20;
const PATIENCE_TRIPS = 8;
/** Pause after jobs had to be given back, doubled up to the longest while it happens again and again. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** What it is to decide for. */
export interface PrefetchOptions {
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Most jobs to hold ahead; 0 for none. */
  readonly most: number;
}

/** Decides it from what it is told. Pure: all times are given. */
export class Prefetch {
  readonly #options: PrefetchOptions;
  /** Times of handlers, the newest over the oldest. */
  readonly #runs: number[] = [];
  #nextRun = 0;
  #tripMs = Infinity;
  #measuredAt = -Infinity;
  #backlogged = false;
  #offUntil = -Infinity;
  #pauseMs = FIRST_PAUSE_MS;

  /** @param options For which pool. */
  constructor(options: PrefetchOptions) {
    this.#options = options;
  }

  /** A handler has ended. @param ms How long it ran. */
  ran(ms: number): void {
    if (this.#options.most === 0) return;
    this.#runs[this.#nextRun] = ms;
    this.#nextRun = (this.#nextRun + 1) % LOOK_BACK;
  }

  /**
   * A cycle was answered.
   *
   * @param cycle `isFull`: it brought as many as were asked for; `isQuiet`: nothing was
   * started meanwhile, so that the time is the store's alone.
   */
  answered(
    { ms, isFull, isQuiet, at }: {
      readonly ms: number;
      readonly isFull: boolean;
      readonly isQuiet: boolean;
      readonly at: number;
    },
  ): void {
    this.#backlogged = isFull;
    if (!isQuiet) return;
    // What else the process does makes a trip seem longer, never shorter.
    const weight = ms < this.#tripMs ? 1 / 2 : 1 / 16;
    this.#tripMs = Number.isFinite(this.#tripMs) ? this.#tripMs + (ms - this.#tripMs) * weight : ms;
    this.#measuredAt = at;
  }

  /** What was held ahead had to be given back: handlers are not what they were. */
  disappointed(at: number): void {
    if (at - this.#offUntil > LONGEST_PAUSE_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#offUntil = at + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  /** How long a job may be held ahead before it is given back. */
  get patienceMs(): number {
    return Math.max(SHORTEST_PATIENCE_MS, PATIENCE_TRIPS * this.#tripMs);
  }

  /** How many jobs to hold ahead now. */
  depth(at: number): number {
    const { most, concurrency, leaseMs } = this.#options;
    if (most === 0 || !this.#backlogged || at < this.#offUntil) return 0;
    if (at - this.#measuredAt > MEASURE_EVERY_MS) return 0;
    // What lies for as long as it may must still be far from the end of its lease.
    if (this.#runs.length < LOOK_BACK || this.patienceMs > leaseMs / 3) return 0;
    const tripMs = this.#tripMs;
    let [long, sum] = [0, 0];
    for (const ms of this.#runs) {
      if (ms >= tripMs) long++;
      else sum += ms;
    }
    if (long > MOST_LONG) return 0;
    const runMs = Math.max(SHORTEST_RUN_MS, sum / (LOOK_BACK - long));
    const spanMs = Math.max(SHORTEST_SPAN_MS, tripMs);
    return Math.min(most, Math.ceil(concurrency * spanMs / runMs));
  }
}
