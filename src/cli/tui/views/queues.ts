/**
 * Queues, and the jobs of one.
 *
 * @module
 */

import { path } from "../../api.ts";
import type { JobShape } from "../../api_shapes.ts";
import { span } from "../line.ts";
import { jobColumns, jobRow, number, someJobs } from "../shapes.ts";
import { type Action, type View, view } from "../view.ts";

interface Queue {
  readonly name: string;
  readonly paused: boolean;
  readonly ready: number;
  readonly processing: number;
  readonly scheduled: number;
  readonly retry: number;
  readonly completed: number;
  readonly dead_letter: number;
}

/** All queues. */
export const queues: View = view({
  title: "Queues",
  events: ["counts", "lines"],
  load: async (api, signal) => (await api.get<Queue[]>("/api/v1/queues", {}, signal)).data,
  body: (all) => ({
    kind: "table",
    nothing: "no queue has held a job yet",
    columns: [
      { title: "QUEUE", isLong: true },
      { title: "" },
      { title: "READY", isNumber: true },
      { title: "RUNNING", isNumber: true },
      { title: "SCHEDULED", isNumber: true, minor: 1 },
      { title: "RETRY", isNumber: true, minor: 2 },
      { title: "COMPLETED", isNumber: true },
      { title: "DEAD", isNumber: true },
    ],
    rows: all.map((queue) => ({
      key: queue.name,
      cells: [
        span(queue.name, "strong"),
        queue.paused ? span("PAUSED", "warn") : span(""),
        span(number(queue.ready)),
        span(number(queue.processing), queue.processing > 0 ? "busy" : undefined),
        span(number(queue.scheduled)),
        span(number(queue.retry), queue.retry > 0 ? "warn" : undefined),
        span(number(queue.completed)),
        span(number(queue.dead_letter), queue.dead_letter > 0 ? "bad" : undefined),
      ],
      open: () => queueJobs(queue.name),
      actions: [pausing(queue)],
    })),
  }),
});

function pausing({ name, paused }: Queue): Action {
  const verb = paused ? "resume" : "pause";
  return {
    key: "p",
    label: verb,
    ask: paused ? `Resume queue ${name}?` : `Pause queue ${name}: start none of its jobs?`,
    run: (api) =>
      api.send("POST", path`/api/v1/queues/${name}/${verb}`).then(() => `${name} ${verb}d`),
  };
}

/** The jobs of a queue: those that matter most now, then the newest of the others. */
function queueJobs(queue: string): View {
  return view<readonly JobShape[]>({
    title: queue,
    events: ["jobs"],
    load: (api, signal) =>
      someJobs(api, {
        queue,
        status: [
          "processing",
          "ready",
          "retry",
          "dead_letter",
          "failed",
          "scheduled",
          "deferred",
          "completed",
          "canceled",
          "stopped",
        ],
      }, signal),
    body: (jobs, { nowMs }) => ({
      kind: "table",
      nothing: "no job is in this queue",
      columns: jobColumns,
      rows: jobs.map((job) => jobRow(job, nowMs)),
    }),
  });
}

/** Jobs that carry a text, or have this id. */
export function foundJobs(q: string): View {
  return view<readonly JobShape[]>({
    title: `“${q}”`,
    events: ["jobs"],
    load: (api, signal) => someJobs(api, { q }, signal),
    body: (jobs, { nowMs }) => ({
      kind: "table",
      nothing: "no such jobs among those that were looked at",
      columns: jobColumns,
      rows: jobs.map((job) => jobRow(job, nowMs)),
    }),
  });
}
