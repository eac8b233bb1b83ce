/**
 * The load: producers as fast as they can, one server of 100 slots, some handlers that throw. Runs on
 * Deno and Node; prints its figures as one line of JSON.
 *
 *   load.ts URL SECONDS BACKLOG THROWS
 */

import process from "node:process";
import { Client, Server, storeFromUrl } from "../../mod.ts";
import { median } from "../median.ts";
import { percentile } from "../percentile.ts";
import type { Figures, Growth } from "./figures.ts";

const BATCH = 1000;
const PRODUCERS = 2;
const SAMPLE_MS = 250;
const URGENT_MS = 200;
const CONCURRENCY = 100;
/** Jobs that can be told apart. */
const MOST_JOBS = 20_000_000;

/** What a job does: the first of each batch throws, if there are not enough; every second of those may not try again. */
function kindOf(n: number, throws: number): "plain" | "retried" | "dead" {
  const batch = n / BATCH;
  if (!Number.isInteger(batch) || batch >= throws) return "plain";
  return batch % 2 === 0 ? "retried" : "dead";
}

function growth(samples: readonly number[]): Growth {
  const quarter = Math.max(1, samples.length >> 2);
  return {
    first: median(samples.slice(0, quarter)),
    last: median(samples.slice(-quarter)),
    most: Math.max(...samples),
  };
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
  const isEnough = (): boolean =>
    performance.now() - start > seconds * 1000 && backlog >= wantedBacklog;
  await Promise.all(Array.from({ length: PRODUCERS }, async () => {
    while (!isEnough() && enqueued < MOST_JOBS - PRODUCERS * BATCH) {
      const first = enqueued;
      enqueued += BATCH;
      const batch = Array.from({ length: BATCH }, (_, i) => ({
        type: "load",
        payload: { n: first + i, to: "ada@example.com", subject: "x".repeat(40) },
        ...kindOf(first + i, throws) === "dead" ? { options: { maxRetry: 0 } } : {},
      }));
      await client.enqueueMany(batch);
      backlog = Math.max(backlog, enqueued - ran);
    }
  }));
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
