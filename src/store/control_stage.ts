/**
 * The side of the store port by which people and programs intervene: jobs are
 * called off, brought back, moved, changed or removed, and lines are paused.
 *
 * @module
 */

import type { JobStatus } from "../job/state.ts";
import type { WakeSource } from "./ready_stage.ts";

/** What is to be done with a job. */
export type JobAction =
  /** A job that is not final becomes `canceled`; a holder loses it, and is told. */
  | { readonly kind: "cancel"; readonly reason: string }
  /**
   * A `dead_letter`, `canceled`, `stopped` or `failed` job runs again: `deferred`
   * while it has parents that are not final, else `ready` at the end of its
   * line. Retries and deliveries count from 0, its attempts stay; result and
   * own error go, and it does not expire any more.
   */
  | {
    readonly kind: "retry";
    /** JSON text that replaces the payload. */
    readonly payload?: string;
    /**
     * Also brings back, as `deferred`, its children that were canceled by the end
     * of a parent and that no failed parent keeps any more, and theirs.
     */
    readonly revive?: boolean;
  }
  /** A job that is not `processing` is removed for good. For its children it has failed, unless it was final. */
  | { readonly kind: "remove" }
  /** A `scheduled` or `retry` job becomes `ready` now. */
  | { readonly kind: "promote" }
  /** A job that waits gets another priority; a `ready` one goes to the end of its new line. */
  | { readonly kind: "prioritize"; readonly priority: number }
  /** A job that waits gets another payload, and keeps its place. */
  | { readonly kind: "edit"; readonly payload: string };

/** What became of one job of an action. */
export type ActionReply =
  /** It was done; null if the job is not there any more. */
  | { readonly outcome: "done"; readonly status: JobStatus | null }
  /**
   * There was nothing to do: canceled already, not final when it was to be
   * retried, ready already, of that priority already, or not in the status that
   * the call named.
   */
  | { readonly outcome: "unchanged"; readonly status: JobStatus }
  | {
    readonly outcome: "refused";
    readonly status: JobStatus;
    /**
     * `status`: not for a job in its status. `parent`: a parent failed, or is
     * gone, so the job may not run. `duplicate`: another job is the owner of its
     * key now.
     */
    readonly reason: "status" | "parent" | "duplicate";
    /** The parent, or the owner of the key. */
    readonly by?: string;
  }
  | { readonly outcome: "missing" };

/** Lines that are paused: a queue, a type in all queues, or a type in one queue. */
export interface PauseTarget {
  /** Name of the queue; null for all queues. */
  readonly queue: string | null;
  /** The job's type; null for all types of the queue. Not both are null. */
  readonly type: string | null;
}

/** Intervening. A job that waits is one that is `ready`, `scheduled`, `deferred` or `retry`. */
export interface ControlStage {
  /**
   * Does one thing with each of at most 500 jobs, one after the other.
   *
   * Before: ids are distinct.
   * Failure: throws; what was done for some of them stays.
   * Repeat: answers `unchanged` or `missing` where it has been done.
   *
   * @param from Only jobs in this status; others are `unchanged`.
   * @param before Epoch milliseconds, store clock. Only jobs that did not end, and no attempt of
   * which ended, at this time or later; others are `unchanged`. So what has been done with a job is
   * not done again after it ran and came back to the status.
   */
  act(
    ids: readonly string[],
    action: JobAction,
    from?: JobStatus,
    before?: number,
  ): Promise<ActionReply[]>;

  /**
   * Pauses lines or resumes them: no job is claimed from a line that is paused
   * by its queue, by its type or by both, whoever asks. Nothing else changes:
   * what is due becomes ready there. Who waits for a resumed line is woken.
   *
   * Repeat: does nothing.
   */
  pause(target: PauseTarget, paused: boolean): Promise<void>;

  /** What is paused, in no particular order. */
  paused(): Promise<PauseTarget[]>;

  /**
   * Makes a latch that is set when a job that this server holds is canceled:
   * its next heartbeat tells which. May be set without reason, misses none; other
   * processes' cancels count as well.
   *
   * @param server The server's id.
   */
  watchClaims(server: string): WakeSource;
}
