/**
 * The store port: what every store does, as a union of one small interface per
 * stage of a job's way. All verbs take and return plain data and work on
 * batches; each is atomic: it happens whole or not at all, also when the
 * process dies in the middle. Times are epoch milliseconds of the store's own
 * clock, which alone decides what is due and which lease has ended.
 *
 * `memory/` is the readable specification; `testing/conformance/` is the suite
 * that every store passes.
 *
 * @module
 */

import type { ClaimedJob, Failure, JobRecord, JobSettings } from "../job/job.ts";
import type { JobStatus } from "../job/state.ts";

/** A job to be written. Checked by the caller; the store trusts it. */
export interface NewJob {
  /** The job's id. */
  readonly id: string;
  /** The job's type. */
  readonly type: string;
  /** Name of the queue. */
  readonly queue: string;
  /** −30 to 30, higher first. */
  readonly priority: number;
  /** JSON text, at most 1 MiB. */
  readonly payload: string;
  /** What the producer set. */
  readonly settings: JobSettings;
  /** Due at this time of the store's clock; a time that has passed means now. */
  readonly runAt?: number;
  /** Due this long after the store's now. Not together with `runAt`. */
  readonly delayMs?: number;
  /** When it becomes ready for the first time, it goes before its equals. */
  readonly atFront?: boolean;
}

/** What became of one group of new jobs. */
export type EnqueueReply =
  | {
    readonly outcome: "created";
    /** Status of each job, in the order of the group. */
    readonly statuses: readonly JobStatus[];
  }
  | {
    readonly outcome: "duplicate";
    /** Position in the group of the first job whose id is in use. */
    readonly index: number;
    /** That id. */
    readonly id: string;
    /** Status of the job that has it. */
    readonly status: JobStatus;
  };

/** Stage 1. */
export interface EnqueueStage {
  /**
   * Writes groups of jobs. Each group is written whole, or not at all if one of
   * its ids is in use (a final job that is still retained counts); groups do
   * not affect each other, except that of two with the same id the first wins.
   *
   * Before: ids are distinct within a group.
   * After: each job is `ready` or `scheduled`, findable, and whoever waits for
   * its queue and type has been woken.
   * Failure: throws; nothing was written, or the reply was lost.
   * Repeat: finds its own jobs and answers `duplicate`.
   */
  enqueue(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]>;
}

/** How many jobs one bounded step of upkeep moved, and when to come again. */
export interface StepReply {
  /** Jobs moved. */
  readonly moved: number;
  /** Milliseconds until the next one is due; 0 if more are due now; null if none is known. */
  readonly nextInMs: number | null;
}

/** A latch that work has come. Ask for it before looking for work. */
export interface WakeSource extends Disposable {
  /**
   * Resolves when something may have become claimable since the last call
   * resolved (or since the source was made), or when `signal` aborts. May
   * resolve without reason, never misses one. One call at a time.
   */
  next(signal: AbortSignal): Promise<void>;
}

/** Stage 2. */
export interface ReadyStage {
  /**
   * Makes at most `limit` due `scheduled` and `retry` jobs ready, earliest
   * first; each joins the end of its line (or its front, if so enqueued and
   * never ready before).
   *
   * Repeat: moves the next ones.
   */
  promote(limit: number): Promise<StepReply>;

  /**
   * Cancels at most `limit` jobs whose `expireAt` has come (now >= `expireAt`)
   * and that were never started (`ready` or `scheduled`, `attemptsMade` 0), with
   * the error "expired".
   *
   * Repeat: cancels the next ones.
   */
  expire(limit: number): Promise<StepReply>;

  /**
   * Makes a latch that is set when a job of these sources becomes ready, and
   * when a delayed job becomes the next one due, so that whoever sleeps until
   * `nextDueInMs` looks again. That time passes sets no latch: the caller keeps
   * a timer.
   */
  subscribe(sources: readonly ClaimSource[]): WakeSource;
}

/** Types that a pool takes from one queue, or from every queue not named beside it. */
export interface ClaimSource {
  /** Queue name; null for every queue that no other source of the request names. */
  readonly queue: string | null;
  /** Types it can run. None at all keeps a queue from the `null` source and gives nothing. */
  readonly types: readonly string[];
  /** How many of the claims this source should get before what is left is shared out. */
  readonly share: number;
}

/** What a pool asks for. */
export interface ClaimRequest {
  /** Unique per process. */
  readonly server: string;
  /** The pool's name. */
  readonly pool: string;
  /** In order of preference; at most one with `queue: null`, the last. */
  readonly sources: readonly ClaimSource[];
  /** Most jobs to claim, at least 1. */
  readonly limit: number;
  /** How long the claim holds unless a heartbeat extends it. */
  readonly leaseMs: number;
}

/** What a pool got. */
export interface ClaimReply {
  /** Claimed jobs in the order in which they should start. */
  readonly jobs: readonly ClaimedJob[];
  /** Milliseconds until the next delayed job of the whole store is due (0: now); null if there is none. */
  readonly nextDueInMs: number | null;
}

/** A claim, as its holder names it. */
export interface Hold {
  /** The job's id. */
  readonly id: string;
  /** Number of the claim. */
  readonly fence: number;
}

/** What a server that lives holds. */
export interface HeartbeatRequest {
  /** The server's id, unique per process. */
  readonly server: string;
  /** How long the leases hold from now. */
  readonly leaseMs: number;
  /** All that it holds. */
  readonly holds: readonly Hold[];
}

/** What a server that lives should know. */
export interface HeartbeatReply {
  /** Holds that are no longer its own: stop working on them. */
  readonly lost: readonly Hold[];
  /** Claims that the store has under this server's name and the request does not: a reply was lost. */
  readonly unknown: readonly Hold[];
}

