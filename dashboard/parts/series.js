// @ts-check
/**
 * What the API tells step by step, as charts: of all queues, or of one.
 */

import { get } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { setQuery } from "../router.js";
import { html, useMemo } from "../vendor/preact.js";
import { Card, Empty, Shown } from "./basics.js";
import { Chart } from "./chart.js";
import { depths } from "./statuses.js";
import { Tabs } from "./tabs.js";

const windows = { "15m": "15 minutes", "6h": "6 hours", "7d": "7 days" };

/**
 * A card of charts over the window that the URL names.
 *
 * @param {{ query: Readonly<Record<string, string>>, queue?: string, only?: string }} props `only`: the one chart of them.
 */
export function SeriesCard({ query, queue, only }) {
  const over = Object.hasOwn(windows, query.window ?? "") ? query.window : "15m";
  const series = useData(
    (signal) => get("/api/v1/series", { window: over, queue }, signal),
    [over, queue],
    { everyMs: over === "15m" ? 10_000 : 60_000 },
  );
  return html`
    <${Card} title="Over time" actions=${html`
      <${Tabs} label="Window" of=${windows} chosen=${over}
        onChoose=${(/** @type {string} */ window) => setQuery({ window })} />
    `}>
      <${Shown} data=${series} lines=${8}>${(/** @type {any} */ { data }) =>
        html`<${Charts} points=${data.points} only=${only} />`}<//>
      <//>
  `;
}

/** @param {{ points: any[], only?: string }} props */
function Charts({ points, only }) {
  const charts = useMemo(() =>
    [
      {
        title: "Attempts that ended",
        write: format.count,
        lines: [
          {
            label: "completed",
            color: "--good",
            values: points.map((one) => one.completed),
            isFilled: true,
          },
          { label: "failed", color: "--bad", values: points.map((one) => one.retried + one.dead) },
        ],
      },
      {
        title: "Jobs to do",
        write: format.count,
        lines: Object.entries(depths).map(([status, color]) => ({
          label: format.statusName(status),
          color: `--${color}`,
          values: points.map(({ depth }) => depth?.[status] ?? null),
          isFilled: status === "ready",
        })),
      },
      { title: "Waited", write: format.duration, lines: percentiles(points, "wait_ms") },
      { title: "Ran", write: format.duration, lines: percentiles(points, "run_ms") },
    ].filter(({ title }) => only === undefined || title === only), [points, only]);
  const times = useMemo(() => points.map(({ at_ms }) => at_ms), [points]);
  return html`<div class="columns charts">${
    charts.map(({ title, lines, write }) =>
      html`
        <figure key=${title}>
          <figcaption>${title}</figcaption>
          ${lines.every(({ values }) => values.every((one) => one === null))
            ? html`<${Empty} title="Nothing is known of this time" />`
            : html`<${Chart} times=${times} lines=${lines} label=${title} write=${write} />`}
        </figure>
      `
    )
  }</div>`;
}

/** @param {any[]} points @param {string} of */
function percentiles(points, of) {
  return ["p50", "p95", "p99"].map((name, i) => ({
    label: name,
    color: `--chart-${i + 1}`,
    values: points.map((one) => one[of]?.[name] ?? null),
  }));
}
