/**
 * All that there is to say about one job.
 *
 * @module
 */

import { edgePolicies, type JobRecord } from "../../job/job.ts";
import { statuses } from "../../job/state.ts";
import type { Answer } from "../answer.ts";
import type { Call } from "../call.ts";
import { badRequest } from "../errors.ts";
import { parentsOf } from "../graph.ts";
import { cursorRule, jobIdParam, limitRule } from "../params.ts";
import type { Route } from "../route.ts";
import {
  boolean,
  described,
  integer,
  list,
  named,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";
import { showJob } from "../show_jobs.ts";
import { jobSchema } from "../wire/job.ts";

/** Most parents that are shown. */
const MOST_PARENTS = 250;
/** What asks for more children, in every store. */
const CURSOR = /^\d{1,17}$/;
/** Most pages of children that one request reads in vain, as none of them is for whoever asks. */
const MOST_PAGES = 10;

const relative = { id: text, type: text, queue: text, status: oneOf(...statuses) };

const parentSchema: Schema = named(
  "Parent",
  object({
    id: text,
    "type?": text,
    "queue?": text,
    status: described(oneOf(...statuses, "unknown"), "`unknown` if it is gone"),
    on_failure: described(
      oneOf(...edgePolicies),
      "What becomes of the job if it does not complete",
    ),
    pending: described(boolean, "Whether the job still waits for it"),
  }),
);

/** One job in full. */
export const jobDetailRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/jobs/{id}/details",
    access: "viewer",
    summary: "One job in full, with the jobs that it depends on and those that depend on it",
    description: "Of jobs in queues that whoever asks may not see, none is told. Children come " +
      `page by page; of parents, the first ${MOST_PARENTS} are shown.`,
    params: { id: jobIdParam },
    query: { limit: limitRule, cursor: cursorRule },
    answer: {
      body: object({
        data: object({
          job: jobSchema,
          parents: list(parentSchema),
          children: list(named("Child", object(relative))),
        }),
        meta: object({
          limit: integer,
          "cursor?": described(text, "What asks for more children"),
          more_parents: described(boolean, "Whether there are parents that are not shown"),
        }),
      }),
    },
    errors: ["NOT_FOUND"],
    handle: details,
  },
];

async function details(call: Call): Promise<Answer> {
  const record = await call.job();
  const limit = call.query.number("limit", limitRule);
  const { found, cursor } = await childrenOf(call, record.id, limit);
  const [job, parents] = [await showJob(call, record), await showParents(call, record)];
  const count = record.settings.dependsOn?.length ?? 0;
  const more_parents = call.who.queues === null && count > MOST_PARENTS;
  return {
    body: {
      data: { job, parents, children: found.map(relativeOnWire) },
      meta: { limit, cursor, more_parents },
    },
  };
}

function relativeOnWire({ id, type, queue, status }: JobRecord): object {
  return { id, type, queue, status };
}

async function showParents(call: Call, record: JobRecord): Promise<object[]> {
  const edges = record.settings.dependsOn?.slice(0, MOST_PARENTS) ?? [];
  if (edges.length === 0) return [];
  const jobs = await (await call.desk.store()).getJobs(edges.map(({ id }) => id));
  return edges.flatMap(({ id, onFailure }, i) => {
    const edge = { on_failure: onFailure, pending: record.pendingParents.includes(id) };
    const job = jobs[i] ?? null;
    if (job !== null) return call.sees(job.queue) ? [{ ...relativeOnWire(job), ...edge }] : [];
    // Whether one that is gone was seen, nobody knows.
    return call.who.queues === null ? [{ id, status: "unknown", ...edge }] : [];
  });
}

/** The next children that there are for whoever asks. */
async function childrenOf(
  call: Call,
  id: string,
  limit: number,
): Promise<{ found: JobRecord[]; cursor?: string }> {
  const store = await call.desk.store();
  let cursor = call.query.get("cursor");
  if (cursor !== undefined && !CURSOR.test(cursor)) {
    throw badRequest("'cursor' must come from the page before");
  }
  for (let page = 0; page < MOST_PAGES; page++) {
    const reply = await store.children(id, { limit, cursor });
    const jobs = reply.ids.length === 0 ? [] : await store.getJobs(reply.ids);
    const found = jobs.filter((job) => job !== null)
      // An id may be that of a child that is gone, and was used again.
      .filter((job) => parentsOf(job).has(id) && call.sees(job.queue));
    if (found.length > 0 || reply.cursor === undefined) return { found, cursor: reply.cursor };
    cursor = reply.cursor;
  }
  // That there are only others is not for those who do not see them.
  return call.who.queues === null ? { found: [], cursor } : { found: [] };
}
