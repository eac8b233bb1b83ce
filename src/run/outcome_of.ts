/**
 * What a store is told about an attempt that has ended.
 *
 * @module
 */

import type { ClaimedJob } from "../job/job.ts";
import type { Outcome, Verdict } from "../store/store.ts";

/** The outcome of an attempt, with the time that the job waited for it as far as its record tells. */
export function outcomeOf(claimed: ClaimedJob, verdict: Verdict, ranMs: number): Outcome {
  const { id, holder: { fence } } = claimed;
  const waitedMs = waitOf(claimed);
  return waitedMs === undefined
    ? { id, fence, verdict, ranMs }
    : { id, fence, verdict, ranMs, waitedMs };
}

/**
 * Milliseconds of the store's clock from when the job was due until it was
 * claimed; undefined where that is not known: of a job that ran before, that
 * has parents, or whose delay may have begun anew. A job that was given back
 * unharmed waited until the claim that counts.
 */
function waitOf({ attemptsMade, createdAt, holder, settings }: ClaimedJob): number | undefined {
  const { delayMs, runAt, dependsOn, unique } = settings;
  const isDelayed = delayMs !== undefined || runAt !== undefined;
  if (attemptsMade > 0 || dependsOn !== undefined || (isDelayed && unique !== undefined)) {
    return undefined;
  }
  const dueAt = Math.max(createdAt + (delayMs ?? 0), runAt ?? 0);
  return Math.max(0, holder.claimedAt - dueAt);
}
