/**
 * `gqm dlq`: dead letters, the jobs that failed for good.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { path, targetFlags, withApi } from "../api.ts";
import type { Command } from "../command.ts";
import { defineCommand, defineGroup } from "../define.ts";
import { jsonFlag } from "../output.ts";
import { changeCommand } from "./job_changes.ts";
import { filterFlags, filterOf } from "./job_filter.ts";
import { showJob } from "./job_show.ts";
import { listFlags, listJobs } from "./jobs.ts";

const STATUS = "dead_letter";
const { status: _, ...filters } = filterFlags;

/** The command. */
export const dlq: Command = defineGroup({
  name: "dlq",
  summary: "Dead letters: jobs that failed for good",
  usual: "list",
  commands: {
    list: defineCommand({
      name: "dlq list",
      summary: "List dead letters, the newest first",
      flags: { ...filters, ...listFlags, ...jsonFlag, ...targetFlags },
      examples: ["dlq list --since 1d", "dlq list --text 'mailbox full' --json"],
      run: ({ flags }, terminal) =>
        withApi(flags, (api) => {
          const filter = filterOf({ ...flags, status: [STATUS] }, systemClock.now());
          return listJobs(api, filter, flags, terminal);
        }),
    }),
    show: defineCommand({
      name: "dlq show",
      summary: "Show one: why each attempt failed",
      args: [{ name: "ID" }],
      flags: { ...jsonFlag, ...targetFlags },
      examples: ["dlq show mail-17"],
      run: ({ args, flags }, terminal) =>
        withApi(flags, (api) => showJob(api, args[0]!, flags.json, terminal)),
    }),
    retry: changeCommand({
      name: "dlq retry",
      action: "retry",
      status: STATUS,
      summary: "Run dead letters again",
      one: (api, id) => api.send("POST", path`/api/v1/jobs/${id}/retry`),
      examples: ["dlq retry mail-17", "dlq retry --type email.send", "dlq retry --all --yes"],
    }),
    delete: changeCommand({
      name: "dlq delete",
      action: "delete",
      status: STATUS,
      summary: "Delete dead letters",
      one: (api, id) => api.send("DELETE", path`/api/v1/jobs/${id}`),
      examples: ["dlq delete mail-17", "dlq delete --queue mail --yes"],
    }),
  },
});
