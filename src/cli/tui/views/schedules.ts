/**
 * Schedules, and the last slots of one.
 *
 * @module
 */

import { path } from "../../api.ts";
import type { FireShape, ScheduleShape } from "../../api_shapes.ts";
import { ago, whenText } from "../../format.ts";
import { span } from "../line.ts";
import { type Action, type View, view } from "../view.ts";
import { jobView } from "./job.ts";

/** All schedules. */
export const schedules: View = view({
  title: "Schedules",
  events: [],
  load: async (api, signal) =>
    (await api.get<ScheduleShape[]>("/api/v1/schedules", { limit: 100 }, signal)).data,
  body: (all, { nowMs }) => ({
    kind: "table",
    nothing: "no schedule is defined",
    columns: [
      { title: "ID", isLong: true },
      { title: "TYPE", isLong: true },
      { title: "WHEN" },
      { title: "ZONE", minor: 1 },
      { title: "NEXT" },
      { title: "QUEUE", isLong: true, minor: 2 },
      { title: "" },
    ],
    rows: all.map((one) => ({
      key: one.id,
      cells: [
        span(one.id, "strong"),
        span(one.type),
        span(
          whenText(one),
        ),
        span(one.time_zone),
        span(one.next_at_ms === undefined ? "" : ago(one.next_at_ms, nowMs)),
        span(one.queue),
        one.ended
          ? span("ended", "faint")
          : one.enabled
          ? span("active", "good")
          : span("paused", "warn"),
      ],
      open: () => history(one.id),
      actions: actionsOf(one),
    })),
  }),
});

function actionsOf({ id, enabled }: ScheduleShape): Action[] {
  const verb = enabled ? "pause" : "resume";
  const route = enabled ? "disable" : "enable";
  return [
    {
      key: "t",
      label: "trigger",
      ask: `Enqueue the job of ${id} now?`,
      run: (api) =>
        api.send<{ job_id: string }>("POST", path`/api/v1/cron/${id}/trigger`)
          .then(({ job_id }) => `${id} triggered: job ${job_id}`),
    },
    {
      key: "e",
      label: verb,
      ask: enabled ? `Pause ${id}: leave out its slots?` : `Resume ${id}?`,
      run: (api) =>
        api.send("POST", path`/api/v1/cron/${id}/${route}`).then(() => `${id} ${verb}d`),
    },
  ];
}

/** What became of a schedule's last slots. */
function history(id: string): View {
  return view<readonly FireShape[]>({
    title: id,
    events: [],
    load: async (api, signal) =>
      (await api.get<FireShape[]>(path`/api/v1/cron/${id}/history`, {}, signal)).data,
    body: (fires, { nowMs }) => ({
      kind: "table",
      nothing: "it has not fired yet",
      columns: [
        { title: "SLOT" },
        { title: "OUTCOME" },
        { title: "BY" },
        { title: "WRITTEN" },
        { title: "JOB", isLong: true, minor: 1 },
        { title: "NOTE", isLong: true },
      ],
      rows: fires.map((fire, i) => ({
        key: `${fire.slot_at} ${fire.triggered_at} ${i}`,
        cells: [
          span(new Date(fire.slot_at * 1000).toISOString().replace(".000", "")),
          span(fire.outcome, fire.outcome === "fired" ? "good" : "warn"),
          span(fire.kind),
          span(ago(fire.triggered_at * 1000, nowMs)),
          span(fire.job_id ?? "", "faint"),
          span(fire.note ?? ""),
        ],
        ...fire.job_id === null ? {} : { open: () => jobView(fire.job_id!) },
      })),
    }),
  });
}
