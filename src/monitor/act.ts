/**
 * Doing one thing with jobs, of those that there are for whoever asks.
 *
 * @module
 */

import type { RefusalReason } from "../control/errors.ts";
import { refusalOf } from "../control/refusal.ts";
import type { JobStatus } from "../job/state.ts";
import type { ActionReply, JobAction, Store } from "../store/store.ts";
import type { Call } from "./call.ts";
import { ApiError, inUse, notFound } from "./errors.ts";

/** What became of one job. */
export interface Acted {
  /** The job. */
  readonly id: string;
  /** Its status after that; null if it is gone. */
  readonly status?: JobStatus | null;
  /** Why nothing was done. */
  readonly error?: Error;
}

/** Does it with each of some jobs, at most 500 that are distinct. */
export async function actOnJobs(
  call: Call,
  ids: readonly string[],
  action: JobAction,
): Promise<Acted[]> {
  const store = await call.desk.store();
  const seen = await seenJobs(call, store, ids);
  const there = ids.filter((id) => seen.has(id));
  const replies = there.length === 0 ? [] : await store.act(there, action);
  const replyOf = new Map(there.map((id, i) => [id, replies[i]!]));
  const others = [...new Set(replies.flatMap((reply) => refusedBy(reply)?.by ?? []))];
  const seenOthers = others.length === 0 ? seen : await seenJobs(call, store, others);
  return ids.map((id) => {
    const reply: ActionReply = replyOf.get(id) ?? { outcome: "missing" };
    const refused = refusedBy(reply);
    // Of a job in a queue that is not seen, nobody learns that it stands in the way.
    const isTold = refused === undefined || seenOthers.has(refused.by);
    return isTold ? toActed(id, action, reply) : { id, error: stoodInWay(refused.reason) };
  });
}

/**
 * Does it with the job of the path, and tells its status after that; null if it is gone.
 *
 * @throws {ApiError} `NOT_FOUND` if there is none for whoever asks.
 * @throws {JobRefusedError} If it is not for a job in its status, or there is nothing to do.
 */
export async function actOnJob(call: Call, action: JobAction): Promise<JobStatus | null> {
  const [acted] = await actOnJobs(call, [call.params.id!], action);
  const { status, error } = acted!;
  if (error !== undefined) throw error;
  return status ?? null;
}

async function seenJobs(
  call: Call,
  store: Store,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (call.who.queues === null) return new Set(ids);
  const jobs = await store.getJobs(ids);
  const seen = jobs.filter((job) => job !== null).filter(({ queue }) => call.sees(queue));
  return new Set(seen.map(({ id }) => id));
}

/** The job for which another was refused: its parent, or the one that has its unique key. */
function refusedBy(reply: ActionReply): { by: string; reason: RefusalReason } | undefined {
  if (reply.outcome !== "refused" || reply.by === undefined) return undefined;
  return { by: reply.by, reason: reply.reason };
}

/** Why nothing was done, without a word of the other job. */
function stoodInWay(reason: RefusalReason): ApiError {
  return reason === "parent"
    ? new ApiError("CONFLICT", "a job that it depends on has failed, or is gone")
    : inUse();
}

/**
 * As in GQM (Go), what is canceled already is not canceled again, and what waits is not retried. A job
 * that has the priority already has it.
 */
function toActed(id: string, { kind }: JobAction, reply: ActionReply): Acted {
  switch (reply.outcome) {
    case "done":
      return { id, status: reply.status };
    case "missing":
      return { id, error: notFound("job") };
    case "unchanged": {
      if (kind === "prioritize") return { id, status: reply.status };
      const refused = { outcome: "refused", reason: "status", status: reply.status } as const;
      return { id, error: refusalOf(kind, id, refused) };
    }
    case "refused":
      return { id, error: refusalOf(kind, id, reply) };
  }
}
