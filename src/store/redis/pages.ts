/**
 * Pages of lists in Redis.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import { checkPageQuery, checkParentsQuery } from "../check_page.ts";
import type { PageQuery, PageReply, ParentRow, ParentsReply, PartQuery } from "../store.ts";
import { findRunning, readJobs } from "./inspect.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** Statuses whose jobs stand in lists, as scripts name them. */
const letters = {
  ready: "w",
  scheduled: "s",
  retry: "r",
  deferred: "b",
  completed: "c",
  dead_letter: "d",
  canceled: "x",
  stopped: "t",
} as const;

/** See `PageStage.page`. */
export async function page(runner: ScriptRunner, query: PageQuery): Promise<PageReply> {
  checkPageQuery(query);
  const { status } = query;
  if (status === "processing") return await pageOfRunning(runner, query);
  // What cannot be read is among the jobs of the status where it was found.
  if (status === "failed" || query.queues?.length === 0) return { jobs: [], total: 0 };
  const [total, ids] = await runner.call("page", [letters[status], ...argsOf(query)]) as [
    number,
    string[],
  ];
  return { jobs: await readPage(runner, ids, query), total };
}

/** See `PageStage.parents`. */
export async function parents(runner: ScriptRunner, query: PartQuery): Promise<ParentsReply> {
  checkParentsQuery(query);
  if (query.queues?.length === 0) return { parents: [], total: 0 };
  const [total, ids, children = []] = await runner.call("page", ["k", ...argsOf(query)]) as [
    number,
    string[],
    number[]?,
  ];
  const jobs = await readJobs(runner, ids);
  const rows = jobs.map((job, i): ParentRow | null => job && { job, children: children[i]! });
  return { parents: rows.filter((row) => row !== null), total };
}

function argsOf({ type = "", offset, limit, order, queues = [] }: PartQuery): (string | number)[] {
  return [type, offset, limit, order === "oldest" ? "1" : "", ...queues];
}

/** Jobs that run are as many as there are slots: all are looked at. */
async function pageOfRunning(runner: ScriptRunner, query: PageQuery): Promise<PageReply> {
  const { offset, limit, order } = query;
  const all = await findRunning(runner, query);
  if (order === "oldest") all.reverse();
  const ids = all.slice(offset, offset + limit).map(({ id }) => id);
  return { jobs: await readPage(runner, ids, query), total: all.length };
}

/** Reads the jobs of a page; those that left the status meanwhile are left out. */
async function readPage(
  runner: ScriptRunner,
  ids: readonly string[],
  { status }: PageQuery,
): Promise<JobRecord[]> {
  const jobs = await readJobs(runner, ids);
  return jobs.filter((job) => job !== null)
    .filter((job) => job.status === status || job.status === "failed");
}
