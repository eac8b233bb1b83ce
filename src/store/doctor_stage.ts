/**
 * The side of the store port that checks the store itself: whether every job is
 * in one place, and every place, claim, edge and key stands for a job.
 *
 * @module
 */

/**
 * What can be wrong.
 *
 * - `lost_entry`: a job is in no line, list or index of its status, or a schedule or memo in no index, so that nobody would find it.
 * - `stale_entry`: a line, list or index names a job, schedule or memo that is not there, or a job that is in another status.
 * - `double_entry`: a job is in two places.
 * - `lost_lease`: a job is processing, but no lease of it would ever end.
 * - `stale_lease`: a lease of a job that nobody holds.
 * - `stuck_child`: a job waits for a parent that is final or gone, and nothing would tell it.
 * - `early_child`: a job became ready though a parent has not let it go. Not repaired: it may have run.
 * - `dangling_key`: a unique key whose owner is not there, or does not have it.
 * - `stale_edge`: a list of children whose parent is not there.
 * - `stale_data`: a payload, a result, a log or the like of a job or schedule that is not there, or what was said of a server that is not; memos and hits that are over and would stay.
 * - `wrong_slot`: a limit counts a claim that is not there, or does not count one that is.
 * - `stuck_job`: a ready job stands aside for a limit that has room, and nothing would tell it.
 * - `wrong_count`: a number of jobs that is not what it counts.
 * - `broken_record`: a job whose record cannot be read. It becomes `failed`.
 */
export type FindingKind =
  | "lost_entry"
  | "stale_entry"
  | "double_entry"
  | "lost_lease"
  | "stale_lease"
  | "stuck_child"
  | "early_child"
  | "dangling_key"
  | "stale_edge"
  | "stale_data"
  | "wrong_slot"
  | "stuck_job"
  | "wrong_count"
  | "broken_record";

/** One thing that is wrong. */
export interface Finding {
  /** What kind of thing. */
  readonly kind: FindingKind;
  /** Id of the job that it is about; null if it is about none. */
  readonly id: string | null;
  /** What was seen where, for people. */
  readonly text: string;
  /** Whether it was put right in the same step. */
  readonly repaired: boolean;
}

/** One step of a check. */
export interface CheckRequest {
  /** Whether to put right what is wrong. */
  readonly repair: boolean;
  /** About how many jobs, or entries of lines and indexes, to look at; 1 to 1000. */
  readonly limit: number;
  /** Where the step before ended; absent to begin. */
  readonly cursor?: string;
}

/** What a step of a check found. */
export interface CheckReply {
  /** Jobs and entries looked at. */
  readonly checked: number;
  /** What is wrong. */
  readonly findings: readonly Finding[];
  /** Give it to the next step; absent when all was looked at. */
  readonly cursor?: string;
}

/** Checking. */
export interface DoctorStage {
  /**
   * Looks at a part of the store while it is in use, and tells what is wrong:
   * only what cannot come from a change that happens meanwhile. Each finding is
   * judged and repaired in one atomic step. A repair loses no job: one that is in
   * no place goes to the end of its line, one that waits for nothing is released
   * or canceled as its edges say, one without a lease is reaped.
   *
   * Repeat: looks at the same part again.
   */
  check(request: CheckRequest): Promise<CheckReply>;
}
