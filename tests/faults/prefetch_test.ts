/**
 * Worker processes with handlers that take no time claim ahead, and are killed
 * in the middle of it. A job that none of them had started counts no delivery.
 */

import { assert, assertEquals } from "@std/assert";
import { Client, redisStore, Server } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { startsIn, untilStarted } from "../support/effects.ts";
import { LONG, RedisRun, SEED } from "../support/redis/run.ts";
import { testRedisProblem } from "../support/redis/shared.ts";
import { Workers } from "../support/workers.ts";

const LEASE_MS = 1000;
/** Slots of a worker. */
const SLOTS = 8;
const ROUNDS = LONG ? 30 : 5;
const JOBS_PER_ROUND = 6000;
const BATCH = 1000;

Deno.test({
  name: "a job that was held ahead when its server was killed counts no delivery",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const rng = seededRng(SEED);
    await using run = await RedisRun.start();
    await using store = redisStore(run.url);
    await using client = new Client({ store });
    const ids: string[] = [];
    let heldAhead = 0;
    let killed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < JOBS_PER_ROUND; i += BATCH) {
        const payload = { ms: 0, failures: 0 };
        const batch = Array.from({ length: BATCH }, () => ({ type: "work", payload }));
        ids.push(...(await client.enqueueMany(batch)).map(({ id }) => id));
      }
      await using workers = new Workers("tests/faults/worker.ts", run.workerArgs(LEASE_MS));
      const before = (await startsIn(run.effects)).length;
      workers.start(2);
      await untilStarted(run.effects, (starts) => starts.length > before + 500 * rng());
      await new Promise((resolve) => setTimeout(resolve, 100 * rng()));
      await workers.kill();
      killed += 2;
      const started = new Set(
        (await startsIn(run.effects)).map(({ id, fence }) => `${id} ${fence}`),
      );
      heldAhead += (await heldIn(store)).filter((hold) => !started.has(hold)).length;
    }
    const server = new Server({ store, leaseMs: LEASE_MS, logLevel: "error", maxDeliveries: 1000 });
    server.handle("work", () => {}, { concurrency: 100 });
    await server.start();
    await untilNone(store);
    await server.stop();

    const starts = new Map<string, number>();
    for (const { id } of await startsIn(run.effects)) starts.set(id, (starts.get(id) ?? 0) + 1);
    let deliveries = 0;
    let unstarted = 0;
    for (let i = 0; i < ids.length; i += 500) {
      for (const job of await store.getJobs(ids.slice(i, i + 500))) {
        assertEquals(job!.status, "completed");
        deliveries += job!.deliveries;
        // The last start is that of the attempt that completed it, if a worker did.
        unstarted += Math.max(0, job!.deliveries - (starts.get(job!.id) ?? 0));
      }
    }
    console.log(
      `${killed} killed, ${heldAhead} jobs held and not started then, ` +
        `${deliveries} deliveries lost, ${unstarted} of them of jobs that were not started`,
    );
    assert(heldAhead > killed * SLOTS, "the test has met what it is about");
    // What was claimed for a free slot counts, though its reply may have come too late.
    assert(unstarted <= killed * SLOTS, `${unstarted} deliveries of jobs that nobody had started`);
  },
});

async function heldIn(store: ReturnType<typeof redisStore>): Promise<string[]> {
  const held: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ status: "processing", limit: 500, ...cursor && { cursor } });
    held.push(...page.jobs.map(({ id, holder }) => `${id} ${holder!.fence}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return held;
}

async function untilNone(store: ReturnType<typeof redisStore>): Promise<void> {
  const end = performance.now() + 60_000;
  while ((await store.counts()).some(({ status }) => status !== "completed")) {
    assert(performance.now() < end, "Cannot go on as all jobs must be completed within a minute");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
