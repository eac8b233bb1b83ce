/**
 * A job that code has claimed by itself, and what it may do with it.
 *
 * @module
 */

import type { Job } from "../job/job.ts";

/** The result of a job; it may be left out where its type allows `undefined`. */
export type CompleteArguments<R> = undefined extends R ? [result?: R] : [result: R];

/** How a claimed job failed. */
export interface FailOptions {
  /** Milliseconds until it is retried, if it is. @default {as the error or the backoff says} */
  readonly retryInMs?: number;
}

/**
 * A claimed job. One of `complete`, `fail` and `release` ends the claim; if the
 * store cannot be reached, they may be called again.
 */
export interface ClaimedWork<P = unknown, R = unknown, T extends string = string> {
  /** The job's type. */
  readonly type: T;
  /** The job, as it was when it was claimed. */
  readonly job: Job<P, R>;
  /**
   * Rising number of this claim. Give it to systems that refuse writes with a
   * lower one, and no late holder can overwrite a newer one's work.
   */
  readonly fence: number;
  /**
   * Aborts when the work should stop. Its reason is a `LeaseLostError` if the
   * lease has ended or somebody else has the job, a `JobCanceledError` if the
   * job was canceled, a `ShutdownError` if the consumer was closed. Unless leases
   * are extended by themselves, a cancel is noticed with the next `extend`.
   */
  readonly signal: AbortSignal;
  /**
   * Calls a function on behalf of the job: jobs that are enqueued below it inherit
   * the job's `meta` and `trace`. Gives what the function gives.
   */
  run<V>(work: () => V): V;
  /**
   * The work is done. A result that is no JSON, or above 1 MiB, is replaced by a
   * note that says so.
   *
   * @throws {LeaseLostError} If the job is no longer this holder's.
   * @throws {JobCanceledError} If the job is known to be canceled.
   * @throws {JobSettledError} If the claim has been settled, or is about to be.
   */
  complete(...result: CompleteArguments<R>): Promise<void>;
  /**
   * The work failed: the job is retried, or ends, as after a handler that threw
   * this error. `SkipRetry`, `Cancel` and `RetryAfter` count.
   *
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   * @throws {LeaseLostError} If the job is no longer this holder's.
   * @throws {JobCanceledError} If the job is known to be canceled.
   * @throws {JobSettledError} If the claim has been settled, or is about to be.
   */
  fail(error: unknown, options?: FailOptions): Promise<void>;
  /**
   * Gives the job back unharmed: to its old place, no attempt recorded.
   *
   * @throws {LeaseLostError} If the job is no longer this holder's.
   * @throws {JobCanceledError} If the job is known to be canceled.
   * @throws {JobSettledError} If the claim has been settled, or is about to be.
   */
  release(): Promise<void>;
  /**
   * Makes the claim hold for a lease from now.
   *
   * @param leaseMs Milliseconds; the consumer's `leaseMs` if left out.
   * @throws {InvalidOptionError} If the time is no whole number >= 100.
   * @throws {LeaseLostError} If the lease has ended, or the job is no longer this holder's.
   * @throws {JobCanceledError} If the job was canceled.
   * @throws {JobSettledError} If the claim has been settled, or is about to be.
   */
  extend(leaseMs?: number): Promise<void>;
}
