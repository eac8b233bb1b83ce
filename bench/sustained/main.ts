/**
 * Sustained load: producers as fast as they can for 30 s and until the backlog is there, one server that
 * runs it down, 500 errors thrown; on Deno, then on Node, each on an empty Redis.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/sustained/main.ts [deno|node] [--seconds N] [--backlog N]
 *
 * Exits with 1 if a job was lost or doubled, or memory grew.
 */

import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { runtimes } from "../../tools/runtimes.ts";
import { OwnRedis } from "../redis/own_redis.ts";
import { machine } from "../stores.ts";
import type { Figures, Growth } from "./figures.ts";

const THROWS = 500;
/** How far the last quarter's heap may be above the first's, in bytes: 30 for each of a million jobs that ran between. */
const FLAT = 30_000_000;
const LOAD = join(import.meta.dirname ?? ".", "load.ts");

async function run(name: string, seconds: number, backlog: number): Promise<Figures & Redis> {
  await using redis = await OwnRedis.start();
  const [bin, args] = name === "node"
    ? [(await runtimes()).node.bin, []]
    : [Deno.execPath(), ["run", "-A", "--no-check"]];
  const { stdout } = await new Deno.Command(bin, {
    args: [...args, LOAD, redis.url, String(seconds), String(backlog), String(THROWS)],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  const figures = JSON.parse(new TextDecoder().decode(stdout)) as Figures;
  const { cpuUs, memoryBytes } = await redis.usage();
  return { ...figures, redisMemory: memoryBytes, redisCpuUs: cpuUs };
}

interface Redis {
  readonly redisMemory: number;
  readonly redisCpuUs: number;
}

const whole = (n: number): string => Math.round(n).toLocaleString("en");
const rate = (count: number, ms: number): string => `${whole(count / ms * 1000)} jobs/s`;
const mb = (bytes: number): string => `${whole(bytes / 1e6)} MB`;
const grown = ({ first, last, most }: Growth): string =>
  `${mb(first)} → ${mb(last)}, at most ${mb(most)}`;

/** What is shown of a run, and what GQM (Go) says of its own. */
const lines: readonly [string, (figures: Figures & Redis) => string, string][] = [
  ["enqueued", ({ enqueued }) => whole(enqueued), "558,000 in 30 s"],
  ["for", ({ producedMs }) => `${(producedMs / 1000).toFixed(1)} s`, "30 s"],
  ["enqueue", ({ enqueued, producedMs }) => rate(enqueued, producedMs), "18,600 jobs/s"],
  ["run meanwhile", ({ ranMeanwhile, producedMs }) => rate(ranMeanwhile, producedMs), "–"],
  ["greatest backlog", ({ backlog }) => whole(backlog), "735,000"],
  [
    "an urgent job meanwhile, p50 / p99",
    ({ urgentMs: { p50, p99 } }) => `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`,
    '"responsive"',
  ],
  ["drain", ({ drainMs }) => `${(drainMs / 1000).toFixed(1)} s`, "3.8 s"],
  [
    "drain",
    ({ enqueued, ranMeanwhile, drainMs }) => rate(enqueued - ranMeanwhile, drainMs),
    "19,700 jobs/s",
  ],
  ["errors thrown", ({ thrown }) => whole(thrown), "500 panics"],
  [
    "completed + dead letters",
    ({ completed, deadLetters }) => `${whole(completed)} + ${whole(deadLetters)}`,
    "–",
  ],
  ["lost, or run too often", ({ left, wrong }) => `${left + wrong}`, "0"],
  ["heap, first quarter → last", ({ heap }) => grown(heap), '"stable"'],
  ["resident, first quarter → last", ({ rss }) => grown(rss), '"stable"'],
  ["memory of Redis", ({ redisMemory }) => mb(redisMemory), "–"],
  [
    "CPU of Redis per job",
    ({ redisCpuUs, enqueued }) => `${(redisCpuUs / enqueued).toFixed(1)} µs`,
    "–",
  ],
];

const flags = parseArgs(process.argv.slice(2), {
  string: ["seconds", "backlog"],
  default: { seconds: "30", backlog: "735000" },
});
const names = flags._.length === 0 ? ["deno", "node"] : flags._.map(String);
const runs: (Figures & Redis)[] = [];
for (const name of names) {
  console.error(`the load on ${name}`);
  runs.push(await run(name, Number(flags.seconds), Number(flags.backlog)));
}
console.log(`${machine()}\n`);
console.log(`| | ${runs.map(({ runtime }) => runtime).join(" | ")} | GQM v0.5.0 (Go, 4 cores) |`);
console.log(`| --- |${" --: |".repeat(runs.length + 1)}`);
for (const [name, show, theirs] of lines) {
  console.log(`| ${name} | ${runs.map(show).join(" | ")} | ${theirs} |`);
}
const isWell = runs.every(({ enqueued, completed, deadLetters, left, wrong, heap }) =>
  completed + deadLetters === enqueued && left + wrong === 0 && heap.last <= heap.first + FLAT
);
process.exitCode = isWell ? 0 : 1;
