/**
 * A failover by Sentinel in the middle of the run. Redis may lose what was not
 * replicated; but no job is stuck, fences rise, and workers go on.
 */

import { assert, assertEquals } from "@std/assert";
import { Redis } from "ioredis";
import { Client, JobGoneError, redisStore } from "../../mod.ts";
import { isFinal } from "../../src/job/state.ts";
import { seededRng } from "../../src/rng.ts";
import { enqueueWork, highestFences, untilStarted, type WorkHandle } from "../support/effects.ts";
import { RedisRun, SEED } from "../support/redis/run.ts";
import { SentinelTrio } from "../support/redis/sentinel.ts";
import { serverProblem } from "../support/redis/server.ts";
import { Workers } from "../support/workers.ts";

const LEASE_MS = 2000;
const PATIENCE_MS = 60_000;

/** Whether a job was completed; false if Redis has lost it. */
async function isThere(handle: WorkHandle): Promise<boolean> {
  try {
    await handle.result();
    return true;
  } catch (error) {
    if (error instanceof JobGoneError) return false;
    throw error;
  }
}

Deno.test({
  name: "workers go on with no job stuck after a failover by Sentinel",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    const rng = seededRng(SEED);
    await using trio = await SentinelTrio.start();
    await using run = await RedisRun.start(trio.master.url);
    const { sentinels, name } = trio;
    const given = new Redis({ sentinels, name, lazyConnect: true });
    const prefix = new URL(run.url).searchParams.get("prefix")!;
    await using store = redisStore(given, { prefix, patienceMs: PATIENCE_MS });
    await using client = new Client({ store });
    const unusual = { sentinels, name, patienceMs: PATIENCE_MS };
    const args = run.workerArgs(LEASE_MS, unusual);
    await using workers = new Workers("tests/faults/worker.ts", args);
    workers.start(2);

    const before = await enqueueWork(client, rng, 150);
    await untilStarted(run.effects, (starts) => starts.length > 20);
    let over = false;
    const during: WorkHandle[] = [];
    const producing = (async () => {
      while (!over) during.push(...await enqueueWork(client, rng, 5));
    })();
    const old = trio.master;
    await trio.failover();
    await old.restart(); // empty; Sentinel makes it a replica
    over = true;
    await producing;
    const after = await enqueueWork(client, rng, 50);

    const [kept, ...rest] = await Promise.all(
      [before, during, after].map((handles) => Promise.all(handles.map(isThere))),
    );
    assertEquals(rest[1]!.filter((there) => !there), [], "what came after it is all there");
    const unfinished = (await store.counts()).filter(({ status }) => !isFinal(status));
    assertEquals(unfinished, [], "no job is stuck");
    const highest = await highestFences(run.effects);
    for (const handle of [...before, ...during, ...after]) {
      const job = await handle.job();
      // What Redis lost of a job may make it run again, never under an older fence.
      if (job !== null) assertEquals(job.result, highest.get(job.id), `job ${job.id}`);
    }
    assertEquals(workers.crashes, []);
    assert(kept!.some((there) => there), "the replica had the most of it");
    const lost = [...kept!, ...rest.flat()].filter((there) => !there).length;
    console.log(`${before.length + during.length + after.length} jobs, Redis lost ${lost}`);
    given.disconnect();
  },
});
