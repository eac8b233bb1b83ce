/** Programs that are not ours read the metrics, with names in them that are hard to write. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Client, memoryStore, Server } from "../../mod.ts";
import {
  checkByPromtool,
  hasMetricsParsers,
  parseByPython,
  parseQueries,
} from "../../tools/test/metrics_parsers.ts";
import { rows } from "../../tools/gen/grafana_panels.ts";
import { readExposition } from "../support/exposition.ts";
import { sampleName } from "../../src/monitor/metrics/family.ts";
import { processFamilies } from "../../src/monitor/metrics/process_families.ts";
import { storeFamilies, storeUp } from "../../src/monitor/metrics/store_families.ts";

const TYPES = ["plain", 'a "quoted" \\ one', "ü€😀 with {braces}, and = # in it", "\u2028\u00a0"];
const hasParsers = await hasMetricsParsers();
const HOW = "run deno run -A tools/test/metrics_parsers.ts";

Deno.test({
  name: "metrics pass promtool and a parser of OpenMetrics" + (hasParsers ? "" : `: ${HOW}`),
  ignore: !hasParsers && Deno.env.get("CI") === undefined,
  fn: async () => {
    assert(hasParsers, HOW);
    const [text, open] = await busyMetrics();
    const families = [storeUp, ...storeFamilies, ...processFamilies];
    // Of a memory store that was not asked for its size.
    const told = families.filter(({ name }) => name !== "gqm_store_size_bytes");

    const series = readExposition(text);
    for (const family of told) {
      const name = sampleName(family) + (family.type === "histogram" ? "_count" : "");
      assert([...series.keys()].some((key) => key.split("{")[0] === name), `${name} is not told`);
    }
    const checked = await checkByPromtool(text);
    assertEquals(checked, { ok: true, output: "" });

    const parsed = await parseByPython(open);
    assert(parsed.ok, parsed.output);
    const found: [name: string, type: string, samples: number][] = JSON.parse(parsed.output);
    assertEquals(
      found.map(([name, type]) => [name, type]),
      told.map(({ name, type }) => [name, type]),
    );
    const samples = readExposition(open, true).size;
    assertEquals(found.reduce((sum, [, , count]) => sum + count, 0), samples);
    assert(samples > 200);

    const wrong = await checkByPromtool(
      text.replace("# TYPE gqm_jobs gauge", "# TYPE gqm_jobs counter"),
    );
    assertEquals(wrong.ok, false);
    assertStringIncludes(wrong.output, "gqm_jobs");
    assertEquals((await parseByPython(open.replace("# EOF\n", ""))).ok, false);
  },
});

Deno.test({
  name: "the queries of the dashboard are PromQL" + (hasParsers ? "" : `: ${HOW}`),
  ignore: !hasParsers && Deno.env.get("CI") === undefined,
  fn: async () => {
    assert(hasParsers, HOW);
    const queries = rows.flatMap(([, panels]) => panels).flatMap((panel) => panel.queries)
      .map(({ expr }) => expr.replaceAll("$__rate_interval", "5m").replace(/\$[a-z]+/g, ".*"));
    const { ok, output } = await parseQueries(queries);
    assert(ok, output);
    assertStringIncludes(output, `${queries.length} rules found`);
    assertEquals((await parseQueries(["sum by (gqm_jobs"])).ok, false);
  },
});

/** The metrics of a server that ran jobs of all types and is paused in part, in both formats. */
async function busyMetrics(): Promise<[text: string, open: string]> {
  const store = memoryStore();
  await using client = new Client({ store });
  await using server = new Server({
    ...{ store, logLevel: "silent", api: { addr: "127.0.0.1:0", auth: "none" } },
  });
  for (const type of TYPES) {
    server.handle(type, ({ job }) => {
      if (job.payload === 1) throw new Error("not this one");
    }, { maxRetry: 0 });
  }
  await server.start();
  for (const type of TYPES) {
    const jobs = [0, 1, 2].map((payload) => ({ type, payload, options: { queue: "a:b.c_d-e" } }));
    const handles = await client.enqueueMany(jobs);
    await Promise.allSettled(handles.map((handle) => handle.result()));
    await client.control.pause({ type });
  }
  await client.enqueue(TYPES[1]!); // it waits, as its type is paused
  const get = async (headers: HeadersInit = {}): Promise<string> =>
    await (await fetch(`${server.api!.url}/metrics`, { headers })).text();
  const openType = { accept: "application/openmetrics-text" };
  for (const end = performance.now() + 60_000;;) {
    const text = await get();
    const ran = text.match(/^gqm_recent_run_duration_seconds/gm)?.length ?? 0;
    if (ran > 0 && text.includes("gqm_process_upkeep_moved")) return [text, await get(openType)];
    assert(performance.now() < end, text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
