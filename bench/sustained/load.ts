/**
 * The load: producers in a process of their own, as fast as they can, one server of 100 slots, some
 * handlers that throw. Runs on Deno and Node; prints its figures as one line of JSON.
 *
 *   load.ts URL SECONDS BACKLOG THROWS
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client, Server, storeFromUrl } from "../../mod.ts";
import { percentile } from "../percentile.ts";
import type { Figures, Growth } from "./figures.ts";
import { BATCH, kindOf } from "./kinds.ts";

const SAMPLE_MS = 250;
const URGENT_MS = 200;
const CONCURRENCY = 100;
/** A heap rises until it is swept: what a tenth of the samples stay below is about what is in use. */
const BETWEEN = 0.1;
/** Jobs that can be told apart. */
const MOST_JOBS = 20_000_000;

function growth(samples: readonly number[]): Growth {
  const quarter = Math.max(1, samples.length >> 2);
  return {
    first: percentile(samples.slice(0, quarter), BETWEEN),
    last: percentile(samples.slice(-quarter), BETWEEN),
    most: Math.max(...samples),
  };
}

function startProducers(url: string, throws: number): ChildProcess {
  const file = fileURLToPath(new URL("produce.ts", import.meta.url));
  const isDeno = "deno" in process.versions;
  const args = [...isDeno ? ["run", "-A", "--no-check"] : [], file, url, String(throws)];
  return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
}

async function run(
  url: string,
  seconds: number,
  wantedBacklog: number,
  throws: number,
): Promise<Figures> {
  // Nothing is removed, so that every job can be counted at the end.
  const store = storeFromUrl(url, { retention: { maxCount: MOST_JOBS } });
  await store.open();
  await using client = new Client({ store });
  await using server = new Server({ store, logLevel: "silent" });
  const runs = new Uint8Array(MOST_JOBS);
  const urgent: number[] = [];
  let [enqueued, ran, thrown] = [0, 0, 0];
  server.handle("load", ({ job }) => {
    const { n } = job.payload as { n: number };
    const times = ++runs[n]!;
    if (times === 1 && kindOf(n, throws) !== "plain") {
      thrown++;
      throw new Error(`Error of job ${n}`);
    }
    ran++;
  }, { concurrency: CONCURRENCY, maxRetry: 1, backoff: { type: "fixed", baseMs: 100 } });
  server.handle("urgent", ({ job }) => {
    urgent.push(performance.now() - (job.payload as { at: number }).at);
  }, { concurrency: 1 });
  await server.start();

  const [heap, rss]: [number[], number[]] = [[], []];
  const sampler = setInterval(() => {
    const usage = process.memoryUsage();
    heap.push(usage.heapUsed);
    rss.push(usage.rss);
  }, SAMPLE_MS);
  const asker = setInterval(() => {
    client.enqueue("urgent", { at: performance.now() }, { priority: 30 }).catch(() => {});
  }, URGENT_MS);

  const start = performance.now();
  let backlog = 0;
  const producers = startProducers(url, throws);
  for await (const line of createInterface({ input: producers.stdout! })) {
    if (line === "end") break;
    enqueued = Math.max(enqueued, Number(line));
    backlog = Math.max(backlog, enqueued - ran);
    const isLate = performance.now() - start > seconds * 1000;
    if (isLate && backlog >= wantedBacklog || enqueued > MOST_JOBS / 2) {
      producers.stdin!.write("\n");
    }
  }
  const producedMs = performance.now() - start;
  const ranMeanwhile = ran;
  const drainStart = performance.now();
  let due = enqueued;
  for (let n = 0; n < enqueued; n += BATCH) if (kindOf(n, throws) === "dead") due--;
  while (ran < due) await new Promise((resolve) => setTimeout(resolve, 20));
  const drainMs = performance.now() - drainStart;
  clearInterval(asker);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  clearInterval(sampler);
  await server.drain();

  const rows = (await store.counts()).filter(({ type }) => type === "load");
  const sum = (status?: string): number =>
    rows.reduce((n, row) => status === undefined || row.status === status ? n + row.count : n, 0);
  const [completed, deadLetters] = [sum("completed"), sum("dead_letter")];
  let wrong = 0;
  for (let n = 0; n < enqueued; n++) {
    if (runs[n] !== (kindOf(n, throws) === "retried" ? 2 : 1)) wrong++;
  }
  await store.close();
  const { deno } = process.versions as { deno?: string };
  return {
    runtime: deno === undefined ? `Node ${process.version.slice(1)}` : `Deno ${deno}`,
    ...{ enqueued, producedMs, backlog, ranMeanwhile, drainMs, thrown, completed, deadLetters },
    left: sum() - completed - deadLetters,
    wrong,
    urgentMs: {
      p50: percentile(urgent, 0.5),
      p99: percentile(urgent, 0.99),
      count: urgent.length,
    },
    heap: growth(heap),
    rss: growth(rss),
  };
}

const [url, ...numbers] = process.argv.slice(2);
const [seconds, backlog, throws] = numbers.map(Number);
console.log(JSON.stringify(await run(url!, seconds!, backlog!, throws!)));
process.exit(0);
