/**
 * Lists of jobs, a page at a time.
 *
 * @module
 */

import type { Job } from "../job/job.ts";
import type { ListQuery, Store } from "../store/store.ts";
import { readableJob } from "./readable_job.ts";

/** Most jobs of a page, unless asked for another number. */
const DEFAULT_LIMIT = 50;

/** Which jobs to list. */
export interface ListOptions extends Omit<ListQuery, "limit"> {
  /** Most jobs of a page, 1 to 500. @default {50} */
  readonly limit?: number;
}

/** A page of jobs. It may hold fewer than asked for though there are more, as one call reads a bounded number. */
export interface JobPage {
  /** The jobs, newest in the status first. */
  readonly jobs: readonly Job[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/**
 * Reads a page of the jobs of a status.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export async function listJobs(store: Store, options: ListOptions): Promise<JobPage> {
  const { limit = DEFAULT_LIMIT } = options;
  const { jobs, cursor } = await store.list({ ...options, limit });
  const page = { jobs: jobs.map(readableJob) };
  return cursor === undefined ? page : { ...page, cursor };
}
