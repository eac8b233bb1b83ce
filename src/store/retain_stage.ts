/**
 * Stage 6 of the store port: final jobs leave.
 *
 * @module
 */

import type { StepReply } from "./ready_stage.ts";

/**
 * Stage 6. Whatever ends a job applies its retention: 0 removes it in the same
 * step, and so does `deadLetter: false` for a dead letter.
 *
 * A job with a `maxCount` of its own that ends and is kept is counted among the
 * jobs of its queue, type and final status that have one, in the order in which
 * they ended. In the same step the oldest of them above that number are removed,
 * at most 16; if there are more, prune removes the rest, down to the number of
 * the one that ended last.
 */
export interface RetainStage {
  /**
   * Removes at most `limit` final jobs whose retention has ended: each by its
   * own age limit; the oldest of those with a `maxCount` of their own above the
   * number of the one that ended last; the oldest of a queue and status above the
   * count limit. Besides, it lets go of as many memos and hits whose time is over;
   * they are no jobs, and are not told of.
   *
   * Repeat: removes the next ones.
   */
  prune(limit: number): Promise<StepReply>;
}

/**
 * How long final jobs are kept by default. A job's own `retention` goes before
 * the ages; its `maxCount` holds beside the one of the store.
 */
export interface RetentionLimits {
  /** Milliseconds that a completed job is kept; -1 for ever. @default {604_800_000} (7 d) */
  readonly completedMs: number;
  /** Milliseconds that any other final job is kept; -1 for ever. @default {2_592_000_000} (30 d) */
  readonly failedMs: number;
  /** Most jobs kept per queue and final status; the oldest go, also those to be kept for ever. @default {100_000} */
  readonly maxCount: number;
}
