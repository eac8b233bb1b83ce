/**
 * What is done to a system under test. Each work runs on the jobs of one load, and
 * passes a gate wherever the runner must look at Redis.
 */

import type { LaneResult } from "../spec.ts";
import type { Counts, Load, Payload, Subject } from "../subject.ts";

/** A work's surroundings. */
export interface WorkContext {
  readonly subject: Subject;
  readonly load: Load;
  readonly jobs: number;
  readonly concurrency: number;
  readonly payload: Payload;
  /** Gives numbers from 0 to below 1, the same ones in each lane. */
  readonly random: () => number;
  /** Waits until the runner has looked at Redis. */
  gate(name: string): Promise<void>;
}

/** Does it, measures it, and leaves all jobs either waiting or completed. */
export interface Work {
  run(context: WorkContext): Promise<LaneResult>;
  /** Where all jobs must be at the end. */
  readonly endsIn: keyof Counts;
}

/** A worker is given so long to be waiting before work is sent to it. */
export const SETTLE_IN_MS = 300;

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
