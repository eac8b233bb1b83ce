/**
 * The side of the store port that only looks.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import type { JobStatus } from "../job/state.ts";

/** Which jobs to list. */
export interface ListQuery {
  /** The status. */
  readonly status: JobStatus;
  /** Only of this queue. */
  readonly queue?: string;
  /** Only of this type. */
  readonly type?: string;
  /** Most jobs to return, 1 to 500. */
  readonly limit: number;
  /** Where the last page ended. */
  readonly cursor?: string;
}

/**
 * One page of a list. It may hold fewer jobs than asked for though there are
 * more, since one call reads a bounded number of records.
 */
export interface ListReply {
  /** The jobs, newest in the status first. */
  readonly jobs: readonly JobRecord[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Jobs of one queue, type and status. */
export interface CountRow {
  /** Name of the queue. */
  readonly queue: string;
  /** The job's type. */
  readonly type: string;
  /** The status. */
  readonly status: JobStatus;
  /** More than 0. */
  readonly count: number;
}

/** One page of a job's children. */
export interface ChildrenReply {
  /** Their ids. */
  readonly ids: readonly string[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Looking, without moving anything. */
export interface InspectStage {
  /** Reads jobs by id; null for each that is not there. */
  getJobs(ids: readonly string[]): Promise<(JobRecord | null)[]>;

  /**
   * Lists the jobs of a status, the one that entered it last first (a job given
   * back enters `ready` anew). A job that
   * leaves the status or enters it between two pages neither repeats nor hides
   * another.
   *
   * @throws {InvalidOptionError} If the limit is out of range or the cursor is
   * not one that a page gave.
   */
  list(query: ListQuery): Promise<ListReply>;

  /**
   * Lists the jobs that were enqueued with this one as a parent and are still
   * there, in no particular order. Ids that are not a child may be among them
   * where an id was used again; the child's `dependsOn` decides.
   */
  children(
    id: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ChildrenReply>;

  /** Counts all jobs, by queue, type and status, without reading them. */
  counts(): Promise<CountRow[]>;

  /**
   * Waits until a job is final and returns it, null if there is no such job
   * (or retention took it before it was seen). Returns undefined when `signal`
   * aborts first.
   */
  awaitFinal(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined>;
}
