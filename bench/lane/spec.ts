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
  /** Types of the jobs, which take turns. */
  readonly types: number;
  /** Priorities of the jobs, which take turns. */
  readonly priorities: number;
  /** How the system is set up, where it is compared with itself; "" for its defaults. */
  readonly variant: string;
  /** Seed of whatever is left to chance. */
  readonly seed: number;
  /** URL of the Redis, or of a proxy before it. */
  readonly url: string;
}

/** What a lane has used so far. */
export interface LaneUsage {
  /** Microseconds of CPU of its process, user and system, all threads. */
  readonly cpuUs: number;
  /** Commands that it has sent to Redis. */
  readonly commands: number;
}

/** What came out of the measured part. */
export interface LaneResult {
  /** Milliseconds of the measured part. */
  readonly ms?: number;
  /** Those of them until all jobs were enqueued, if it has such a part. */
  readonly addMs?: number;
  /** Milliseconds from enqueue to start of the handler, one for each job. */
  readonly latenciesMs?: readonly number[];
}

/** What a lane had used when it came to a gate, and when it went on. */
export interface LaneGate {
  readonly arrived: LaneUsage;
  readonly left: LaneUsage;
}

/** A line that a lane prints. The last one is a result or an error. */
export type LaneLine =
  | { readonly gate: string }
  | { readonly result: LaneResult; readonly gates: Readonly<Record<string, LaneGate>> }
  | { readonly error: string };
