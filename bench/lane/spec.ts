/**
 * What the runner tells a lane, and what a lane answers, one JSON text per line.
 *
 * A lane is one process that measures one system in one scenario. At a gate it
 * waits until the runner has looked at Redis and sends it a line.
 */

/** What a lane is to do; its only argument, as JSON. */
export interface LaneSpec {
  /** Which work, by its name in `works`. */
  readonly work: string;
  /** Jobs to measure. */
  readonly jobs: number;
  /** Jobs of the same work before that, unmeasured; 0 for none. */
  readonly warmUpJobs: number;
  /** Slots of the worker. */
  readonly concurrency: number;
  /** Size of a payload as JSON. */
  readonly payloadBytes: number;
  /** URL of the Redis. */
  readonly url: string;
}

/** What came out of the measured part. */
export interface LaneResult {
  /** Milliseconds of the measured part. */
  readonly ms?: number;
  /** Milliseconds from enqueue to start of the handler, one for each job. */
  readonly latenciesMs?: readonly number[];
}

/** A line that a lane prints. The last one is a result or an error. */
export type LaneLine =
  | { readonly gate: string }
  | { readonly result: LaneResult }
  | { readonly error: string };
