/**
 * Stage 3 of the store port: a job is a server's for a while.
 *
 * @module
 */

import type { ClaimedJob } from "../job/job.ts";
import type { StepReply } from "./ready_stage.ts";
import type { Presence } from "./server_stage.ts";

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
  /**
   * How many of `limit` are claimed ahead: the pool has no room to start them at
   * once. A store in which there are limits gives none of them, and shrinks the
   * shares as it does the limit.
   *
   * @default {0}
   */
  readonly ahead?: number;
  /** How long the claim holds unless a heartbeat extends it. */
  readonly leaseMs: number;
}

/**
 * Up to where a pool has started what it claimed: what it holds from some fence on, it holds ahead.
 * A mark says nothing once its server holds no job; it is gone then after the next `reap`, or at `leave`.
 */
export interface StartMark {
  /** The server's id. */
  readonly server: string;
  /** The pool's name. */
  readonly pool: string;
  /** Lowest fence of a claim that it has not started; null if it has started all that it heard of. */
  readonly unstartedFrom: number | null;
}

/** What a pool got. */
export interface ClaimReply {
  /** Claimed jobs in the order in which they should start. */
  readonly jobs: readonly ClaimedJob[];
  /**
   * Milliseconds until the next delayed job of the whole store is due, or a token
   * comes to jobs that wait for one; 0 if it is now, or if another claim may find
   * more now; null if there is none.
   */
  readonly nextDueInMs: number | null;
}

/** A claim, as its holder names it. */
export interface Hold {
  /** The job's id. */
  readonly id: string;
  /** Number of the claim. */
  readonly fence: number;
}

/** A claim on a job that was canceled while it ran. */
export interface CanceledHold extends Hold {
  /** Why: the job's error. */
  readonly reason: string;
}

/** What a server that lives holds. */
export interface HeartbeatRequest {
  /** The server's id, unique per process. */
  readonly server: string;
  /** How long the leases hold from now. */
  readonly leaseMs: number;
  /** All that it holds, or a part of it. */
  readonly holds: readonly Hold[];
  /** Whether it may hold more: then the beat extends these only, and does nothing else. @default {false} */
  readonly isPart?: boolean;
  /** What it says of itself; without it the beat only extends. */
  readonly presence?: Presence;
}

/** What a server that lives should know. */
export interface HeartbeatReply {
  /** Holds that are no longer its own: stop working on them. */
  readonly lost: readonly Hold[];
  /** Claims that the store has under this server's name and the request does not, unless that is a part: a reply was lost. */
  readonly unknown: readonly Hold[];
  /** Holds that are no longer its own, of jobs that are `canceled` now: stop working on them. They are not among the `lost`. */
  readonly canceled: readonly CanceledHold[];
  /**
   * Shortest lease of any server that beats, in milliseconds: upkeep comes at
   * least every half of it. Absent where the store does not know.
   */
  readonly shortestLeaseMs?: number;
  /** The store does not know what this server is: the next beat is to say so. */
  readonly wantsAbout?: boolean;
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
   * A job for which a limit has no room is passed over, and keeps its place; a
   * queue in which all is kept out so takes no share. See `LimitStage`.
   * Where more than `limit` less `ahead` jobs are claimed, the rest is not
   * started yet: unless the pool has a mark already, its mark is the fence of the
   * first of them. Whatever is claimed while there is a mark counts as not started.
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
   * it answers as `unknown` are not extended. Takes note of what the server
   * says of itself, for `servers`.
   *
   * Repeat: extends again. A hold whose lease has lapsed but that nobody reaped
   * is extended, not lost.
   */
  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply>;

  /**
   * Takes at most `limit` jobs from holders whose lease has ended. Each goes
   * back to its old place among the ready ones, with `deliveries` + 1 and a
   * `lost` attempt, or is dead-lettered if it then was delivered
   * `maxDeliveries` times. The retry count does not change. A job that its
   * pool's mark says was not started goes back as if it had been given back:
   * no delivery, no attempt. But it is `suspect` from then on, as a pool says
   * what it has started a little after it has: until an attempt of it is recorded,
   * or a person retries it. If its next holder gives it back, it stays suspect:
   * that tells nothing of what became of the one before.
   *
   * Repeat: takes the next ones.
   */
  reap(request: { readonly limit: number; readonly maxDeliveries: number }): Promise<StepReply>;
}
