/**
 * Jobs, one by one, and lists of them over all queues.
 *
 * @module
 */

import { type JobStatus, statuses } from "../../job/state.ts";
import { actOnJob } from "../act.ts";
import { type Answer, cursorPage, data, done } from "../answer.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { badRequest, notFound } from "../errors.ts";
import {
  cursorRule,
  jobIdParam,
  limitRule,
  type QueryRule,
  queueRule,
  statusRule,
  typeRule,
} from "../params.ts";
import type { Route } from "../route.ts";
import { cursorPaged, enveloped, object, oneOf, type Schema, text, yes } from "../schema.ts";
import { showJob, showJobs } from "../show_jobs.ts";
import { jobSchema } from "../wire/job.ts";

const params = { id: jobIdParam };

const reviveRule: QueryRule = {
  description: "Whether the children that its end canceled, and theirs, come back with it: for " +
    "those who see all queues, as they may be anywhere",
  schema: { ...oneOf("false", "true"), default: "false" },
};

/** Jobs. */
export const jobRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/jobs",
    access: "viewer",
    summary: "Jobs of a status in all queues, the newest in it first, by cursor",
    description: "A page may be short though there are more. The last one has no `meta.cursor`. " +
      "Who sees some queues only, and more than one, must name one.",
    query: {
      status: statusRule,
      queue: queueRule,
      type: typeRule,
      limit: limitRule,
      cursor: cursorRule,
    },
    answer: { body: cursorPaged(jobSchema) },
    errors: ["NOT_FOUND"],
    handle: listJobs,
  },
  {
    method: "GET",
    path: "/api/v1/jobs/{id}",
    access: "viewer",
    summary: "One job, with its attempts and the lines that it logged",
    description: "Of the jobs that it depends on, those are named that whoever asks may see.",
    params,
    answer: { body: enveloped(jobSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => data(await showJob(call, await call.job())),
  },
  {
    method: "POST",
    path: "/api/v1/jobs/{id}/retry",
    access: "operator",
    summary: "Lets a job that failed or was canceled run again, with all its retries",
    params,
    query: { revive: reviveRule },
    answer: { body: moved("ready", "deferred") },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "job.retry",
    handle: retry,
  },
  {
    method: "POST",
    path: "/api/v1/jobs/{id}/cancel",
    access: "operator",
    summary: "Cancels a job that has not ended; the signal of one that runs aborts",
    params,
    answer: { body: moved("canceled") },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "job.cancel",
    handle: async (call): Promise<Answer> => {
      await actOnJob(call, { kind: "cancel", reason: "canceled" });
      return move(call, "canceled");
    },
  },
  {
    method: "POST",
    path: "/api/v1/jobs/{id}/promote",
    access: "operator",
    summary: "Makes a job ready that is scheduled or waits for a retry",
    params,
    answer: { body: moved("ready") },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "job.promote",
    handle: async (call): Promise<Answer> => move(call, await actOnJob(call, { kind: "promote" })),
  },
  {
    method: "DELETE",
    path: "/api/v1/jobs/{id}",
    access: "admin",
    summary: "Removes a job that does not run, for good",
    params,
    answer: { status: 204 },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "job.delete",
    handle: async (call): Promise<Answer> => {
      await actOnJob(call, { kind: "remove" });
      return { status: 204 };
    },
  },
];

async function listJobs(call: Call): Promise<Answer> {
  const { query, desk } = call;
  const status = query.choice("status", statuses, "ready");
  const limit = query.number("limit", limitRule);
  const queue = queueOfList(call);
  const store = await desk.store();
  const [type, before] = [query.type(), query.get("cursor")];
  const { jobs, cursor } = await store.list({ status, queue, type, limit, cursor: before });
  return cursorPage(await showJobs(call, jobs), { limit, cursor });
}

/** The one queue that is listed; undefined for all, which is for those who see all. */
function queueOfList({ query, who }: Call): string | undefined {
  const queue = query.queue();
  if (who.queues === null) return queue;
  const [only] = who.queues;
  if (queue === undefined && who.queues.size === 1) return only;
  if (queue === undefined) throw badRequest("'queue' must be given, as not all can be seen");
  if (!who.queues.has(queue)) throw notFound("queue");
  return queue;
}

async function retry(call: Call): Promise<Answer> {
  const revive = call.query.choice("revive", ["false", "true"], "false") === "true";
  if (revive) needAllQueues(call.who);
  const status = await actOnJob(call, { kind: "retry", ...(revive ? { revive } : {}) });
  return { ...move(call, status), ...(revive ? { detail: { revive } } : {}) };
}

function moved(...to: readonly string[]): Schema {
  return object({ ok: yes, job_id: text, status: oneOf(...to) });
}

function move({ params }: Call, status: JobStatus | null): Answer {
  return done({ job_id: params.id, status });
}
