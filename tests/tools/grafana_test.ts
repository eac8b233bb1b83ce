/** The dashboard asks for metrics that there are, by labels that they have. */

import { assert, assertEquals } from "@std/assert";
import { sampleName } from "../../src/monitor/metrics/family.ts";
import { processFamilies } from "../../src/monitor/metrics/process_families.ts";
import { storeFamilies, storeUp } from "../../src/monitor/metrics/store_families.ts";
import { grafanaDashboard } from "../../tools/gen/grafana.ts";

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
}

const { panels, templating } = JSON.parse(grafanaDashboard()) as {
  panels: readonly Panel[];
  templating: { list: readonly { name: string; query: unknown }[] };
};

/** The labels of each name that is told, and of Prometheus itself. */
const told: ReadonlyMap<string, readonly string[]> = new Map(
  [storeUp, ...storeFamilies, ...processFamilies].flatMap(
    (family): [name: string, labels: readonly string[]][] => {
      const labels = [...family.labels, "job", "instance"];
      if (family.type !== "histogram") return [[sampleName(family), labels]];
      return [
        [`${family.name}_bucket`, [...labels, "le"]],
        [`${family.name}_count`, labels],
        [`${family.name}_sum`, labels],
      ];
    },
  ),
);
const METRIC = /\b((?:gqm|process)_[a-z_]+)\b(?:\{([^}]*)\})?/g;

const queries = panels.flatMap(({ title, targets = [], fieldConfig }) =>
  targets.map(({ expr, legendFormat }) => ({
    ...{ title, expr, legendFormat, unit: fieldConfig!.defaults.unit },
  }))
);

Deno.test("each panel asks for metrics that are told, by their labels", () => {
  assert(queries.length > 25);
  for (const { title, expr } of queries) {
    const metrics = [...expr.matchAll(METRIC)];
    assert(metrics.length > 0, title);
    for (const [, name = "", selectors = ""] of metrics) {
      const labels = told.get(name);
      assert(labels !== undefined, `${title}: ${name}`);
      for (const [, label = ""] of selectors.matchAll(/([a-z_]+)(?:=~|!=|=)"/g)) {
        assert(labels.includes(label), `${title}: ${name} by ${label}`);
      }
    }
    const labels = metrics.flatMap(([, name]) => told.get(name!)!);
    for (const [, list = ""] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
      for (const label of list.split(", ")) assert(labels.includes(label), `${title}: by ${label}`);
    }
  }
});

Deno.test("each panel has the unit of what it asks for", () => {
  for (const { title, expr, unit } of queries) {
    const isCount = /_count\{|\bcount\(/.test(expr);
    const seconds = /_seconds(_bucket)?\{/.test(expr) && !/cpu/.test(expr) && !isCount;
    assertEquals(unit === "s", seconds, title);
    assertEquals(unit === "bytes", /_bytes(_bucket)?\{/.test(expr), title);
    // A counter makes sense by its growth alone.
    for (const [counter] of expr.matchAll(/\b\w+_(?:total|bucket|count)\{/g)) {
      assert(expr.includes(`rate(${counter}`), `${title}: ${counter}`);
    }
  }
});

Deno.test("variables and the labels in legends are there", () => {
  const names = templating.list.map(({ name }) => name);
  for (const { title, expr, legendFormat } of queries) {
    for (const [, name = ""] of expr.matchAll(/\$([a-z]+)\b/g)) assert(names.includes(name), title);
    const by = /\bby \(/.test(expr);
    for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      const isKept = [...expr.matchAll(/\bby \(([^)]*)\)/g)]
        .some(([, list]) => list!.split(", ").includes(label));
      assert(!by || isKept, `${title}: {{${label}}}`);
    }
  }
});

Deno.test("no panel covers another", () => {
  const taken = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert(Number.isInteger(w) && x + w <= 24, title);
    for (let i = x; i < x + w; i++) {
      for (let j = y; j < y + h; j++) {
        assert(!taken.has(`${i},${j}`), title);
        taken.add(`${i},${j}`);
      }
    }
  }
});
