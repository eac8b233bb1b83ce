/**
 * Graphs of jobs: those that others depend on, those that wait, and what surrounds one.
 *
 * @module
 */

import type { ParentRow, PartQuery } from "../../store/store.ts";
import { type Answer, data, page, type PageMeta } from "../answer.ts";
import type { Call } from "../call.ts";
import { notFound } from "../errors.ts";
import { walkGraph } from "../graph.ts";
import {
  jobIdParam,
  limitRule,
  type NumberRule,
  numberRule,
  orderRule,
  pageRule,
  queueRule,
  typeRule,
} from "../params.ts";
import type { Route } from "../route.ts";
import { described, enveloped, integer, paged, type Schema } from "../schema.ts";
import { showJobs } from "../show_jobs.ts";
import { graphOnWire, graphSchema } from "../wire/graph.ts";
import { jobSchema } from "../wire/job.ts";

/** Most children that are looked at for a page of those who see only some queues. */
const MOST_COUNTED = 200;

const depthRule: NumberRule = numberRule("Most steps from the job", {
  ...{ min: 1, max: 20, absent: 10 },
});
const nodesRule: NumberRule = numberRule("Most jobs", { min: 1, max: 500, absent: 50 });

const query = {
  ...{ queue: queueRule, type: typeRule, page: pageRule, limit: limitRule, order: orderRule },
};

const parentSchema: Schema = {
  ...jobSchema,
  properties: {
    ...jobSchema.properties as Record<string, Schema>,
    child_count: described(integer, "How many children it has or had"),
  },
  required: [...jobSchema.required as string[], "child_count"],
};

/** Graphs. */
export const dagRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/dag/roots",
    access: "viewer",
    summary: "Jobs that others depend on, the newest first",
    description: "A job is among them as long as it is kept, also when all have ended. For those " +
      "who see only some queues, `child_count` tells of these, and of the first few children alone.",
    query,
    answer: { body: paged(parentSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => {
      const { part, meta } = asked(call);
      const { parents, total } = await (await call.desk.store()).parents(part);
      const shown = await showJobs(call, parents.map(({ job }) => job));
      const counts = call.who.queues === null
        ? parents.map(({ children }) => children)
        : await countSeen(call, parents);
      const items = shown.map((job, i) => ({ ...job, child_count: counts[i]! }));
      return page(items, { ...meta, total });
    },
  },
  {
    method: "GET",
    path: "/api/v1/dag/deferred",
    access: "viewer",
    summary: "Jobs that wait for others, the newest first",
    query,
    answer: { body: paged(jobSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => {
      const { part, meta } = asked(call);
      const store = await call.desk.store();
      const { jobs, total } = await store.page({ ...part, status: "deferred" });
      const shown = await showJobs(call, jobs);
      const items = shown.map((job) => ({ ...job, pending_deps: job.pending_deps ?? [] }));
      return page(items, { ...meta, total });
    },
  },
  {
    method: "GET",
    path: "/api/v1/dag/graph/{id}",
    access: "viewer",
    summary: "The graph around a job: its ancestors and descendants",
    description: "Of a job that is not there, the graph is one node whose status is `unknown`.",
    params: { id: jobIdParam },
    query: { depth: depthRule, max_nodes: nodesRule },
    answer: { body: enveloped(graphSchema) },
    handle: async (call): Promise<Answer> => {
      const id = call.params.id!;
      const [root] = await (await call.desk.store()).getJobs([id]);
      if (!root || !call.sees(root.queue)) return data(graphOnWire(id, undefined));
      const graph = await walkGraph(call, root, {
        depth: call.query.number("depth", depthRule),
        maxNodes: call.query.number("max_nodes", nodesRule),
      });
      return data(graphOnWire(id, graph));
    },
  },
];

/** How many children each has in queues that there are for whoever asks, of its first ones. */
async function countSeen(call: Call, parents: readonly ParentRow[]): Promise<number[]> {
  const store = await call.desk.store();
  const limit = Math.max(1, Math.floor(MOST_COUNTED / parents.length));
  const pages = await Promise.all(parents.map(({ job }) => store.children(job.id, { limit })));
  const found = await store.getJobs([...new Set(pages.flatMap(({ ids }) => ids))]);
  const seen = new Set(
    found.filter((job) => job !== null).filter(({ queue }) => call.sees(queue)).map(({ id }) => id),
  );
  return pages.map(({ ids }) => ids.filter((id) => seen.has(id)).length);
}

/** What a call asks for of a list. */
interface Asked {
  readonly part: PartQuery;
  readonly meta: Omit<PageMeta, "total">;
}

/**
 * The part of a list that a call asks for, of queues that there are for whoever asks.
 *
 * @throws {ApiError} `NOT_FOUND` if there is no such queue for them.
 */
function asked(call: Call): Asked {
  const { page, limit, offset } = call.query.page();
  const order = call.query.choice("order", ["newest", "oldest"], "newest");
  const queue = call.query.queue();
  if (queue !== undefined && !call.sees(queue)) throw notFound("queue");
  const own = call.who.queues === null ? undefined : [...call.who.queues];
  const queues = queue === undefined ? own : [queue];
  const part = { queues, type: call.query.type(), offset, limit, order };
  return { part, meta: { page, limit } };
}
