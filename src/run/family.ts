/**
 * What a running job has to do with others: what its parents gave, and the jobs
 * that it adds to its graph.
 *
 * @module
 */

import type { EnqueueArguments } from "../enqueue/client.ts";
import type { EnqueuedGraph, GraphNodes } from "../enqueue/graph.ts";
import type { JobHandle } from "../enqueue/handle.ts";
import type { EnqueueOptions } from "../enqueue/options.ts";
import type { JobWriter, UnderClaim } from "../enqueue/writer.ts";
import { type ClaimedJob, type Job, type JobRecord, toJob } from "../job/job.ts";
import type { AnyJobs, JobMap, JobType, PayloadInput, Result } from "../job/registry.ts";
import { isResultUnavailable } from "../job/result.ts";
import type { JobStatus } from "../job/state.ts";
import { LeaseLostError } from "./errors.ts";

/** A parent of a running job, after its end. */
export type ParentEnd<J extends JobMap = AnyJobs, T extends JobType<J> = JobType<J>> = {
  readonly [K in T]: {
    /** The parent's id. */
    readonly id: string;
    /** The parent's type. */
    readonly type: K;
    /** How it ended. */
    readonly status: JobStatus;
    /** What its handler returned, if it completed and the result was kept. */
    readonly result: Result<J, K> | undefined;
    /** Why it did not complete. */
    readonly error: string | undefined;
  };
}[T];

/** A running job, as its handler sees it. */
export interface RunningJob<P = unknown, R = unknown, J extends JobMap = AnyJobs>
  extends Job<P, R> {
  /**
   * Reads the jobs that this one waited for, in the order of its `dependsOn`,
   * or those of one type. Left out are failed ones whose edge says `ignore`, and
   * those that retention or a person has removed.
   */
  parents<T extends JobType<J> = JobType<J>>(type?: T): Promise<readonly ParentEnd<J, T>[]>;
}

/**
 * How a running job adds others to its graph. They inherit its `meta` and `trace`.
 * What it adds under a lost claim is refused.
 */
export interface AddJobs<J extends JobMap = AnyJobs> {
  /**
   * Enqueues a job that runs once this one has completed: as a child with the
   * policy `cancel`, unless `dependsOn` names other parents.
   *
   * @throws {LeaseLostError} If the job is no longer this holder's.
   * @throws As `Client.enqueue` does.
   */
  enqueueChild<T extends JobType<J>>(
    type: T,
    ...rest: EnqueueArguments<PayloadInput<J, T>>
  ): Promise<JobHandle<PayloadInput<J, T>, Result<J, T>>>;
  /**
   * Enqueues a whole graph or nothing of it; those of its jobs that name no
   * parents become children of this one, with the policy `cancel`.
   *
   * @throws {LeaseLostError} If the job is no longer this holder's.
   * @throws As `Client.enqueueGraph` does.
   */
  enqueueGraph<const N extends GraphNodes<J>>(graph: N): Promise<EnqueuedGraph<J, N>>;
}

/** What the family of a running job is made from. */
export interface FamilyPorts {
  /** Reads jobs by id. */
  readonly read: (ids: readonly string[]) => Promise<(JobRecord | null)[]>;
  /** Writes jobs. */
  readonly writer: JobWriter;
}

/** Gives a job that was just read the method `parents`. */
export function withParents(job: Job, { read }: FamilyPorts): RunningJob {
  const parents = async (type?: string): Promise<ParentEnd[]> => {
    if (job.dependsOn.length === 0) return [];
    const records = await read(job.dependsOn.map(({ id }) => id));
    return records.flatMap((record, i): ParentEnd[] => {
      if (record === null || (type ?? record.type) !== record.type) return [];
      const { onFailure } = job.dependsOn[i]!;
      if (onFailure === "ignore" && record.status !== "completed") return [];
      return [endOf(record)];
    });
  };
  // Not enumerable: a job can be cloned, and a function cannot.
  Object.defineProperty(job, "parents", { value: parents });
  return job as RunningJob;
}

function endOf(record: JobRecord): ParentEnd {
  const { id, type, status, result, error } = toJob(record);
  return { id, type, status, result: isResultUnavailable(result) ? undefined : result, error };
}

/** Lets a running job add others. */
export function addJobs({ id, holder, settings }: ClaimedJob, { writer }: FamilyPorts): AddJobs {
  const lost = (): Error => new LeaseLostError(id);
  const under: UnderClaim = { id, fence: holder.fence, lost, passesOn: settings };
  return {
    enqueueChild: ((type: string, payload?: unknown, options: EnqueueOptions = {}) =>
      writer.one(
        type,
        payload,
        (options.dependsOn ?? []).length === 0 ? { ...options, dependsOn: [id] } : options,
        under,
      )) as AddJobs["enqueueChild"],
    enqueueGraph: ((graph: GraphNodes) => writer.graph(graph, under)) as AddJobs["enqueueGraph"],
  };
}
