/**
 * The jobs of one queue, page by page.
 *
 * @module
 */

import { type JobStatus, statuses } from "../../job/state.ts";
import { type Answer, page } from "../answer.ts";
import type { Call } from "../call.ts";
import { limitRule, orderRule, pageRule, queueParam, statusRule, typeRule } from "../params.ts";
import type { Route } from "../route.ts";
import { paged } from "../schema.ts";
import { showJobs } from "../show_jobs.ts";
import { jobSchema } from "../wire/job.ts";

const params = { name: queueParam };
const query = { type: typeRule, page: pageRule, limit: limitRule, order: orderRule };

/** The jobs of one queue. */
export const queueJobRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/queues/{name}/jobs",
    access: "viewer",
    summary: "Jobs of a queue, the newest in their status first",
    description: "Of a queue that nobody knows the list is empty.",
    params,
    query: { status: statusRule, ...query },
    answer: { body: paged(jobSchema) },
    errors: ["NOT_FOUND"],
    handle: (call): Promise<Answer> =>
      jobPage(call, call.query.choice("status", statuses, "ready")),
  },
  {
    method: "GET",
    path: "/api/v1/queues/{name}/dead-letter",
    access: "viewer",
    summary: "Dead letters of a queue, the newest first",
    params,
    query,
    answer: { body: paged(jobSchema) },
    errors: ["NOT_FOUND"],
    handle: (call): Promise<Answer> => jobPage(call, "dead_letter"),
  },
];

async function jobPage(call: Call, status: JobStatus): Promise<Answer> {
  const queue = call.queue();
  const { page: number, limit, offset } = call.query.page();
  const order = call.query.choice("order", ["newest", "oldest"], "newest");
  const store = await call.desk.store();
  const type = call.query.type();
  const asked = { status, queues: [queue], type, offset, limit, order };
  const { jobs, total } = await store.page(asked);
  return page(await showJobs(call, jobs), { page: number, limit, total });
}
