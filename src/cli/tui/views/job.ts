/**
 * One job.
 *
 * @module
 */

import { path } from "../../api.ts";
import { ago, duration, progressText, statusName } from "../../format.ts";
import type { JobShape, RelativeShape } from "../../api_shapes.ts";
import { toneOf } from "../../style.ts";
import { column, type Line, line, span } from "../line.ts";
import { jobActions } from "../shapes.ts";
import { type View, view } from "../view.ts";
import { graphView } from "./dag.ts";
import { jsonLines } from "./json.ts";

interface Details {
  readonly job: JobShape & { readonly stale?: boolean };
  readonly parents: readonly RelativeShape[];
  readonly children: readonly RelativeShape[];
}

const LABEL = 10;

/** A job in full. */
export function jobView(id: string): View {
  return view<Details>({
    title: id,
    events: ["jobs"],
    load: async (api, signal) =>
      (await api.get<Details>(path`/api/v1/jobs/${id}/details`, {}, signal)).data,
    body: ({ job, parents, children }, { nowMs }) => ({
      kind: "text",
      lines: [
        ...facts(job, nowMs),
        ...part("Payload", job.payload),
        ...part("Result", job.result),
        ...part("Meta", job.meta),
        ...attempts(job, nowMs),
        ...relatives("Depends on", parents),
        ...relatives("Depend on it", children),
        ...job.logs === undefined || job.logs.length === 0 ? [] : [
          line(""),
          line("Log", "strong"),
          ...job.logs.map(({ at_ms, text }): Line => [
            span(`${new Date(at_ms).toISOString()} `, "faint"),
            span(text),
          ]),
        ],
      ],
      actions: jobActions(job),
      graph: () => graphView(id),
    }),
  });
}

function facts(job: Details["job"], nowMs: number): Line[] {
  const fact = (
    name: string,
    text: string | undefined,
    tone?: Parameters<typeof span>[1],
  ): Line[] =>
    text === undefined || text === ""
      ? []
      : [[{ text: column(name, LABEL), tone: "faint" }, span(text, tone)]];
  const at = (seconds: string | undefined): string | undefined =>
    seconds &&
    `${ago(Number(seconds) * 1000, nowMs)}  ${
      new Date(Number(seconds) * 1000).toISOString().replace(".000", "")
    }`;
  return [
    ...job.stale
      ? fact("status", "stale: its worker has not been heard of and is presumed dead", "bad")
      : fact("status", statusName(job.status), toneOf(job.status) ?? "strong"),
    ...fact("type", job.type),
    ...fact("id", job.id),
    ...fact("queue", job.queue),
    ...fact("error", job.error, "bad"),
    ...fact("progress", progressText(job.progress)),
    ...fact("attempts", job.attempts_made),
    ...fact("worker", job.worker_id && `${job.worker_id} on ${job.server_id ?? "?"}`),
    ...fact("enqueued", at(job.created_at)),
    ...fact("due", job.completed_at === undefined ? at(job.scheduled_at) : undefined),
    ...fact("started", at(job.started_at)),
    ...fact("ended", at(job.completed_at)),
  ];
}

function part(title: string, value: unknown): Line[] {
  return value === undefined ? [] : [line(""), line(title, "strong"), ...jsonLines(value)];
}

function attempts({ attempts = [] }: JobShape, nowMs: number): Line[] {
  if (attempts.length === 0) return [];
  return [
    line(""),
    line("Attempts", "strong"),
    ...attempts.toReversed().flatMap((one): Line[] => [
      [
        span(`${one.attempt}. `),
        span(statusName(one.outcome), toneOf(one.outcome)),
        span(
          ` after ${duration(one.finished_at_ms - one.started_at_ms)}, ${
            ago(one.finished_at_ms, nowMs)
          }`,
        ),
        span(`  ${one.server_id}, pool ${one.pool}`, "faint"),
      ],
      ...one.error === undefined ? [] : [
        line(`   ${one.error.name ?? "Error"}: ${one.error.message}`, "bad"),
        ...(one.error.stack ?? "").split("\n").filter(Boolean)
          .map((text) => line(`     ${text.trim()}`, "faint")),
      ],
    ]),
  ];
}

function relatives(title: string, some: readonly RelativeShape[]): Line[] {
  if (some.length === 0) return [];
  return [
    line(""),
    line(title, "strong"),
    ...some.map(({ id, type = "", status = "unknown" }): Line => [
      span(`${column(statusName(status), 12)} `, toneOf(status)),
      span(type),
      span(`  ${id}`, "faint"),
    ]),
  ];
}
