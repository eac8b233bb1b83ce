/**
 * What an operation does with some of its jobs.
 *
 * @module
 */

import type { RefusalReason } from "../../control/errors.ts";
import { newJob } from "../../enqueue/options.ts";
import { MAX_ENQUEUED_BY_LENGTH } from "../../job/names.ts";
import type { JobRecord } from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import type { ActionReply, EnqueueReply, JobAction, NewJob, Store } from "../../store/store.ts";
import { sha256Hex } from "../digest.ts";
import { optionsAgain } from "../enqueue/again.ts";
import { actBefore, type OperationCounts, type OperationOrder } from "./operation.ts";

/** Ids that are kept of the jobs that were refused for one reason. */
const MOST_SAMPLES = 20;
/** A job's error where whoever canceled it gave no reason. */
const DEFAULT_REASON = "canceled";

/** What became of one job. */
export type JobOutcome = "changed" | "unchanged" | RefusalReason;

/**
 * Does it with jobs that are part of an operation. Once done with a job it is not done again: the
 * store carries it out only while the job is in the status in which it was found, and a job that was
 * brought back, ran and returned is told by its last end; what is enqueued again has an id that
 * follows from operation and job, under which the store takes one, as long as it keeps that.
 *
 * @returns What became of each, in their order.
 * @throws What the store throws; it may have been done with some.
 */
export async function doWithJobs(
  store: Store,
  order: OperationOrder,
  jobs: readonly JobRecord[],
): Promise<readonly (readonly [id: string, outcome: JobOutcome])[]> {
  if (jobs.length === 0) return [];
  if (order.action === "requeue") return await requeue(store, order, jobs);
  const action = actionOf(order);
  const done: (readonly [string, JobOutcome])[] = [];
  for (const [status, ids] of byStatus(jobs)) {
    const replies = await store.act(ids, action, status, actBefore(order, status));
    for (const [i, reply] of replies.entries()) done.push([ids[i]!, outcomeOf(reply)]);
  }
  return done;
}

/** Adds what became of jobs to the counts. */
export function withOutcomes(
  counts: OperationCounts,
  outcomes: readonly (readonly [id: string, outcome: JobOutcome])[],
): Pick<OperationCounts, "changed" | "unchanged" | "refused"> {
  let { changed, unchanged } = counts;
  const refused = { ...counts.refused };
  for (const [id, outcome] of outcomes) {
    if (outcome === "changed") changed++;
    else if (outcome === "unchanged") unchanged++;
    else {
      const { count, ids } = refused[outcome] ?? { count: 0, ids: [] };
      refused[outcome] = {
        count: count + 1,
        ids: ids.length < MOST_SAMPLES ? [...ids, id] : ids,
      };
    }
  }
  return { changed, unchanged, refused };
}

function actionOf({ action, reason }: OperationOrder): JobAction {
  switch (action) {
    case "cancel":
      return { kind: "cancel", reason: reason ?? DEFAULT_REASON };
    case "delete":
      return { kind: "remove" };
    case "retry":
    case "promote":
      return { kind: action };
    case "requeue":
      throw new TypeError("Cannot act on jobs that are to be enqueued again");
    default:
      return action satisfies never;
  }
}

function byStatus(jobs: readonly JobRecord[]): ReadonlyMap<JobStatus, string[]> {
  const ids = new Map<JobStatus, string[]>();
  for (const { id, status } of jobs) {
    const some = ids.get(status) ?? [];
    some.push(id);
    ids.set(status, some);
  }
  return ids;
}

function outcomeOf(reply: ActionReply): JobOutcome {
  switch (reply.outcome) {
    case "done":
      return "changed";
    case "unchanged":
    case "missing":
      return "unchanged";
    case "refused":
      return reply.reason;
    default:
      return reply satisfies never;
  }
}

async function requeue(
  store: Store,
  { id, who }: OperationOrder,
  jobs: readonly JobRecord[],
): Promise<readonly (readonly [string, JobOutcome])[]> {
  const by = who.name.slice(0, MAX_ENQUEUED_BY_LENGTH);
  const again = await Promise.all(jobs.map(async (job): Promise<NewJob> => {
    const newId = await idAgain(id, job.id);
    const options = { ...optionsAgain(job), ...by === "" ? {} : { enqueuedBy: by } };
    return newJob(job.type, job.payload, options, () => newId);
  }));
  const replies = await store.enqueue(again.map((job) => [job]));
  return replies.map((reply, i) => [jobs[i]!.id, outcomeOfEnqueue(reply)]);
}

function outcomeOfEnqueue(reply: EnqueueReply): JobOutcome {
  switch (reply.outcome) {
    case "created":
    case "duplicate": // Enqueued by this operation before: it has no key, and nobody else has its id.
      return "changed";
    case "failed":
      throw reply.error;
    default:
      throw new TypeError(`Cannot tell what became of a job as it was '${reply.outcome}'`);
  }
}

/** The id under which an operation enqueues a job again: a UUID that follows from both, of the time of the operation. */
async function idAgain(operation: string, job: string): Promise<string> {
  const hex = await sha256Hex(`${operation} ${job}`);
  const variant = "89ab"[parseInt(hex[3]!, 16) % 4];
  const time = operation.slice(0, "01234567-9012".length);
  return `${time}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
}
