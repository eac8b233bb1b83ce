/**
 * Why an intervention was not carried out. In every case nothing was changed.
 *
 * @module
 */

import { GqmError } from "../errors.ts";
import type { JobStatus } from "../job/state.ts";

/** A job that is not in the store. */
export class JobNotFoundError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobNotFoundError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_NOT_FOUND";
  /** The id seen. */
  readonly id: string;
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param id The id seen.
   */
  constructor(action: string, id: string) {
    super(`Cannot ${action} as it must be in the store: there is no job '${id}'`);
    this.id = id;
  }
}

/** Why a job is not to be changed: its status, a failed parent, or another job with its unique key. */
export type RefusalReason = "status" | "parent" | "duplicate";

/** An intervention that does not fit the job as it is. */
export class JobRefusedError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobRefusedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_REFUSED";
  /** The job's id. */
  readonly id: string;
  /** The job's status. */
  readonly status: JobStatus;
  /** Why. */
  readonly reason: RefusalReason;
  /** The parent that failed or is gone, or the job that has the unique key. */
  readonly by: string | undefined;
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param rule What must hold for it.
   * @param seen Which job, and what was seen.
   */
  constructor(
    action: string,
    rule: string,
    seen: {
      readonly id: string;
      readonly status: JobStatus;
      readonly reason: RefusalReason;
      readonly by?: string;
    },
  ) {
    const { id, status, reason, by } = seen;
    const why = {
      status: `${rule}: job '${id}' is ${status}`,
      parent: `its parents must not have failed: parent '${by}' of job '${id}' has, or is gone; ` +
        "retry that one first, with 'revive'",
      duplicate: `no other job may have its unique key: job '${by}' has that of job '${id}'`,
    }[reason];
    super(`Cannot ${action} as ${why}`);
    this.id = id;
    this.status = status;
    this.reason = reason;
    this.by = by;
  }
}
