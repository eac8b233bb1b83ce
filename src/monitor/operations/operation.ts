/**
 * Operations: one thing that is done with all jobs that a query means, step by step, by whichever
 * process of the monitor lives.
 *
 * @module
 */

import type { RefusalReason } from "../../control/errors.ts";
import { type JobQuery, queuesOf } from "../../insight/job_query.ts";
import type { JobRecord } from "../../job/job.ts";
import { finalStatuses, isFinal, type JobStatus } from "../../job/state.ts";
import { lastEnd } from "../../store/list_time.ts";
import { type Principal, type Role, sees } from "../auth/principal.ts";
import type { Redactor } from "../redact.ts";
import { searchedBy } from "../searched.ts";

/** What an operation does with each of its jobs. */
export type OperationAction = "retry" | "cancel" | "promote" | "delete" | "requeue";

/** Who may ask for an action, and for jobs of which statuses. */
export interface ActionRule {
  /** The role that is needed. */
  readonly role: Role;
  /** Statuses that it is for. */
  readonly statuses: readonly JobStatus[];
  /** Those of them that are meant if a query names none. */
  readonly usual: readonly JobStatus[];
}

const failed: readonly JobStatus[] = ["dead_letter", "canceled", "stopped", "failed"];
// In the order of a job's life, so that one that moves on while its list is gone through is met later.
const waiting: readonly JobStatus[] = ["deferred", "scheduled", "retry", "ready"];
const unfinished: readonly JobStatus[] = [...waiting, "processing"];
const delayed: readonly JobStatus[] = ["scheduled", "retry"];

/** The rule of each action. */
export const actionRules: Readonly<Record<OperationAction, ActionRule>> = {
  retry: { role: "operator", statuses: failed, usual: failed },
  cancel: { role: "operator", statuses: unfinished, usual: unfinished },
  promote: { role: "operator", statuses: delayed, usual: delayed },
  // Who names no status shall not lose jobs that have not run.
  delete: { role: "admin", statuses: [...waiting, ...finalStatuses], usual: finalStatuses },
  requeue: { role: "operator", statuses: finalStatuses, usual: finalStatuses },
};

/** Every action. */
export const operationActions = Object.keys(actionRules) as readonly OperationAction[];

/** Who asked for an operation, as they were then. */
export interface Asker extends Pick<Principal, "name" | "role" | "by"> {
  /** Address of the client. */
  readonly from: string | null;
}

/** What was asked for. It does not change. */
export interface OperationOrder {
  /** A UUIDv7 of the store's time. */
  readonly id: string;
  readonly action: OperationAction;
  /** Which jobs are meant; names its statuses, in the order in which they are gone through. */
  readonly query: JobQuery & { readonly statuses: readonly JobStatus[] };
  /** In words of whoever asked; of a cancel, the error of its jobs. */
  readonly reason: string | null;
  readonly who: Asker;
  /** How many jobs the query could mean at most when it was asked. */
  readonly total: number;
  /** Epoch milliseconds, store clock. What comes into a status from then on is not meant. */
  readonly createdAt: number;
}

/** What came of an operation so far. */
export interface OperationCounts {
  /** Jobs that were read. */
  readonly looked: number;
  /** Those of them that are meant. */
  readonly matched: number;
  /** Those with which it was done. */
  readonly changed: number;
  /** Those that had moved on before it was done. */
  readonly unchanged: number;
  /** Those with which it could not be done, and the ids of some, by the reason. */
  readonly refused: Readonly<Partial<Record<RefusalReason, Refusals>>>;
}

/** Jobs that were refused for one reason. */
export interface Refusals {
  readonly count: number;
  /** Ids of the first of them. */
  readonly ids: readonly string[];
}

