/**
 * How long the monitor takes to answer, when three server processes on one Redis are asked at once and
 * many jobs are retained.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/monitor/main.ts [deno|bun|node] [--jobs N] [--rounds N]
 *
 * Exits with 1 if the p95 of a route is above 50 ms.
 */

import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { redisStore } from "../../mod.ts";
import { markdownTable } from "../markdown_table.ts";
import { fill } from "../million/fill.ts";
import { percentile } from "../percentile.ts";
import { OwnRedis } from "../redis/own_redis.ts";
import { machine } from "../stores.ts";
import { start } from "./start.ts";
import { type Target, targets } from "./targets.ts";

const BAR_MS = 50;
const PROCESSES = 3;
const PROCESS = join(import.meta.dirname ?? ".", "process.ts");

/** Asks once; gives the milliseconds until the whole answer was there, undefined of one that does not end. */
async function ask(url: string, { path }: Target): Promise<number | undefined> {
  const start = performance.now();
  const response = await fetch(`${url}${path}`);
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return undefined;
  }
  await response.text();
  if (response.status !== 200) {
    throw new Error(
      `Cannot go on as '${path}' must be answered: current status is ${response.status}`,
    );
  }
  return performance.now() - start;
}

/** Asks all processes for everything, in turn. */
async function measure(
  urls: readonly string[],
  asked: readonly Target[],
  rounds: number,
): Promise<Map<Target, number[]>> {
  const times = new Map<Target, number[]>(asked.map((target) => [target, []]));
  for (let round = -1; round < rounds; round++) {
    for (const target of asked) {
      const took = await Promise.all(urls.map((url) => ask(url, target)));
      // The first round warms up.
      if (round >= 0) times.get(target)!.push(...took.filter((ms) => ms !== undefined));
    }
  }
  return times;
}

const { _: [runtime = "deno"], jobs, rounds } = parseArgs(Deno.args, {
  string: ["jobs", "rounds"],
  default: { jobs: "100000", rounds: "100" },
});

await using redis = await OwnRedis.start();
{
  await using store = redisStore(redis.url, { retention: { maxCount: 100_000_000 } });
  await store.open();
  await fill(store, "retained", Number(jobs));
}
console.error(`filled with ${jobs} retained jobs`);
await using processes = new AsyncDisposableStack();
const urls: string[] = [];
for (let i = 0; i < PROCESSES; i++) {
  urls.push(processes.use(await start(String(runtime), PROCESS, redis.url)).url);
}
const times = await measure(urls, await targets(urls[0]!), Number(rounds));
const measured = [...times].filter(([, took]) => took.length > 0);
const rows = measured.map(([{ name }, took]) => {
  return [name, ...[0.5, 0.95, 1].map((part) => percentile(took, part).toFixed(1))];
});
const worst = Math.max(...measured.map(([, took]) => percentile(took, 0.95)));
console.log(`\n## The monitor, ${jobs} retained jobs, ${PROCESSES} processes of ${runtime}\n`);
console.log(`${machine()}, ${rounds} rounds of ${PROCESSES} requests at once, in ms\n`);
console.log(markdownTable(["GET", "p50", "p95", "most"], rows));
console.log(`\nThe greatest p95 is ${worst.toFixed(1)} ms, and ${BAR_MS} is the most it may be.`);
process.exitCode = worst <= BAR_MS ? 0 : 1;
