/** The page of monitoring names metrics that there are, and has rules that Prometheus takes. */

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { sampleName } from "../../src/monitor/metrics/family.ts";
import { processFamilies } from "../../src/monitor/metrics/process_families.ts";
import { storeFamilies, storeUp } from "../../src/monitor/metrics/store_families.ts";
import { defaultAlertRules } from "../../mod.ts";
import { checkRules, hasMetricsParsers } from "../../tools/test/metrics_parsers.ts";

const page = await Deno.readTextFile(
  join(import.meta.dirname!, "..", "..", "docs", "monitoring.md"),
);
const hasParsers = await hasMetricsParsers();
const HOW = "run deno run -A tools/test/metrics_parsers.ts";

Deno.test("the page of monitoring names metrics and rules that there are", () => {
  const told = new Map(
    [storeUp, ...storeFamilies, ...processFamilies].flatMap((family) =>
      [family.name, sampleName(family)].map((name) => [name, family.labels as readonly string[]])
    ),
  );
  const named = [...page.matchAll(/\b(gqm_[a-z_]+)\b(?:\{([a-z]+)=)?/g)]
    .filter(([, name]) => name !== "gqm_ak_");
  assert(named.length > 15);
  for (const [, name = "", label] of named) {
    const labels = told.get(name);
    assert(labels !== undefined, name);
    assert(label === undefined || labels.includes(label), `${name} by ${label}`);
  }
  for (const { when } of defaultAlertRules) assert(page.includes(`\`${when}\``), when);
});

Deno.test({
  name: `promtool takes the rules of the page${hasParsers ? "" : `: ${HOW}`}`,
  ignore: !hasParsers && Deno.env.get("CI") === undefined,
  fn: async () => {
    assert(hasParsers, HOW);
    const [, rules] = /```yaml\n(groups:[^]*?)```/.exec(page) ?? [];
    assert(rules);
    const { ok, output } = await checkRules(rules);
    assert(ok, output);
    assertEquals(/SUCCESS: (\d+) rules found/.exec(output)?.[1], "8");
  },
});