/** How far an operation is. */
export interface OperationProgress extends OperationCounts {
  /** Epoch milliseconds, store clock. */
  readonly startedAt: number;
  /** Epoch milliseconds, store clock. */
  readonly updatedAt: number;
  /** Where the search goes on; absent at its beginning. */
  readonly cursor?: string;
  /** Whether the search has come to its end. */
  readonly isThrough: boolean;
  /**
   * Ids of the jobs that are next, which were found before the cursor and are not counted yet: it may
   * have been done with them. Kept so that whoever goes on after a crash counts each once.
   */
  readonly pending: readonly string[];
}

/** How an operation ended. */
export interface OperationEnd extends OperationCounts {
  readonly state: "completed" | "canceled" | "failed";
  /** Epoch milliseconds, store clock. */
  readonly startedAt: number;
  /** Epoch milliseconds, store clock. */
  readonly endedAt: number;
  /** Who canceled it. */
  readonly canceledBy?: string;
  /** Why it failed. */
  readonly error?: string;
}

/** An operation, as it stands. */
export interface Operation {
  readonly order: OperationOrder;
  /** Absent before it begins. */
  readonly progress?: OperationProgress;
  /** Absent before it has ended. */
  readonly end?: OperationEnd;
  /** Whether it is to end early. */
  readonly isCanceling: boolean;
}

/** Where an operation is in its life. */
export type OperationState = "waiting" | "running" | "canceling" | OperationEnd["state"];

/** Every state. */
export const operationStates: readonly OperationState[] = [
  "waiting",
  "running",
  "canceling",
  "completed",
  "canceled",
  "failed",
];

/** Nothing has come of it yet. */
export const noCounts: OperationCounts = {
  looked: 0,
  matched: 0,
  changed: 0,
  unchanged: 0,
  refused: {},
};

/** Where an operation is in its life. */
export function stateOf({ progress, end, isCanceling }: Operation): OperationState {
  if (end !== undefined) return end.state;
  if (isCanceling) return "canceling";
  return progress === undefined ? "waiting" : "running";
}

/**
 * The statuses that a query for an action means, in the order in which they are gone through;
 * undefined if one of them is not for it.
 */
export function statusesFor(
  action: OperationAction,
  asked: readonly JobStatus[] | undefined,
): readonly JobStatus[] | undefined {
  const { statuses: known, usual } = actionRules[action];
  if (asked === undefined) return usual;
  if (!asked.every((status) => known.includes(status))) return undefined;
  return known.filter((status) => asked.includes(status));
}

/** Whether there is such an operation for somebody: to who sees some queues, their own ones in these. */
export function seesOperation(who: Principal, { order }: Operation): boolean {
  if (who.queues === null) return true;
  const queues = queuesOf(order.query);
  return order.who.name === who.name && queues !== undefined &&
    queues.every((queue) => sees(who, queue));
}

/**
 * The time by which jobs of a status are told that have come back to it: the store leaves those alone
 * that ended, or of which an attempt ended, since the operation was asked for. Undefined where what
 * is done ends no attempt that could be told.
 */
export function actBefore(
  { action, createdAt }: OperationOrder,
  status: JobStatus,
): number | undefined {
  return isFinal(status) || action === "promote" ? createdAt : undefined;
}

/** Whether a job of the query was there, and in its status, before the operation was asked for. */
export function isPart(order: OperationOrder, job: JobRecord): boolean {
  const before = actBefore(order, job.status);
  return job.createdAt < order.createdAt &&
    (before === undefined || (lastEnd(job) ?? -Infinity) < before);
}

/** The query, narrowed by what lists can be narrowed by. */
export function boundedQuery({ query, createdAt }: OperationOrder): JobQuery {
  // Of others the time of a list is another one, such as when they are due.
  if (!query.statuses.every(isFinal)) return query;
  return { ...query, toAt: Math.min(query.toAt ?? createdAt, createdAt) };
}

/** What of jobs the text of an operation is looked for in: what whoever asked is shown. */
export function searchedFor(
  { query, who }: OperationOrder,
  redactor: Redactor,
): (job: JobRecord) => JobRecord {
  // Whoever sees only some queues has these in the query.
  return searchedBy({ role: who.role, queues: queuesOf(query) ?? null }, redactor);
}
