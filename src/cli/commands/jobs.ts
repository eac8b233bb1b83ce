/**
 * `gqm jobs`: finding jobs, looking at one, and changing them.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { type Api, path, targetFlags, withApi } from "../api.ts";
import type { Command } from "../command.ts";
import { defineCommand, defineGroup } from "../define.ts";
import { orElse, whole } from "../flags.ts";
import { ago, count, statusName, tellingTime } from "../format.ts";
import type { JobShape } from "../api_shapes.ts";
import { jsonFlag, printJson, printTable } from "../output.ts";
import { toneOf } from "../style.ts";
import type { Column } from "../table.ts";
import { filterFlags, filterOf, type JobFilter, toQuery } from "./job_filter.ts";
import { changeCommand } from "./job_changes.ts";
import { showJob } from "./job_show.ts";

const PAGE = 100;

interface Found {
  readonly jobs: readonly JobShape[];
  /** Whether there are no others. */
  readonly isAll: boolean;
}

/** Finds jobs, the newest in their status first, status by status. */
async function findJobs(api: Api, filter: JobFilter, most: number): Promise<Found> {
  const jobs: JobShape[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, most - jobs.length);
    const { data, meta } = await api.get<JobShape[], { cursor?: string }>("/api/v1/search", {
      ...toQuery(filter),
      limit,
      cursor,
    });
    jobs.push(...data);
    cursor = meta.cursor;
  } while (cursor !== undefined && jobs.length < most);
  return { jobs, isAll: cursor === undefined };
}

/** Prints jobs that were found. */
export async function listJobs(
  api: Api,
  filter: JobFilter,
  { limit, json }: { readonly limit: number; readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const { jobs, isAll } = await findJobs(api, filter, limit);
  if (json) printJson(jobs, terminal);
  else {
    printTable(jobs, columns(systemClock.now()), terminal, "no such jobs");
    if (!isAll) terminal.err(`the first ${count(jobs.length)}; '--limit' shows more\n`);
  }
  return 0;
}

function columns(nowMs: number): Column<JobShape>[] {
  return [
    { title: "ID", cell: ({ id }) => id },
    { title: "TYPE", cell: ({ type }) => type, isLong: true },
    { title: "QUEUE", cell: ({ queue }) => queue, isLong: true },
    {
      title: "STATUS",
      cell: ({ status }) => statusName(status),
      tone: ({ status }) => toneOf(status),
    },
    {
      title: "TIME",
      cell: (job) => {
        const [what, at] = tellingTime(job);
        return `${what} ${ago(at, nowMs)}`;
      },
    },
    { title: "TRIES", cell: ({ attempts_made = "0" }) => attempts_made, isNumber: true },
    {
      title: "SAID",
      cell: ({ error, progress }) => error ?? progress?.message ?? "",
      isLong: true,
    },
  ];
}

/** The flags of a list. */
export const listFlags = {
  limit: orElse(whole("N", "Most jobs that are shown", { min: 1, max: 100_000 }), 20),
};

const list = defineCommand({
  name: "jobs list",
  summary: "List jobs, the newest in their status first",
  flags: { ...filterFlags, ...listFlags, ...jsonFlag, ...targetFlags },
  examples: [
    "jobs list --status dead_letter --since 1d",
    "jobs list --queue mail --text ada@example.com --json",
  ],
  run: ({ flags }, terminal) =>
    withApi(flags, (api) => listJobs(api, filterOf(flags, systemClock.now()), flags, terminal)),
});

const show = defineCommand({
  name: "jobs show",
  summary: "Show one job: its payload, attempts, errors, logs and relatives",
  args: [{ name: "ID" }],
  flags: { ...jsonFlag, ...targetFlags },
  examples: ["jobs show 0197a9c0-0000-7000-8000-000000000000"],
  run: ({ args, flags }, terminal) =>
    withApi(flags, (api) => showJob(api, args[0]!, flags.json, terminal)),
});

const promote = changeCommand({
  name: "jobs promote",
  action: "promote",
  summary: "Run jobs now that are scheduled or wait for a retry",
  one: (api, id) => api.send("POST", path`/api/v1/jobs/${id}/promote`),
  examples: ["jobs promote nightly-17", "jobs promote --queue mail --status retry"],
});

/** The command. */
export const jobs: Command = defineGroup({
  name: "jobs",
  summary: "Find jobs, look at them, and change them",
  usual: "list",
  commands: {
    list,
    show,
    retry: changeCommand({
      name: "jobs retry",
      action: "retry",
      summary: "Run jobs again that failed or were canceled",
      one: (api, id) => api.send("POST", path`/api/v1/jobs/${id}/retry`),
      examples: ["jobs retry mail-17 mail-18", "jobs retry --type email.send --since 6h"],
    }),
    cancel: changeCommand({
      name: "jobs cancel",
      action: "cancel",
      summary: "Cancel jobs that have not ended; running ones are told to stop",
      one: (api, id) => api.send("POST", path`/api/v1/jobs/${id}/cancel`),
      examples: ["jobs cancel video-3", "jobs cancel --queue reports --status ready"],
    }),
    promote,
    delete: changeCommand({
      name: "jobs delete",
      action: "delete",
      summary: "Delete jobs that have ended",
      one: (api, id) => api.send("DELETE", path`/api/v1/jobs/${id}`),
      examples: ["jobs delete mail-17", "jobs delete --status canceled --since 7d --yes"],
    }),
  },
});
