/**
 * A job that is enqueued once more, beside the one that is there.
 *
 * @module
 */

import type { EnqueueOptions } from "../../enqueue/options.ts";
import type { JobRecord } from "../../job/job.ts";

/**
 * Options with which a job is enqueued once more, to run now: where and how it runs and is kept is
 * as it was, and so is what travels with it. It waits for no parents, is for no slot of a schedule,
 * does not expire, and is not unique, as the one that is there may have the key.
 */
export function optionsAgain({ queue, priority, settings }: JobRecord): EnqueueOptions {
  const { maxRetry, backoff, timeoutMs, deadLetter, retention, meta, trace, limitKey } = settings;
  const runs = { queue, priority, maxRetry, backoff, timeoutMs, limitKey };
  return { ...runs, deadLetter, retention, meta, trace };
}
