/**
 * Stage 1 of the store port: jobs come in.
 *
 * @module
 */

import type { JobSettings } from "../job/job.ts";
import type { JobStatus } from "../job/state.ts";
import type { Hold } from "./claim_stage.ts";

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
  /** Due this long after the store's now; for a job with parents, after the last of them. Not together with `runAt`. */
  readonly delayMs?: number;
  /** When it becomes ready for the first time, it goes before its equals. */
  readonly atFront?: boolean;
  /** What to do about a parent that is not there. @default {"reject"} */
  readonly onMissingParent?: "reject" | "resolved";
  /**
   * What to do when the same work is there already. Other than `keep` only for
   * a group of one job.
   *
   * - `keep`: nothing; the answer is `duplicate`.
   * - `replace`: the job that is there gets this one's payload, if it is of the
   *   same type and waits (`ready`, `scheduled`, `deferred` or `retry`); else as `keep`.
   * - `debounce`: the same, and its time begins anew: it is due when this one
   *   would be, or as soon as its parents allow. A `retry` stays one.
   * - `rerun`: as `keep` if it waits; if it is `processing`, this job is
   *   created to run after it, as its child (with the policy `continue`, unless
   *   it names that job as a parent itself), and is
   *   the owner of the key from then on. Not for uniqueness by id.
   *
   * @default {"keep"}
   */
  readonly onConflict?: "keep" | "replace" | "debounce" | "rerun";
  /** The claim under which it is enqueued: refused when that is no longer the latest. One for a whole group. */
  readonly holder?: Hold;
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
    /** Position in the group of the first job whose id or key is in use. */
    readonly index: number;
    /** Id of the job that has it. */
    readonly id: string;
    /** Status of the job that has it. */
    readonly status: JobStatus;
  }
  | {
    /** `replace` or `debounce` changed the job that is there. */
    readonly outcome: "merged";
    /** Id of that job. */
    readonly id: string;
    /** Its status afterwards. */
    readonly status: JobStatus;
  }
  | {
    readonly outcome: "missing_parent";
    /** Position in the group of the first job with a parent that is not there. */
    readonly index: number;
    /** The parent's id. */
    readonly id: string;
  }
  /** The claim under which the group was to be enqueued is not the latest. */
  | { readonly outcome: "lost" }
  /** The group could not be written, or it is not known whether it was, though others of the call could. */
  | { readonly outcome: "failed"; readonly error: Error };

/** Stage 1. */
export interface EnqueueStage {
  /**
   * Writes groups of jobs. Each group is written whole, or not at all if its
   * holder has lost its claim, one of its ids or keys is in use (`lost` goes
   * before `duplicate`, that before `missing_parent`; the first such job of the
   * group is named), or a parent is not there; groups do not affect each other,
   * except that of two with the same id the first wins.
   *
   * An id is in use as long as its job is there (a final job that is still
   * retained counts), unless the new job's `unique` has no key and says for how
   * long: a final job whose time is over is then removed to make room.
   * A key is in use while its owner is there and `until` and `ttlMs`, as the
   * owner set them, say so. The newest job with a key is its owner.
   *
   * A parent is a job of the store or one that comes before in the group. Its
   * edge is satisfied once it is `completed`, or final with a policy other than
   * `cancel`. A job with a parent that has failed and the policy `cancel` is
   * written as `canceled` at once; one with parents that are not final is `deferred`.
   *
   * Before: ids and keys are distinct within a group; so are the parents of a
   * job, and it is none of them.
   * After: each job is `ready`, `scheduled`, `deferred` or `canceled`, findable,
   * and whoever waits for its queue and type has been woken.
   * Failure: throws; nothing was written, or the reply was lost. Where some of
   * the groups were written, it answers `failed` for each of the others.
   * Repeat: finds its own jobs and answers `duplicate`.
   */
  enqueue(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]>;
}
