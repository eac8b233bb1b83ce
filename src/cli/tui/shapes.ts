/**
 * Rows and lines that several views share.
 *
 * @module
 */

import { type Api, path } from "../api.ts";
import { ago, statusName, tellingTime } from "../format.ts";
import type { JobShape } from "../api_shapes.ts";
import { toneOf } from "../style.ts";
import { span } from "./line.ts";
import type { Action, ColumnLook, Row } from "./view.ts";
import { jobView } from "./views/job.ts";

/** Columns of jobs. */
export const jobColumns: readonly ColumnLook[] = [
  { title: "TYPE", isLong: true },
  { title: "STATUS" },
  { title: "ID", isLong: true, minor: 2 },
  { title: "QUEUE", isLong: true, minor: 1 },
  { title: "TIME" },
  { title: "TRIES", isNumber: true, minor: 3 },
  { title: "SAID", isLong: true },
];

/** A job, as a row of these. */
export function jobRow(job: JobShape, nowMs: number): Row {
  const [what, at] = tellingTime(job);
  return {
    key: job.id,
    cells: [
      span(job.type),
      span(statusName(job.status), toneOf(job.status)),
      span(job.id, "faint"),
      span(job.queue),
      span(`${what} ${ago(at, nowMs)}`),
      span(job.attempts_made ?? "0"),
      span(job.error ?? job.progress?.message ?? "", job.error === undefined ? undefined : "faint"),
    ],
    open: () => jobView(job.id),
    actions: jobActions(job),
  };
}

/** Statuses of jobs that can be retried, and of those that can be canceled. */
const RETRIED = ["dead_letter", "failed", "canceled", "stopped"];
const CANCELED = ["ready", "scheduled", "deferred", "processing", "retry"];

/** What can be done with a job. */
export function jobActions({ id, status, type }: JobShape): Action[] {
  const name = `${type} ${id}`;
  const actions: Action[] = [];
  if (RETRIED.includes(status)) {
    actions.push({
      key: "r",
      label: "retry",
      ask: `Run ${name} again?`,
      run: (api) =>
        api.send("POST", path`/api/v1/jobs/${id}/retry`).then(() => `${name} runs again`),
    });
  }
  if (CANCELED.includes(status)) {
    actions.push({
      key: "c",
      label: "cancel",
      ask: `Cancel ${name}?`,
      run: (api) =>
        api.send("POST", path`/api/v1/jobs/${id}/cancel`).then(() => `${name} canceled`),
    });
  } else {
    actions.push({
      key: "d",
      label: "delete",
      ask: `Delete ${name}?`,
      run: (api) => api.send("DELETE", path`/api/v1/jobs/${id}`).then(() => `${name} deleted`),
    });
  }
  return actions;
}

/** A number; nothing is a dot, so that what there is stands out. */
export function number(n: number): string {
  return n === 0 ? "·" : n.toLocaleString("en");
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/** Numbers as a line of blocks, the greatest of them the highest. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 0);
  return values.map((value) => {
    if (value <= 0) return " ";
    return BLOCKS[Math.min(7, Math.ceil(value / most * 8) - 1)]!;
  }).join("");
}

/** Searches jobs; at most 100. */
export async function someJobs(
  api: Api,
  query: Readonly<Record<string, string | readonly string[]>>,
  signal: AbortSignal,
): Promise<readonly JobShape[]> {
  return (await api.get<JobShape[]>("/api/v1/search", { ...query, limit: 100 }, signal)).data;
}
