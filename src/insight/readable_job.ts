/**
 * Jobs of a list, as users see them.
 *
 * @module
 */

import { type Job, type JobRecord, toJob } from "../job/job.ts";

/** A job, and whether its payload and its result are JSON. */
export interface ReadJob {
  readonly job: Job;
  readonly isReadable: boolean;
}

/** Reads a job; where its payload or its result is no JSON, both are the texts that they are. */
export function readJob(record: JobRecord): ReadJob {
  try {
    return { job: toJob(record), isReadable: true };
  } catch {
    const { payload, result } = record;
    const asText = (text: string): string => JSON.stringify(text);
    const texts = { payload: asText(payload), result: result && asText(result) };
    return { job: toJob({ ...record, ...texts }), isReadable: false };
  }
}

/** The job; text that is no JSON is shown as it is, so that one damaged job spoils no page. */
export function readableJob(record: JobRecord): Job {
  return readJob(record).job;
}
