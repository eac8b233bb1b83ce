/**
 * Jobs of a list, as users see them.
 *
 * @module
 */

import { type Job, type JobRecord, toJob } from "../job/job.ts";

/** The job; text that is no JSON is shown as it is, so that one damaged job spoils no page. */
export function readableJob(record: JobRecord): Job {
  try {
    return toJob(record);
  } catch {
    const { payload, result } = record;
    const asText = (text: string): string => JSON.stringify(text);
    return toJob({ ...record, payload: asText(payload), result: result && asText(result) });
  }
}
