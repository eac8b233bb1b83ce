/**
 * Search for jobs of every status.
 *
 * @module
 */

import { findJobs } from "../../insight/search.ts";
import type { Answer } from "../answer.ts";
import type { Call } from "../call.ts";
import { jobQueryOfUrl, jobQueryRules } from "../job_query.ts";
import { cursorRule, limitRule } from "../params.ts";
import type { Route } from "../route.ts";
import { boolean, described, integer, list, object, text } from "../schema.ts";
import { searchedBy } from "../searched.ts";
import { showJobs } from "../show_jobs.ts";
import { jobSchema } from "../wire/job.ts";

/** Search. */
export const searchRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/search",
    access: "viewer",
    summary: "Jobs by status, queue, type, time, id, text or failure, step by step",
    description: "One request looks at a bounded number of jobs: an answer may hold few jobs, or " +
      "none, and a cursor, with which the next request goes on. The newest in their status come " +
      "first, status by status; who sees some queues only, gets them queue by queue. If the text " +
      "is the id of a job, that comes first of all. A job that changes its status meanwhile may " +
      "come twice, or not at all.",
    query: { ...jobQueryRules, limit: limitRule, cursor: cursorRule },
    answer: {
      body: object({
        data: list(jobSchema),
        meta: object({
          limit: integer,
          scanned: described(integer, "Jobs that were looked at for this answer"),
          "cursor?": text,
          complete: described(boolean, "Whether nothing is left to look at"),
        }),
      }),
    },
    errors: ["NOT_FOUND"],
    handle: search,
  },
];

async function search(call: Call): Promise<Answer> {
  const { desk, who } = call;
  const query = jobQueryOfUrl(call);
  const limit = call.query.number("limit", limitRule);
  const { jobs, scanned, cursor } = await findJobs(await desk.store(), query, {
    limit,
    cursor: call.query.get("cursor"),
    see: searchedBy(who, desk.redactor),
  });
  const meta = { limit, scanned, cursor, complete: cursor === undefined };
  return { body: { data: await showJobs(call, jobs), meta } };
}
