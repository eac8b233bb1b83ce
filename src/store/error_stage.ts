/**
 * The side of the store port that tells what goes wrong: failures, grouped by
 * their fingerprint.
 *
 * @module
 */

/** Failures with one fingerprint. */
export interface ErrorGroup {
  /** What they have in common: 16 hexadecimal digits. */
  readonly fingerprint: string;
  /** Name of the newest error; null for what was thrown and is none. */
  readonly name: string | null;
  /** Message of the newest one, at most 500 characters. */
  readonly message: string;
  /** Type of the job that failed last. */
  readonly type: string;
  /** How many attempts failed so. */
  readonly count: number;
  /** Epoch milliseconds, store clock: the first failure. */
  readonly firstAt: number;
  /** Epoch milliseconds, store clock: the newest failure. */
  readonly lastAt: number;
  /** The newest jobs that failed so, the last one first, each once; at most 20. They may be gone. */
  readonly jobIds: readonly string[];
}

/** Which groups to list. */
export interface ErrorGroupQuery {
  /** Most groups to return, 1 to 500. */
  readonly limit: number;
  /** Only those whose newest failure was of this type of job. */
  readonly type?: string;
  /** Only the one with this fingerprint. */
  readonly fingerprint?: string;
  /** Where the last page ended. */
  readonly cursor?: string;
}

/** A page of groups. It may hold fewer than asked for though there are more. */
export interface ErrorGroupsReply {
  /** The groups, the one that failed last first. */
  readonly groups: readonly ErrorGroup[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Errors. */
export interface ErrorStage {
  /**
   * Lists groups of failures. A settle adds each failure that has a fingerprint
   * and is to be retried or dead-letters its job, in the same step. Of more than
   * 1000 groups the one goes that failed longest ago; `sample` lets go of those
   * that have not failed for 30 days.
   *
   * @throws {InvalidOptionError} If the limit is out of range or the cursor is
   * not one that a page gave.
   */
  errorGroups(query: ErrorGroupQuery): Promise<ErrorGroupsReply>;
}
