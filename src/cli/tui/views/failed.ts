/**
 * Dead letters, queue by queue.
 *
 * @module
 */

import { count } from "../../format.ts";
import type { JobShape } from "../../api_shapes.ts";
import { type Line, span } from "../line.ts";
import { jobColumns, jobRow, someJobs } from "../shapes.ts";
import { type View, view } from "../view.ts";

interface Data {
  readonly queues: readonly { readonly name: string; readonly dead_letter: number }[];
  readonly jobs: readonly JobShape[];
}

/** The dead letters of all queues, or of one. */
export function failed(queue?: string): View {
  return view<Data>({
    title: "Failed",
    events: ["counts", "jobs"],
    load: async (api, signal) => {
      const [all, jobs] = await Promise.all([
        api.get<Data["queues"]>("/api/v1/queues", {}, signal),
        someJobs(api, {
          status: ["dead_letter", "failed"],
          ...queue === undefined ? {} : { queue },
        }, signal),
      ]);
      const queues = all.data.filter(({ name, dead_letter }) => dead_letter > 0 || name === queue);
      return { queues, jobs };
    },
    beside: ({ queues }, step) => {
      const names = [undefined, ...queues.map(({ name }) => name)];
      return failed(names[(names.indexOf(queue) + step + names.length) % names.length]);
    },
    body: ({ queues, jobs }, { nowMs }) => {
      const sum = queues.reduce((n, { dead_letter }) => n + dead_letter, 0);
      const choice = [
        { name: undefined, n: sum },
        ...queues.map(({ name, dead_letter: n }) => ({ name, n })),
      ];
      const head: Line = choice.flatMap(({ name, n }) => [
        span(` ${name ?? "all"} ${count(n)} `, name === queue ? "reverse" : "faint"),
        span(" "),
      ]);
      return {
        kind: "table",
        head: [head],
        nothing: "nothing has failed",
        columns: jobColumns,
        rows: jobs.map((job) => jobRow(job, nowMs)),
      };
    },
  });
}
