/**
 * Makers of jobs that are the same work.
 *
 * @module
 */

import type { JobUnique } from "../../job/job.ts";
import type { EnqueueReply, NewJob, Store } from "../../store/store.ts";
import { newJob } from "./builders.ts";

type Until = JobUnique["until"];

/** A job with a rule. */
export function unique(id: string, rule: JobUnique, fields: Partial<NewJob> = {}): NewJob {
  return newJob(id, { ...fields, settings: { ...fields.settings, unique: rule } });
}

/** A job with the key "k". */
export function keyed(id: string, until: Until, ttlMs?: number, fields?: Partial<NewJob>): NewJob {
  return unique(id, ttlMs === undefined ? { key: "k", until } : { key: "k", until, ttlMs }, fields);
}

/** A job that its id makes unique. */
export function byId(id: string, until: Until, ttlMs?: number): NewJob {
  return unique(id, ttlMs === undefined ? { key: null, until } : { key: null, until, ttlMs });
}

/** Enqueues one job, whatever the reply. */
export async function enqueueOne(store: Store, job: NewJob): Promise<EnqueueReply> {
  return (await store.enqueue([[job]]))[0]!;
}

/** The reply that names the job that is there. */
export const duplicate = (id: string, status: string): EnqueueReply =>
  ({ outcome: "duplicate", index: 0, id, status }) as EnqueueReply;
/** The reply to a job that is ready at once. */
export const created: EnqueueReply = { outcome: "created", statuses: ["ready"] };
