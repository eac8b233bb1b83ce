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
  /**
   * Only of this time or later, in epoch milliseconds. It counts when a final job
   * ended, when a `scheduled` or `retry` job is due, when a `processing` job was
   * claimed, and when any other was enqueued.
   */
  readonly fromAt?: number;
  /** Only of before this time, which counts as for `fromAt`. */
  readonly toAt?: number;
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

/** The job of a queue and type that has waited longest to be claimed. */
export interface OldestRow {
  /** Name of the queue. */
  readonly queue: string;
  /** The job's type. */
  readonly type: string;
  /** The job's id. */
  readonly id: string;
  /** Epoch milliseconds, store clock: since when it is ready, or due if nobody has made it ready. */
  readonly readyAt: number;
}

/** One page of a job's children. */
export interface ChildrenReply {
  /** Their ids. */
  readonly ids: readonly string[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** What a store runs on, and how it fares. */
export interface StoreInfo {
  /** Which kind of store it is. */
  readonly kind: "memory" | "sqlite" | "redis";
  /** Version of Redis, SQLite, or for the memory store of this package; empty if it may not be read. */
  readonly version: string;
  /** Version of the layout in which it keeps its data; null where nothing outlives the process. */
  readonly layoutVersion: number | null;
  /** Bytes of memory that Redis uses, or of the SQLite file; null where nobody knows. */
  readonly sizeBytes: number | null;
  /** Milliseconds that the store took to answer this call. */
  readonly latencyMs: number;
  /** Commands per second that Redis carries out at the moment, of all its users; else null. */
  readonly opsPerSecond: number | null;
  /** Connections to Redis, of all its users; else null. */
  readonly connections: number | null;
  /** Milliseconds since Redis started; else null. */
  readonly uptimeMs: number | null;
  /** What puts jobs at risk, for people; empty where there is nothing. */
  readonly warnings: readonly string[];
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
   * With `fromAt` or `toAt`, final and delayed jobs are found by their time,
   * others by reading them: a page then may hold few jobs, or none, and a
   * cursor. Delayed jobs then come by their due times, the latest first. Where
   * the store's clock was set back, final jobs of the time that came twice may be missing.
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

  /** Tells what the store runs on and how it fares. Shows no secrets. */
  info(): Promise<StoreInfo>;

  /** Counts all jobs, by queue, type and status, without reading them. */
  counts(): Promise<CountRow[]>;

  /**
   * Finds the job of each queue and type that has waited longest, paused or not, of those that are
   * ready or due; no row where there is none. A job that is given back or was lost with its holder,
   * or gets another priority, waits since before that. It costs what there are queues, types and
   * priorities, not what there are jobs.
   *
   * A store may look past no more than 1000 jobs that left the middle of one line, and at no more
   * than the 1000 jobs that are due first of those that nobody has made ready. `readyAt` may be
   * off by a minute, as long as there is upkeep, of a job that was tried before, had parents or was
   * brought back, or whose settings do not tell its delay.
   */
  oldest(): Promise<OldestRow[]>;

  /**
   * Waits until a job is final and returns it, null if there is no such job
   * (or retention took it before it was seen). Returns undefined when `signal`
   * aborts first.
   */
  awaitFinal(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined>;
}
