/**
 * `gqm bench`: how fast a store is from here, with jobs that do nothing.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { Client } from "../../enqueue/client.ts";
import { uuidv7Generator } from "../../job/id.ts";
import { Server } from "../../run/server.ts";
import type { Store } from "../../store/store.ts";
import type { Command } from "../command.ts";
import { defineCommand } from "../define.ts";
import { orElse, whole } from "../flags.ts";
import { count, duration } from "../format.ts";
import { jsonFlag, printFacts, printJson } from "../output.ts";
import { ProgressLine } from "../progress_line.ts";
import { storeFlag, withStore } from "../store.ts";

const BATCH = 1000;
const ROUND_TRIPS = 100;

/** The command. */
export const bench: Command = defineCommand({
  name: "bench",
  summary: "Measure how fast a store is from here, with jobs that do nothing",
  flags: {
    jobs: orElse(whole("N", "Jobs that are enqueued and run", { min: 1, max: 10_000_000 }), 10_000),
    concurrency: orElse(whole("N", "Jobs at the same time", { min: 1, max: 10_000 }), 100),
    ...jsonFlag,
    ...storeFlag,
  },
  details:
    "The jobs have a queue of their own and are removed as they end. What else works on the\n" +
    "store is slowed down meanwhile. `deno task bench` of the sources compares with others.",
  examples: ["bench --store redis://127.0.0.1:6379", "bench --jobs 100000 --concurrency 30"],
  run: ({ flags: { jobs, concurrency, json, store } }, terminal) =>
    withStore(store, async (opened) => {
      const line = new ProgressLine(terminal);
      const figures = await measure(
        opened,
        jobs,
        concurrency,
        (done, told) => line.show(done, jobs * 2, told),
      );
      line.end();
      if (json) printJson(figures, terminal);
      else {
        const { enqueue_ms, run_ms, round_trip_ms } = figures;
        const rate = (ms: number): string => `${count(Math.round(jobs / ms * 1000))} jobs/s`;
        printFacts([
          ["Store", opened.description],
          [
            "Enqueued",
            `${rate(enqueue_ms)}, in batches of ${count(BATCH)} (${duration(enqueue_ms)})`,
          ],
          ["Ran", `${rate(run_ms)}, ${count(concurrency)} at a time (${duration(run_ms)})`],
          ["Round trip", `${duration(round_trip_ms)} (median of ${ROUND_TRIPS})`],
        ], terminal);
      }
      return 0;
    }, true),
});

interface Figures {
  readonly jobs: number;
  readonly concurrency: number;
  readonly enqueue_ms: number;
  readonly run_ms: number;
  readonly round_trip_ms: number;
}

async function measure(
  store: Store,
  jobs: number,
  concurrency: number,
  show: (done: number, told: string) => void,
): Promise<Figures> {
  const name = `gqm-bench-${uuidv7Generator(systemClock.now)()}`;
  await using client = new Client({ store });
  const retention = { completedMs: 0 };
  const began = systemClock.mono();
  for (let from = 0; from < jobs; from += BATCH) {
    const batch = Math.min(BATCH, jobs - from);
    await client.enqueueMany(
      Array.from({ length: batch }, () => ({ type: name, options: { queue: name, retention } })),
    );
    show(from + batch, "enqueueing");
  }
  const enqueueMs = systemClock.mono() - began;
  const all = Promise.withResolvers<void>();
  let done = 0;
  await using server = new Server({ store, logLevel: "silent" });
  server.pool({ name, types: [name], queues: [name], concurrency });
  server.handle(name, () => {
    if (++done % BATCH === 0) show(jobs + done, "running");
    if (done === jobs) all.resolve();
  });
  const started = systemClock.mono();
  await server.start();
  await all.promise;
  await server.stop();
  const runMs = systemClock.mono() - started;
  return {
    jobs,
    concurrency,
    enqueue_ms: enqueueMs,
    run_ms: runMs,
    round_trip_ms: await roundTrip(store),
  };
}

async function roundTrip(store: Store): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const began = systemClock.mono();
    await store.getJobs(["none"]);
    times.push(systemClock.mono() - began);
  }
  return times.sort((a, b) => a - b)[ROUND_TRIPS / 2]!;
}
