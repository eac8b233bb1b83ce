/** Makes docs/grafana.json: a dashboard of the metrics. */

import { OF_JOB, type Panel, rows } from "./grafana_panels.ts";

type Json = Readonly<Record<string, unknown>>;

/** Width of the whole, in the units of Grafana. */
const FULL_WIDTH = 24;
const SOURCE = { type: "prometheus", uid: "${datasource}" };

/** The whole dashboard, as JSON. */
export function grafanaDashboard(): string {
  return JSON.stringify({
    title: "GQM",
    uid: "gqm",
    description: "Made by deno task gen from tools/gen/grafana_panels.ts.",
    tags: ["gqm"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: variables() },
    panels: panels(),
  });
}

function variables(): Json[] {
  const source = {
    name: "datasource",
    label: "Data source",
    type: "datasource",
    query: "prometheus",
  };
  const values = (name: string, metric: string, allValue?: string): Json => ({
    name,
    label: name.slice(0, 1).toUpperCase() + name.slice(1),
    type: "query",
    datasource: SOURCE,
    definition: `label_values(${metric}, ${name})`,
    query: { query: `label_values(${metric}, ${name})`, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    ...allValue === undefined ? {} : { allValue },
    current: { text: "All", value: "$__all" },
  });
  return [
    source,
    values("job", "gqm_store_up"),
    // Also those that hold no job now.
    values("queue", `gqm_jobs{${OF_JOB}}`, ".*"),
    values("type", `gqm_jobs{${OF_JOB}}`, ".*"),
    values("instance", "gqm_build_info"),
  ];
}

function panels(): Json[] {
  let id = 0;
  let y = 0;
  const told: Json[] = [];
  for (const [title, row] of rows) {
    told.push({
      id: ++id,
      type: "row",
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: FULL_WIDTH, h: 1 },
      panels: [],
    });
    y++;
    const isStats = row[0]?.isStat === true;
    const [w, h] = isStats ? [FULL_WIDTH / row.length, 4] : [FULL_WIDTH / 3, 8];
    for (const [i, panel] of row.entries()) {
      const place = i * w;
      const gridPos = {
        x: place % FULL_WIDTH,
        y: y + Math.floor(place / FULL_WIDTH) * h,
        w,
        h,
      };
      told.push({ id: ++id, ...drawn(panel), gridPos });
    }
    y += Math.ceil(row.length * w / FULL_WIDTH) * h;
  }
  return told;
}

function drawn({ title, description, unit, queries, isStacked, isStat }: Panel): Json {
  const lines = {
    drawStyle: "line",
    lineWidth: 1,
    fillOpacity: isStacked ? 30 : 0,
    showPoints: "never",
    stacking: { mode: isStacked ? "normal" : "none", group: "A" },
  };
  return {
    type: isStat ? "stat" : "timeseries",
    title,
    ...description && { description },
    datasource: SOURCE,
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
      ...isStat && { instant: true },
    })),
    fieldConfig: {
      defaults: { unit, min: 0, ...isStat ? {} : { custom: lines } },
      overrides: [],
    },
    ...!isStat && {
      options: {
        legend: { displayMode: "list", placement: "bottom", showLegend: true },
        tooltip: { mode: "multi", sort: "desc" },
      },
    },
  };
}
