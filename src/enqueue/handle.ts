/**
 * What a producer gets for a job: a way to look at it and to wait for its end.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import { GqmError } from "../errors.ts";
import { type Job, type JobRecord, toJob } from "../job/job.ts";
import { isResultUnavailable } from "../job/result.ts";
import type { JobStatus } from "../job/state.ts";
import { StoreClosedError } from "../store/errors.ts";
import type { Store } from "../store/store.ts";

/** A job as its producer holds it. */
export interface JobHandle<P = unknown, R = unknown> {
  /** The job's id. */
  readonly id: string;
  /** The job's status when the handle was made. */
  readonly status: JobStatus;
  /** Whether the call that gave the handle created the job; false if it was there already. */
  readonly isNew: boolean;
  /** Reads the job as it is now; null once retention has removed it. */
  job(): Promise<Job<P, R> | null>;
  /**
   * Waits for the job's end and resolves to what the handler returned. Without
   * a signal it waits for as long as it takes, for ever if no server runs the
   * job's type.
   *
   * @throws {JobFailedError} If it ended without a result: dead-lettered, canceled, …
   * @throws {JobGoneError} If it was removed before its end was seen.
   * @throws {ResultUnavailableError} If the result was above 1 MiB or not JSON, and so not kept.
   * @throws {ClientClosedError} If the client is closed first.
   * @throws {StoreClosedError} If its store is closed first.
   * @throws The signal's reason when it aborts first.
   */
  result(options?: { readonly signal?: AbortSignal }): Promise<R>;
}

/** A job ended without a result. */
export class JobFailedError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobFailedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_FAILED";
  /** The job after its end. */
  readonly job: Job;
  /**
   * Makes the error.
   *
   * @param job The job after its end.
   */
  constructor(job: Job) {
    super(
      `Cannot give the result of job '${job.id}' (${job.type}) as it ended as ${job.status}: ${job.error}`,
    );
    this.job = job;
  }
}

/** A job was removed, or never there. */
export class JobGoneError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobGoneError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_GONE";
  /** The job's id. */
  readonly id: string;
  /**
   * Makes the error.
   *
   * @param id The job's id.
   */
  constructor(id: string) {
    super(
      `Cannot give the result of job '${id}' as it is not in the store: its retention may have ended`,
    );
    this.id = id;
  }
}

/** A job completed with a result that could not be kept. */
export class ResultUnavailableError extends GqmError {
  /** Name of the class. */
  override readonly name = "ResultUnavailableError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "RESULT_UNAVAILABLE";
  /**
   * Makes the error.
   *
   * @param id The job's id.
   * @param reason Why the result could not be kept.
   */
  constructor(id: string, reason: string) {
    super(`Cannot give the result of job '${id}' as it was not kept: ${reason}`);
  }
}

/** Where the jobs of handles are. */
export interface HandleSource {
  /** The store, open. */
  readonly store: Store;
  /** Aborts when the client is closed, with the error for those who wait. */
  readonly closing: AbortSignal;
}

/**
 * The handle of a job in a store. Its functions are made when they are asked for: a batch makes
 * many handles, and functions of a handle must work without it.
 */
export class StoredJobHandle<P, R> implements JobHandle<P, R> {
  readonly id: string;
  readonly status: JobStatus;
  readonly isNew: boolean;
  readonly #source: HandleSource;

  /** @param source Where the job is. */
  constructor(source: HandleSource, id: string, status: JobStatus, isNew: boolean) {
    this.id = id;
    this.status = status;
    this.isNew = isNew;
    this.#source = source;
  }

  get job(): JobHandle<P, R>["job"] {
    return async () => {
      const [record] = await this.#source.store.getJobs([this.id]);
      return record ? toJob<P, R>(record) : null;
    };
  }

  get result(): JobHandle<P, R>["result"] {
    return (options = {}) => awaitResult(this.#source, this.id, options);
  }
}

/** See `JobHandle.result`. */
export async function awaitResult<R>(
  { store, closing }: HandleSource,
  id: string,
  options: { readonly signal?: AbortSignal },
): Promise<R> {
  checkKeys("wait for result", options, ["signal"]);
  const { signal } = options;
  const until = signal === undefined ? closing : AbortSignal.any([signal, closing]);
  until.throwIfAborted();
  const record = await store.awaitFinal(id, until);
  if (record === undefined) {
    until.throwIfAborted();
    throw new StoreClosedError(store.description);
  }
  return resultOf<R>(id, record);
}

function resultOf<R>(id: string, record: JobRecord | null): R {
  if (record === null) throw new JobGoneError(id);
  const job = toJob<unknown, R>(record);
  if (job.status !== "completed") throw new JobFailedError(job);
  if (isResultUnavailable(job.result)) throw new ResultUnavailableError(id, job.result.reason);
  return job.result as R;
}
