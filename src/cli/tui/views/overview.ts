/**
 * How it goes.
 *
 * @module
 */

import { statuses } from "../../../job/state.ts";
import { count, duration, many, statusName } from "../../format.ts";
import type { Overview } from "../../api_shapes.ts";
import { toneOf } from "../../style.ts";
import { column, type Line, line, span } from "../line.ts";
import { sparkline } from "../shapes.ts";
import { type View, view } from "../view.ts";

interface Point {
  readonly completed: number;
  readonly retried: number;
  readonly dead: number;
  readonly wait_ms: { readonly p95: number } | null;
  readonly run_ms: { readonly p95: number } | null;
}

const LABEL = 14;

/** Counts, rates as sparklines, and what fails most. */
export const overview: View = view({
  title: "Overview",
  events: ["counts", "servers", "lines"],
  load: async (api, signal) => {
    const [now, series] = await Promise.all([
      api.get<Overview>("/api/v1/overview", {}, signal),
      api.get<{ points: Point[] }>("/api/v1/series", { window: "6h" }, signal),
    ]);
    return { now: now.data, points: series.data.points };
  },
  body: ({ now, points }, { width }) => {
    const { counts, recent, oldest, failing, paused, workers } = now;
    const label = (text: string): { text: string; tone: "faint" } => ({
      text: column(text, LABEL),
      tone: "faint",
    });
    const told = (of: { p50: number; p95: number; p99: number } | null): string =>
      of === null ? "–" : [of.p50, of.p95, of.p99].map(duration).join(" / ");
    const shown = points.slice(-Math.max(10, width - LABEL - 14));
    const chart = (
      name: string,
      values: readonly number[],
      tone: "good" | "bad" | "busy",
    ): Line => [
      label(name),
      span(sparkline(values), tone),
      span(`  most ${count(Math.max(0, ...values))}`, "faint"),
    ];
    const lines: Line[] = [
      ...inColumns(
        statuses.map((status): Line => {
          const n = counts[status] ?? 0;
          return [
            {
              text: `${column(count(n), 9, true)} `,
              tone: n > 0 ? toneOf(status) ?? "strong" : "faint",
            },
            span(statusName(status), "faint"),
          ];
        }),
        width,
      ),
      line(""),
      line("Last 15 minutes", "strong"),
      [
        label("completed"),
        span(`${count(recent.completed)}  (${Math.round(recent.per_second * 100) / 100}/s)`),
      ],
      [
        label("failed"),
        span(`${many(recent.retried + recent.dead, "attempt")}, `),
        span(many(recent.dead, "dead letter"), recent.dead > 0 ? "bad" : undefined),
      ],
      [label("waited"), span(`${told(recent.wait_ms)}  p50 / p95 / p99`)],
      [label("ran"), span(`${told(recent.run_ms)}  p50 / p95 / p99`)],
      line(""),
      line("Last 6 hours", "strong"),
      chart("completed", shown.map(({ completed }) => completed), "good"),
      chart("failed", shown.map(({ retried, dead }) => retried + dead), "bad"),
      line(""),
      [
        label("workers"),
        workers === null ? span("–") : span(
          `${many(workers.servers, "server")}, ${workers.busy} of ${
            many(workers.slots, "slot")
          } in use`,
          workers.servers === 0 ? "warn" : undefined,
        ),
      ],
      [
        label("waits longest"),
        span(
          oldest === null
            ? "nothing"
            : `${oldest.type} in ${oldest.queue}, for ${duration(oldest.age_ms)}`,
        ),
      ],
      [
        label("paused"),
        span(
          paused.map(({ queue, type }) => [type, queue].filter(Boolean).join(" in ")).join(", ") ||
            "nothing",
          paused.length > 0 ? "warn" : undefined,
        ),
      ],
      line(""),
      line("Failing most, 24 hours", "strong"),
      ...failing.length === 0 ? [line("nothing", "faint")] : failing.map((one): Line => [
        span(`${column(count(one.retried + one.dead), 9, true)} `, "bad"),
        span(one.type),
        span(`  ${one.queue}`, "faint"),
      ]),
    ];
    return { kind: "text", lines };
  },
});

const CELL = 26;

/** Short lines beside each other. */
function inColumns(cells: readonly Line[], width: number): Line[] {
  const most = Math.max(1, Math.floor(width / CELL));
  const height = Math.ceil(cells.length / most);
  return Array.from(
    { length: height },
    (_, y) =>
      cells.filter((_, i) => i % height === y).flatMap((cell): Line => {
        const wide = cell.reduce((sum, { text }) => sum + text.length, 0);
        return [...cell, { text: " ".repeat(Math.max(1, CELL - wide)) }];
      }),
  );
}
