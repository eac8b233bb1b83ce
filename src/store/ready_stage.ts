/**
 * Stage 2 of the store port: what is due becomes claimable.
 *
 * @module
 */

import type { ClaimReply, ClaimRequest, ClaimSource } from "./claim_stage.ts";

/** How many jobs one bounded step of upkeep moved, and when to come again. */
export interface StepReply {
  /** Jobs moved. */
  readonly moved: number;
  /** Milliseconds until the next one is due; 0 if more are due now; null if none is known. */
  readonly nextInMs: number | null;
}

/** What a store may claim by itself for whoever waits. */
export interface ClaimOffer {
  /** The lease of such a claim until a heartbeat extends it, in milliseconds. */
  readonly leaseMs: number;
  /**
   * The claim; undefined if there is none to be made. From now on the store may make it at any
   * time, once, until the wait resolves or it takes another.
   */
  take(): ClaimRequest | undefined;
}

/** A latch that work has come. Ask for it before looking for work. */
export interface WakeSource extends Disposable {
  /**
   * Resolves when something may have become claimable since the last call
   * resolved (or since the source was made), or when `signal` aborts. May
   * resolve without reason, never misses one. One call at a time.
   *
   * Resolves to a reply if the store has made a claim that it was offered, which saves
   * the way to it and back; few stores do. Such a claim is made within two thirds of its
   * lease, or never. Its lease is provisional: a job that is reaped before a heartbeat has
   * extended it counts as not started, as whoever waited may have been gone by then; but
   * not twice in a row. After an abort it resolves as soon as it is known whether there is
   * one. One of which the store cannot tell is found by the next heartbeat.
   */
  next(signal: AbortSignal, offer?: ClaimOffer): Promise<ClaimReply | void>;

  /**
   * Makes the claim that was offered now, as a delayed job is due; `next` resolves to the
   * reply. False if the store has none to make.
   */
  claimNow?(): boolean;

  /** Says that whoever waited has no room for a job, so that what woke it may wake another. */
  full?(): void;
}

/** Stage 2. */
export interface ReadyStage {
  /**
   * Makes at most `limit` due `scheduled` and `retry` jobs ready, earliest
   * first; each joins the end of its line (or its front, if so enqueued and
   * never ready before). Also sees whether jobs that a limit keeps out have got
   * room, and wakes who waits for them; `nextInMs` tells when to come for that, too.
   *
   * Repeat: moves the next ones.
   */
  promote(limit: number): Promise<StepReply>;

  /**
   * Cancels at most `limit` jobs whose `expireAt` has come (now >= `expireAt`)
   * and that were never started (`ready`, `scheduled` or `deferred`, `attemptsMade`
   * 0) nor retried by a person, with the error "expired".
   *
   * Repeat: cancels the next ones.
   */
  expire(limit: number): Promise<StepReply>;

  /**
   * Makes a latch that is set when a job of these sources becomes ready where
   * there was none of its queue, type and priority, and when a delayed job
   * becomes the next one due, so that whoever sleeps until `nextDueInMs` looks
   * again. That time passes sets no latch: the caller keeps a timer. Where
   * several processes wait, one of them may be enough, as long as it waits in
   * `next` at that moment: so call `next` only while there is room for a job.
   *
   * A latch without sources is for upkeep: set when the next due time is
   * earlier, or when a server with a shorter lease begins to claim.
   */
  subscribe(sources: readonly ClaimSource[]): WakeSource;
}
