/**
 * The side of the store port that reads lists by the number of a page, for
 * people who leaf through them: a list of any length is read at any place.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import type { JobStatus } from "../job/state.ts";

/** Which part of a list to read. */
export interface PartQuery {
  /** Only of these queues. @default {all} */
  readonly queues?: readonly string[];
  /** Only of this type. */
  readonly type?: string;
  /** How many jobs stand before the page. */
  readonly offset: number;
  /** Most jobs to return, 1 to 500. */
  readonly limit: number;
  /** Which end of the list comes first. @default {"newest"} */
  readonly order?: "newest" | "oldest";
}

/** Which page of the jobs of a status to read. */
export interface PageQuery extends PartQuery {
  /** The status. */
  readonly status: JobStatus;
}

/** A page of the jobs of a status. */
export interface PageReply {
  /** The jobs; none behind the end of the list. */
  readonly jobs: readonly JobRecord[];
  /** How many jobs the whole list has. */
  readonly total: number;
}

/** A job with children. */
export interface ParentRow {
  /** The job. */
  readonly job: JobRecord;
  /** How many children it knows of; some of them may have been removed. */
  readonly children: number;
}

/** A page of the jobs with children. */
export interface ParentsReply {
  /** The jobs; none behind the end of the list. */
  readonly parents: readonly ParentRow[];
  /** How many there are. */
  readonly total: number;
}

/** Lists by page. */
export interface PageStage {
  /**
   * Reads a page of the jobs of a status, in the order of `list`, or from its
   * other end. It costs about the same wherever the page is: what stands
   * before it is not read. Jobs of several queues and types come in one order;
   * of those of one millisecond, it may be another than that of `list`.
   *
   * While jobs come and go, pages move: one may repeat what another held, or
   * pass over a job. A job that leaves the status during the call is left out. A page
   * far from both ends may be off by as many ready jobs as were taken out of
   * their line.
   *
   * @throws {InvalidOptionError} If a part of the query is unknown or out of range.
   */
  page(query: PageQuery): Promise<PageReply>;

  /**
   * Reads a page of the jobs that others were enqueued with as a parent, the one that
   * was enqueued last first, or from the other end; those of one millisecond in any
   * order. A job is among them from its first child until it is itself removed, whatever
   * its status. The rest is as with `page`.
   *
   * @throws {InvalidOptionError} If a part of the query is unknown or out of range.
   */
  parents(query: PartQuery): Promise<ParentsReply>;
}
