/**
 * One job inside the memory store: the record, writable, with what the store
 * alone needs to know.
 *
 * @module
 */

import type {
  Attempt,
  ClaimedJob,
  EdgePolicy,
  Holder,
  JobRecord,
  LogLine,
  Progress,
} from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import type { NewJob } from "../store.ts";
import type { Lane } from "./state.ts";

/** A stored job. */
export interface Entry {
  /** What the producer sent, with what was edited since. */
  job: NewJob;
  lane: Lane;
  /** Number of its arrival, over all jobs. */
  number: number;
  readonly createdAt: number;
  status: JobStatus;
  runAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  retryCount: number;
  attemptsMade: number;
  deliveries: number;
  attempts: readonly Attempt[];
  error: string | null;
  result: string | null;
  progress: Progress | null;
  logs: readonly LogLine[];
  holder: Holder | null;
  /** Place among all ready jobs: by priority, then by when it came. Kept by release and reap. */
  order: number;
  /** Whether it is ready, but stands aside until its key has room. */
  parked: boolean;
  /** Since when it is ready, if it is: given back, since before that. */
  readyAt: number;
  /** Number of the move that brought it into its status, over all jobs. */
  moved: number;
  /** Fence of the claim that was settled last; null for none. */
  settledFence: number | null;
  /** Whether a server that held it ahead died; see `ClaimedJob.suspect`. */
  suspect: boolean;
  /** Whether it stands among the jobs that may expire. */
  listedToExpire: boolean;
  /** When retention removes it; null for never. */
  purgeAt: number | null;
  /** Whether it is in the store no longer. */
  removed: boolean;
  /** Whether a person retried it: then it does not expire. */
  keepsOn: boolean;
  /** Parents that have not let it go: not final yet, or failed where the edge says cancel. */
  pending: Set<string> | undefined;
  /** The owner of its key that it runs after, though it does not name it as a parent. */
  follows: string | undefined;
  /** Jobs that were enqueued with this one as a parent. */
  children: Map<string, ChildEdge> | undefined;
  /** Parent whose end canceled it. */
  canceledBy: string | null;
}

/** An edge, as the parent keeps it. */
export interface ChildEdge {
  readonly policy: EdgePolicy;
  /** Number of the edge, over all jobs. */
  readonly number: number;
}

/** Makes the entry of a new job, in no status list yet. */
export function newEntry(job: NewJob, lane: Lane, now: number): Entry {
  return {
    job,
    lane,
    number: 0,
    createdAt: now,
    status: "ready",
    runAt: null,
    startedAt: null,
    finishedAt: null,
    retryCount: 0,
    attemptsMade: 0,
    deliveries: 0,
    attempts: [],
    error: null,
    result: null,
    progress: null,
    logs: [],
    holder: null,
    order: 0,
    parked: false,
    readyAt: now,
    moved: 0,
    settledFence: null,
    suspect: false,
    listedToExpire: false,
    purgeAt: null,
    removed: false,
    keepsOn: false,
    pending: undefined,
    follows: undefined,
    children: undefined,
    canceledBy: null,
  };
}

/** When a job that is enqueued or released now is due. */
export function dueTime({ runAt, delayMs }: Entry["job"], now: number): number {
  return delayMs === undefined ? runAt ?? now : now + delayMs;
}

/** Copies an entry into the record that callers get. */
export function toRecord(entry: Entry): JobRecord {
  const { job } = entry;
  return {
    id: job.id,
    type: job.type,
    queue: job.queue,
    priority: job.priority,
    status: entry.status,
    payload: job.payload,
    settings: job.settings,
    createdAt: entry.createdAt,
    runAt: entry.runAt,
    startedAt: entry.startedAt,
    finishedAt: entry.finishedAt,
    retryCount: entry.retryCount,
    attemptsMade: entry.attemptsMade,
    deliveries: entry.deliveries,
    attempts: entry.attempts,
    error: entry.error,
    result: entry.result,
    progress: entry.progress,
    logs: entry.logs,
    holder: entry.holder,
    pendingParents: entry.status === "deferred" ? pendingInOrder(entry) : [],
    canceledBy: entry.canceledBy,
  };
}

/** The same of an entry that was just claimed. */
export function toClaimed(entry: Entry): ClaimedJob {
  const record = toRecord(entry) as ClaimedJob;
  return entry.suspect ? { ...record, suspect: true } : record;
}

function pendingInOrder({ job, pending }: Entry): readonly string[] {
  if (pending === undefined) return [];
  const named = (job.settings.dependsOn ?? []).map(({ id }) => id).filter((id) => pending.has(id));
  return [...new Set([...named, ...pending])];
}
