/** The formats of metrics, byte by byte, and which of them is told to whom. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Distribution } from "../../../src/metrics/distribution.ts";
import { Exposition, type Format, formatOf } from "../../../src/monitor/metrics/exposition.ts";
import { type Family, sampleName } from "../../../src/monitor/metrics/family.ts";
import { processFamilies } from "../../../src/monitor/metrics/process_families.ts";
import { storeFamilies, storeUp } from "../../../src/monitor/metrics/store_families.ts";
import { readExposition } from "../../support/exposition.ts";

const runs = new Distribution([0.001, 1, 2.5]);
for (const seconds of [0.0005, 1, 2, 2, 60]) runs.add(seconds);

type Values = Pick<Family<null>, "labels"> & { readonly samples: ReturnType<Family<null>["read"]> };

function family(name: string, type: Family["type"], { labels, samples }: Values): Family<null> {
  const unit = name.endsWith("_seconds") ? { unit: "seconds" as const } : {};
  return { name, type, ...unit, help: `About ${name}.`, labels, read: () => samples };
}

const families: readonly Family<null>[] = [
  family("gqm_jobs", "gauge", {
    labels: ["queue", "type"],
    samples: [
      { labels: ["mail", 'a"b\\c'], value: 3 },
      { labels: ["mail", ""], value: 0.5 },
      { labels: ["other", "x"], value: -Infinity },
    ],
  }),
  family("gqm_ends", "counter", { labels: [], samples: [{ labels: [], value: 1e21 }] }),
  family("gqm_build", "info", { labels: ["version"], samples: [{ labels: ["1"], value: 1 }] }),
  family("gqm_run_seconds", "histogram", {
    labels: ["queue"],
    samples: [{ labels: ["mail"], value: runs }],
  }),
  family("gqm_none", "gauge", { labels: [], samples: [] }),
];

function written(format: Format, sees?: (queue: string) => boolean): string {
  const text = new Exposition(format);
  for (const one of families) text.add(one, null, sees);
  return text.end();
}

test("metrics in the format of Prometheus", () => {
  assert.equal(
    written("prometheus"),
    String.raw`# HELP gqm_jobs About gqm_jobs.
# TYPE gqm_jobs gauge
gqm_jobs{queue="mail",type="a\"b\\c"} 3
gqm_jobs{queue="mail"} 0.5
gqm_jobs{queue="other",type="x"} -Inf
# HELP gqm_ends_total About gqm_ends.
# TYPE gqm_ends_total counter
gqm_ends_total 1e+21
# HELP gqm_build_info About gqm_build.
# TYPE gqm_build_info gauge
gqm_build_info{version="1"} 1
# HELP gqm_run_seconds About gqm_run_seconds.
# TYPE gqm_run_seconds histogram
gqm_run_seconds_bucket{queue="mail",le="0.001"} 1
gqm_run_seconds_bucket{queue="mail",le="1.0"} 2
gqm_run_seconds_bucket{queue="mail",le="2.5"} 4
gqm_run_seconds_bucket{queue="mail",le="+Inf"} 5
gqm_run_seconds_count{queue="mail"} 5
gqm_run_seconds_sum{queue="mail"} 65.0005
`,
  );
});

test("metrics as OpenMetrics", () => {
  const lines = written("openmetrics").split("\n");
  const meta = lines.filter((line) => line.startsWith("#"));
  assert.deepEqual(meta, [
    "# HELP gqm_jobs About gqm_jobs.",
    "# TYPE gqm_jobs gauge",
    "# HELP gqm_ends About gqm_ends.",
    "# TYPE gqm_ends counter",
    "# HELP gqm_build About gqm_build.",
    "# TYPE gqm_build info",
    "# HELP gqm_run_seconds About gqm_run_seconds.",
    "# TYPE gqm_run_seconds histogram",
    "# UNIT gqm_run_seconds seconds",
    "# EOF",
  ]);
  const samples = (text: string): string[] =>
    text.split("\n").filter((one) => !one.startsWith("#"));
  assert.deepEqual(samples(written("openmetrics")), samples(written("prometheus")));
  readExposition(written("openmetrics"), true);
});

test("whoever sees some queues gets those alone, and of what has no queue nothing unless it is general", () => {
  const sees = (queue: string): boolean => queue === "other";
  assert.deepEqual([...readExposition(written("prometheus", sees)).keys()], [
    'gqm_jobs{queue="other",type="x"}',
  ]);
  const text = new Exposition("prometheus");
  text.add(storeUp, true, sees);
  assert.equal(readExposition(text.end()).get("gqm_store_up"), 1);
});

/** Values of `Accept`, and the format that they ask for. */
const accepts: readonly (readonly [accept: string | null, format: Format])[] = [
  [null, "prometheus"],
  ["", "prometheus"],
  ["*/*", "prometheus"],
  ["text/plain", "prometheus"],
  ["application/openmetrics-text", "openmetrics"],
  ["Application/OpenMetrics-Text; version=1.0.0", "openmetrics"],
  ["application/openmetrics-text;q=0", "prometheus"],
  ["application/openmetrics-text;q=x", "prometheus"],
  ["text/plain, application/openmetrics-text;q=0.9", "prometheus"],
  ["text/html,application/json", "prometheus"],
  [
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "openmetrics",
  ],
];

for (const [accept, format] of accepts) {
  test(`formatOf is ${format} when Accept is ${accept}`, () => {
    assert.equal(formatOf(accept), format);
  });
}

test("families have names of their own, units in them, and words that need no escape", () => {
  const all = [storeUp, ...storeFamilies, ...processFamilies];
  const names = all.map(sampleName);
  assert.equal(new Set(names).size, names.length);
  for (const { name, type, unit, help, labels } of all) {
    assert.match(name, /^(gqm|process)(_[a-z]+)+$/);
    assert.doesNotMatch(name, /_(total|info|count|sum|bucket|gauge|counter|histogram)$/);
    assert.equal(/_(seconds|bytes)$/.exec(name)?.[1], unit, name);
    assert.match(help, /^[^"\\\n]+\.$/, name);
    assert.ok(!labels.includes("le") && !labels.includes("quantile"), name);
    assert.equal(labels.length > 0 || type !== "info", true, name);
  }
});
