/**
 * Workers, and what runs in them.
 *
 * @module
 */

import type { PoolShape, RunningShape } from "../../api_shapes.ts";
import { duration, progressText } from "../../format.ts";
import { type Line, line, span } from "../line.ts";
import { type View, view } from "../view.ts";
import { jobView } from "./job.ts";

/** The pools of all servers. */
export const workers: View = view({
  title: "Workers",
  events: ["servers", "counts"],
  load: async (api, signal) =>
    (await api.get<PoolShape[]>("/api/v1/pools", { limit: 100 }, signal)).data,
  body: (pools) => ({
    kind: "table",
    nothing: "no server runs",
    columns: [
      { title: "POOL" },
      { title: "SERVER", isLong: true },
      { title: "BUSY", isNumber: true },
      { title: "SLOTS", isNumber: true },
      { title: "HEARTBEAT" },
      { title: "QUEUES", isLong: true, minor: 2 },
      { title: "TYPES", isLong: true, minor: 1 },
    ],
    rows: pools.map((pool) => ({
      key: pool.id,
      cells: [
        span(pool.name, "strong"),
        span(pool.server_id),
        span(String(pool.busy), pool.busy > 0 ? "busy" : undefined),
        span(String(pool.slots)),
        span(
          `${duration(pool.heartbeat_age_ms)} ago`,
          pool.heartbeat_age_ms > pool.lease_ms ? "bad" : undefined,
        ),
        span(pool.queues?.join(", ") ?? "all"),
        span(pool.types.join(", ")),
      ],
      open: () => running(pool),
    })),
  }),
});

/** What runs in a pool. */
function running(pool: PoolShape): View {
  const head: Line[] = [line(`${pool.name} on ${pool.server_id}`, "faint")];
  return view<readonly RunningShape[]>({
    title: pool.name,
    events: ["jobs"],
    load: async (api, signal) => {
      const { data } = await api.get<RunningShape[]>("/api/v1/running", { limit: 100 }, signal);
      return data.filter((one) => one.server_id === pool.server_id && one.pool === pool.name);
    },
    body: (jobs) => ({
      kind: "table",
      nothing: "nothing runs here",
      head,
      columns: [
        { title: "TYPE", isLong: true },
        { title: "FOR", isNumber: true },
        { title: "TRY", isNumber: true },
        { title: "QUEUE", isLong: true },
        { title: "ID", isLong: true, minor: 1 },
        { title: "PROGRESS", isLong: true },
      ],
      rows: jobs.map(({ id, type, queue, attempt, running_ms, progress }) => ({
        key: id,
        cells: [
          span(type),
          span(duration(running_ms), "busy"),
          span(String(attempt)),
          span(queue),
          span(id, "faint"),
          span(
            progressText(progress),
          ),
        ],
        open: () => jobView(id),
      })),
    }),
  });
}
