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
import { type ClaimedJob, type Job, JobOfRecord, type JobRecord, toJob } from "../job/job.ts";
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

/** A running job. `parents` is no property of its own: a job can be cloned, and a function cannot. */
class JobWithParents extends JobOfRecord {
  readonly #read: FamilyPorts["read"];

  constructor(record: JobRecord, { read }: FamilyPorts) {
    super(record);
    this.#read = read;
  }

  get parents(): RunningJob["parents"] {
    return ((type?: string) => readParents(this, type, this.#read)) as RunningJob["parents"];
  }
}

// It is printed and compared as a plain object.
Object.defineProperty(JobWithParents.prototype, "constructor", { value: Object });

/**
 * Reads a claimed job as its handler sees it.
 *
 * @throws {SyntaxError} If its payload is no JSON.
 */
export function runningJob(record: JobRecord, ports: FamilyPorts): RunningJob {
  return new JobWithParents(record, ports);
}

async function readParents(
  { dependsOn }: Job,
  type: string | undefined,
  read: FamilyPorts["read"],
): Promise<ParentEnd[]> {
  if (dependsOn.length === 0) return [];
  const records = await read(dependsOn.map(({ id }) => id));
  return records.flatMap((record, i): ParentEnd[] => {
    if (record === null || (type ?? record.type) !== record.type) return [];
    const { onFailure } = dependsOn[i]!;
    if (onFailure === "ignore" && record.status !== "completed") return [];
    return [endOf(record)];
  });
}

function endOf(record: JobRecord): ParentEnd {
  const { id, type, status, result, error } = toJob(record);
  return { id, type, status, result: isResultUnavailable(result) ? undefined : result, error };
}

/** Enqueues a child of a running job; see `AddJobs`. */
export function addChild(
  claimed: ClaimedJob,
  { writer }: FamilyPorts,
  type: string,
  payload: unknown,
  options: EnqueueOptions = {},
): Promise<JobHandle> {
  const { dependsOn = [] } = options;
  const own = dependsOn.length === 0 ? { ...options, dependsOn: [claimed.id] } : options;
  return writer.one(type, payload, own, under(claimed));
}

/** Enqueues a graph below a running job; see `AddJobs`. */
export function addGraph(
  claimed: ClaimedJob,
  { writer }: FamilyPorts,
  graph: GraphNodes,
): ReturnType<JobWriter["graph"]> {
  return writer.graph(graph, under(claimed));
}

function under({ id, holder, settings }: ClaimedJob): UnderClaim {
  return { id, fence: holder.fence, lost: () => new LeaseLostError(id), passesOn: settings };
}
