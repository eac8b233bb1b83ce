/** Reads metrics as strictly as their formats are told, whoever wrote them. */

import assert from "node:assert/strict";

const NAME = "[a-zA-Z_][a-zA-Z0-9_]*";
const VALUE = String.raw`(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)`;
const LABEL = String.raw`${NAME}="(?:[^"\\\n]|\\["\\n])*"`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (${VALUE})$`);
const META = new RegExp(`^# (HELP|TYPE|UNIT) (${NAME}) (.+)$`);
const OWN_SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [""],
  info: ["_info"],
  histogram: ["_bucket", "_count", "_sum"],
};

/** What was told: values by name and labels, such as `gqm_jobs{queue="mail"}`. */
export type Series = ReadonlyMap<string, number>;

/** Reads a text in the format of Prometheus, or OpenMetrics; fails if it breaks a rule. */
export function readExposition(text: string, isOpen = false): Series {
  assert.ok(text.endsWith(isOpen ? "\n# EOF\n" : "\n"), "end");
  const series = new Map<string, number>();
  const families = new Map<string, Readonly<Record<string, string>>>();
  let name = "";
  const lines = text.slice(0, isOpen ? -"# EOF\n".length : undefined).split("\n").slice(0, -1);
  for (const line of lines) {
    const [, kind = "", about = "", told = ""] = META.exec(line) ?? [];
    if (about !== "") {
      assert.ok(about === name || !families.has(about), `not in one place: ${line}`);
      name = about;
      const meta = families.get(name) ?? {};
      assert.equal(meta[kind], undefined, `twice: ${line}`);
      families.set(name, { ...meta, [kind]: told });
      continue;
    }
    const [, sample = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
    assert.notEqual(sample, "", `no sample: ${line}`);
    const { TYPE: type = "", HELP: help, UNIT: unit } = families.get(name) ?? {};
    assert.notEqual(help, undefined, `no help: ${line}`);
    const counter = isOpen ? ["_total"] : [""];
    const suffixes = type === "counter" ? counter : OWN_SUFFIXES[type] ?? [];
    assert.ok(suffixes.some((suffix) => sample === name + suffix), `of another family: ${line}`);
    assert.equal(sample.endsWith("_total"), type === "counter", line);
    if (unit !== undefined) assert.ok(name.endsWith(`_${unit}`), line);
    const key = labels === "" ? sample : `${sample}{${labels}}`;
    assert.ok(!series.has(key), `twice: ${line}`);
    series.set(key, Number(value.replace("Inf", "Infinity")));
  }
  for (const [family, { TYPE: type }] of families) {
    if (type === "histogram") checkBuckets(family, series);
  }
  return series;
}

/** Buckets rise, and the last has what the count says. */
function checkBuckets(family: string, series: Series): void {
  const before = new Map<string, number>();
  for (const [key, count] of series) {
    const [, labels, bound] = new RegExp(`^${family}_bucket\\{(.*?),?le="([^"]+)"\\}$`).exec(key) ??
      [];
    if (labels === undefined) continue;
    assert.ok(count >= (before.get(labels) ?? 0), key);
    before.set(labels, count);
    if (bound !== "+Inf") continue;
    const total = labels === "" ? `${family}_count` : `${family}_count{${labels}}`;
    assert.equal(series.get(total), count, key);
  }
  assert.ok(before.size > 0, `${family} has no buckets`);
}
