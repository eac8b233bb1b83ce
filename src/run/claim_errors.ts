/**
 * What can go wrong with jobs that code claims and settles by itself.
 *
 * @module
 */

import { GqmError } from "../errors.ts";

/** A call to a consumer that has been closed. */
export class ConsumerClosedError extends GqmError {
  /** Name of the class. */
  override readonly name = "ConsumerClosedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "CONSUMER_CLOSED";
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   */
  constructor(action: string) {
    super(`Cannot ${action} as the consumer has been closed`);
  }
}

/** A second end for one claim. The first one counts. */
export class JobSettledError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobSettledError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_SETTLED";
  /** The job's id. */
  readonly id: string;
  /**
   * Makes the error.
   *
   * @param action What cannot be done, such as "complete job".
   * @param id The job's id.
   * @param before The call that settled it, such as "fail".
   */
  constructor(action: string, id: string, before: string) {
    super(`Cannot ${action} as a claim must be settled once: '${before}' of '${id}' came before`);
    this.id = id;
  }
}
