/**
 * What a process counts of itself, for whoever asks for its metrics.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { AttemptCounts } from "./attempt_counts.ts";
import { StoreCalls } from "./store_calls.ts";

/** How much a pool has to do. */
export interface PoolLoad {
  /** Its name. */
  readonly name: string;
  /** Jobs that it runs at the same time at most. */
  readonly concurrency: number;
  /** Jobs that run now. */
  readonly busy: number;
}

/** Counts of a process; of one that only serves the monitor, those of its calls of the store. */
export class ProcessMetrics {
  /** Attempts that it ran. */
  readonly attempts: AttemptCounts = new AttemptCounts();
  /** Calls of the store. */
  readonly calls: StoreCalls;
  /** Heartbeats that did not reach the store. */
  heartbeatFailures = 0;
  /** How much its pools have to do. */
  pools: () => readonly PoolLoad[] = () => [];

  /** @param clock Source of elapsed time. */
  constructor(clock: Clock) {
    this.calls = new StoreCalls(clock);
  }
}
