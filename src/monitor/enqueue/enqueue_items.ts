/**
 * Writes the jobs of a request, as far as whoever asks may: what they do not see neither helps nor
 * hinders them in a way that tells of it.
 *
 * @module
 */

import type { ParentRef } from "../../enqueue/edges.ts";
import { type DuplicateJobError, MissingParentError } from "../../enqueue/errors.ts";
import type { JobHandle } from "../../enqueue/handle.ts";
import { DEFAULT_QUEUE, MAX_ENQUEUED_BY_LENGTH } from "../../job/names.ts";
import { needAllQueues, needType } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { ApiError, inUse } from "../errors.ts";
import type { Item } from "./item.ts";

/** Policies that change a job that is there, in whatever queue. */
const MEDDLING = ["replace", "debounce", "rerun"];
/** Jobs that are read at once. */
const READ_AT_ONCE = 1000;

/** A job that was enqueued, on the wire. */
export interface Enqueued {
  /** The job's id. */
  readonly id: string;
  /** Its status then. */
  readonly status: string;
  /** False if it was there already. */
  readonly is_new: boolean;
}

/**
 * Refuses jobs that are not for whoever asks to enqueue.
 *
 * @throws {ApiError} `FORBIDDEN`.
 */
export function checkScopes(call: Call, items: readonly Item[]): void {
  const { who } = call;
  for (const { type, options: { queue = DEFAULT_QUEUE, onConflict } } of items) {
    if (!call.sees(queue)) {
      throw new ApiError("FORBIDDEN", `this needs access to the queue '${queue}'`);
    }
    needType(who, type);
    if (onConflict !== undefined && MEDDLING.includes(onConflict)) needAllQueues(who);
  }
}

/**
 * Enqueues jobs that are in the scopes of whoever asks: one, or all of a list or none.
 *
 * @throws {ApiError} `CONFLICT` if the job that is there already is none that they see.
 * @throws As a client's `enqueue` and `enqueueMany` do.
 */
export async function enqueueItems(
  call: Call,
  items: readonly Item[],
  { isList }: { readonly isList: boolean },
): Promise<readonly Enqueued[]> {
  const { name } = call.who;
  const by = name === "" ? {} : { enqueuedBy: name.slice(0, MAX_ENQUEUED_BY_LENGTH) };
  const asked = (await withSeenParents(call, items, isList)).map((item) => {
    return { ...item, options: { ...item.options, ...by } };
  });
  const { writer } = call.desk;
  if (isList) return (await writer.many(asked)).map(onWire);
  const { type, payload, options } = asked[0]!;
  const handle = await writer.one(type, payload, options);
  if (!handle.isNew && !await seesJob(call, handle.id)) throw inUse();
  return [onWire(handle)];
}

/** What whoever asks is told of a conflict: nothing of a job that they do not see. */
export async function conflictFor(call: Call, error: DuplicateJobError): Promise<Error> {
  return await seesJob(call, error.existing.id) ? error : inUse();
}

function onWire({ id, status, isNew }: JobHandle): Enqueued {
  return { id, status, is_new: isNew };
}

async function seesJob(call: Call, id: string): Promise<boolean> {
  if (call.who.queues === null) return true;
  const [job] = await (await call.desk.store()).getJobs([id]);
  return job !== null && job !== undefined && call.sees(job.queue);
}

/** Parents that whoever asks does not see are as good as missing. */
async function withSeenParents(
  call: Call,
  items: readonly Item[],
  isList: boolean,
): Promise<readonly Item[]> {
  if (call.who.queues === null) return items;
  const seen = await seenParents(call, items);
  return items.map((item, i) => {
    const { dependsOn, onMissingParent } = item.options;
    const missing = dependsOn?.find((parent) => !seen.has(idOf(parent)));
    if (dependsOn === undefined || missing === undefined) return item;
    if (onMissingParent !== "resolved") {
      throw new MissingParentError(idOf(missing), isList ? `Item ${i}` : undefined);
    }
    const left = dependsOn.filter((parent) => seen.has(idOf(parent)));
    return { ...item, options: { ...item.options, dependsOn: left } };
  });
}

/** The parents that come in the same request, or are in the store and seen. */
async function seenParents(call: Call, items: readonly Item[]): Promise<ReadonlySet<string>> {
  const seen = new Set(items.flatMap(({ options: { id } }) => id ?? []));
  const named = new Set(items.flatMap(({ options }) => (options.dependsOn ?? []).map(idOf)));
  const asked = [...named].filter((id) => !seen.has(id));
  const store = await call.desk.store();
  for (let i = 0; i < asked.length; i += READ_AT_ONCE) {
    for (const job of await store.getJobs(asked.slice(i, i + READ_AT_ONCE))) {
      if (job !== null && call.sees(job.queue)) seen.add(job.id);
    }
  }
  return seen;
}

function idOf(parent: ParentRef): string {
  return typeof parent === "string" ? parent : parent.id;
}
