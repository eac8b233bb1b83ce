/**
 * Stage 1 of the store port: jobs come in.
 *
 * @module
 */

import type { JobSettings } from "../job/job.ts";
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