/** Stage 3. */
export interface ClaimStage {
  /**
   * Promotes what is due (at most 256 jobs; `nextDueInMs` is 0 if more are),
   * then claims ready jobs of the given sources. Within a
   * source: higher priority first, then the order in which they became ready,
   * whatever their types. Every source gets up to its `share`, in listed order;
   * what is then left of `limit` is filled in listed order. The source with
   * `queue: null` serves its queues in turn, beginning after the one that was
   * served last, so that a queue never waits for another to be empty; priority
   * counts within a queue.
   * A job past its `expireAt` that was never started is canceled instead.
   *
   * After: each job is `processing`, under a lease and a fence higher than any
   * given before (next = max(last + 1, store time in µs)).
   * Failure: throws; nothing was claimed, or the reply was lost (then a
   * heartbeat names the claims as `unknown`).
   * Repeat: claims other jobs.
   */
  claim(request: ClaimRequest): Promise<ClaimReply>;

  /**
   * Extends the leases of what a server holds to now + `leaseMs`. Claims that
   * it answers as `unknown` are not extended.
   *
   * Repeat: extends again. A hold whose lease has lapsed but that nobody reaped
   * is extended, not lost.
   */
  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply>;

  /**
   * Takes at most `limit` jobs from holders whose lease has ended. Each goes
   * back to its old place among the ready ones, with `deliveries` + 1 and a
   * `lost` attempt, or is dead-lettered if it then was delivered
   * `maxDeliveries` times. The retry count does not change.
   *
   * Repeat: takes the next ones.
   */
  reap(request: { readonly limit: number; readonly maxDeliveries: number }): Promise<StepReply>;
}

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
}

/** `ok`: done. `already`: this claim was settled before. `lost`: it is no longer the caller's. */
export type SettleResult = "ok" | "already" | "lost";

/** Outcomes of one pool, and what it wants next. */
export interface SettleRequest {
  /** Attempts that have ended. */
  readonly outcomes: readonly Outcome[];
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
   * Repeat: answers `already` where the fence is the last one that settled the
   * job, `lost` where the record has gone, and claims other jobs.
   */
  settle(request: SettleRequest): Promise<SettleReply>;

  /**
   * Writes progress and log lines of running jobs, in order.
   *
   * Repeat: writes the lines again.
   */
  report(reports: readonly Report[]): Promise<("ok" | "lost")[]>;
}

/**
 * Stage 6. Whatever ends a job applies its retention: 0 removes it in the same
 * step, and so does `deadLetter: false` for a dead letter.
 */
export interface RetainStage {
  /**
   * Removes at most `limit` final jobs whose retention has ended: each by its
   * own age limit, and the oldest of a queue and status above the count limit.
   *
   * Repeat: removes the next ones.
   */
  prune(limit: number): Promise<StepReply>;
}

/** Which jobs to list. */
export interface ListQuery {
  /** The status. */
  readonly status: JobStatus;
  /** Only of this queue. */
  readonly queue?: string;
  /** Only of this type. */
  readonly type?: string;
  /** Most jobs to return, 1 to 500. */
  readonly limit: number;
  /** Where the last page ended. */
  readonly cursor?: string;
}

/**
 * One page of a list. It may hold fewer jobs than asked for though there are
 * more, since one call reads a bounded number of records.
 */
export interface ListReply {
  /** The jobs, newest in the status first. */
  readonly jobs: readonly JobRecord[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Jobs of one queue, type and status. */
export interface CountRow {
  /** Name of the queue. */
  readonly queue: string;
  /** The job's type. */
  readonly type: string;
  /** The status. */
  readonly status: JobStatus;
  /** More than 0. */
  readonly count: number;
}

/** Looking, without moving anything. */
export interface InspectStage {
  /** Reads jobs by id; null for each that is not there. */
  getJobs(ids: readonly string[]): Promise<(JobRecord | null)[]>;

  /**
   * Lists the jobs of a status, the one that entered it last first (a job given
   * back enters `ready` anew). A job that
   * leaves the status or enters it between two pages neither repeats nor hides
   * another.
   *
   * @throws {InvalidOptionError} If the limit is out of range or the cursor is
   * not one that a page gave.
   */
  list(query: ListQuery): Promise<ListReply>;

  /** Counts all jobs, by queue, type and status, without reading them. */
  counts(): Promise<CountRow[]>;

  /**
   * Waits until a job is final and returns it, null if there is no such job
   * (or retention took it before it was seen). Returns undefined when `signal`
   * aborts first.
   */
  awaitFinal(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined>;
}

/** How long final jobs are kept by default. A job's own `retention` goes before the ages. */
export interface RetentionLimits {
  /** Milliseconds that a completed job is kept; -1 for ever. @default {604_800_000} (7 d) */
  readonly completedMs: number;
  /** Milliseconds that any other final job is kept; -1 for ever. @default {2_592_000_000} (30 d) */
  readonly failedMs: number;
  /** Most jobs kept per queue and final status; the oldest go, also those to be kept for ever. @default {100_000} */
  readonly maxCount: number;
}

/** A place where jobs live. */
export interface Store
  extends
    EnqueueStage,
    ReadyStage,
    ClaimStage,
    SettleStage,
    RetainStage,
    InspectStage,
    AsyncDisposable {
  /** What the store is, for people: its scheme and place, without secrets. */
  readonly description: string;

  /**
   * Makes the store usable; creates what is missing.
   *
   * Failure: throws `StoreOpenError` with the reason; nothing was changed.
   * Repeat: does nothing.
   */
  open(): Promise<void>;

  /** Lets go of everything. Calls that wait resolve; later calls throw `StoreClosedError`. Repeat: does nothing. */
  close(): Promise<void>;
}
