/**
 * Stage 5 of the store port: attempts end, and what they tell before that.
 *
 * @module
 */

import type { Failure } from "../job/job.ts";
import type { ClaimReply, ClaimRequest, Hold, StartMark } from "./claim_stage.ts";
import type { StepReply } from "./ready_stage.ts";

/** What is to become of a claimed job. */
export type Verdict =
  | { readonly kind: "complete"; readonly result: string | null }
  | {
    readonly kind: "retry";
    readonly delayMs: number;
    /** Whether it uses up one of the job's retries: `retryCount` + 1. */
    readonly counted: boolean;
    readonly error: Failure;
  }
  | { readonly kind: "dead_letter"; readonly error: Failure }
  | { readonly kind: "cancel"; readonly error: Failure }
  /** Given back unharmed: to its old place, no attempt recorded. */
  | { readonly kind: "release" };

/** The end of one attempt. */
export interface Outcome extends Hold {
  /** What is to become of the job. */
  readonly verdict: Verdict;
  /** How long the handler ran, by the holder's monotonic clock; fractions are dropped. */
  readonly ranMs: number;
  /**
   * How long the job waited, in milliseconds, from when it was due until it was
   * claimed; absent where that is not known. It is counted in the series only.
   */
  readonly waitedMs?: number;
}

/** `ok`: done. `already`: this claim was settled before. `lost`: it is no longer the caller's. */
export type SettleResult = "ok" | "already" | "lost";

/** Outcomes of one pool, and what it wants next. */
export interface SettleRequest {
  /** Attempts that have ended; may be none. */
  readonly outcomes: readonly Outcome[];
  /** What the pool has started by now; written before the claim. Without it the pool's mark stays as it is. */
  readonly startMark?: StartMark;
  /** Claimed in the same step, after the outcomes. */
  readonly claim?: ClaimRequest;
}

/** What became of a settle. */
export interface SettleReply {
  /** One per outcome, in order. */
  readonly results: readonly SettleResult[];
  /** Set if and only if the request had a `claim`. */
  readonly claimed?: ClaimReply;
}

/** What a running handler tells. */
export interface Report extends Hold {
  /** Replaces the last progress. */
  readonly progress?: { readonly value: number; readonly message?: string };
  /** Lines added to the job's log. */
  readonly logs?: readonly string[];
}

/** Stage 5. */
export interface SettleStage {
  /**
   * Ends attempts: writes status, attempt, result or error, applies retention,
   * lets go of the claim. An outcome whose fence is not the job's latest
   * changes nothing.
   *
   * After: each `ok` job is in the status of its verdict; `dead_letter` of a
   * job with `deadLetter: false`, and any final status with a retention of 0,
   * removes it at once.
   * Failure: throws; nothing was settled or claimed, or the reply was lost.
   * Children: whatever ends a job (this verb, an expiry, a reap, a cancel, a
   * removal) releases its children in the same step, as far as that step is
   * bounded: the rest is done by `relay`, whoever calls it. In which order
   * those enter their lines that parents let go which end in one call is not said.
   * Counted, in the same step: each `ok` outcome but a release, by the minute, queue and type.
   * Repeat: answers `already` where the fence is the last one that settled the
   * job, `lost` where the record has gone, and claims other jobs.
   */
  settle(request: SettleRequest): Promise<SettleReply>;

  /**
   * Goes on with what the end of jobs means for their children: releases,
   * cancels and revives at most about `limit` of them. `nextInMs` is 0 if there
   * are more, else null.
   *
   * Repeat: goes on from there.
   */
  relay(limit: number): Promise<StepReply>;

  /**
   * Writes progress and log lines of running jobs, in order.
   *
   * Repeat: writes the lines again.
   */
  report(reports: readonly Report[]): Promise<("ok" | "lost")[]>;
}
