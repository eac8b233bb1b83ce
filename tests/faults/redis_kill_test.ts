/**
 * Worker processes on Deno, Bun and Node share a Redis store and are killed,
 * paused and continued at random moments. No job may be lost, completed twice,
 * or settled by a holder that is not the latest.
 */

import { assert, assertEquals } from "@std/assert";
import { Client, redisStore } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { assertCompletedOnce, enqueueWork, startsIn } from "../support/effects.ts";
import { LONG, RedisRun, SEED } from "../support/redis/run.ts";
import { testRedisProblem } from "../support/redis/shared.ts";
import { allLaunchers, DENO, type Launcher, Workers } from "../support/workers.ts";

const LEASE_MS = 1000;
const trouble = { forMs: LONG ? 60_000 : 5000, everyMs: 300, pauseMs: 1500 };

/** Those that are there; says which are not. */
async function launchers(): Promise<Launcher[]> {
  try {
    return await allLaunchers();
  } catch (error) {
    console.error(`Only Deno's workers are tested: ${(error as Error).message}`);
    return [DENO];
  }
}

Deno.test({
  name: "workers on Deno, Bun and Node lose and double nothing on Redis when killed and paused",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const rng = seededRng(SEED);
    await using run = await RedisRun.start();
    await using store = redisStore(run.url);
    await using client = new Client({ store });
    const all = await launchers();
    await using workers = new Workers("tests/faults/worker.ts", run.workerArgs(LEASE_MS), all);
    workers.start(LONG ? 6 : 3);
    const handles = await enqueueWork(client, rng, LONG ? 5000 : 400, LONG ? 600 : 500);
    await workers.trouble({ rng, ...trouble });
    const lost = await assertCompletedOnce(store, handles, run.effects);
    const ran = [...new Set((await startsIn(run.effects)).map(({ runtime }) => runtime))].sort();
    console.log(
      `${workers.killed} killed, ${workers.paused} paused, ${lost} deliveries lost, ` +
        `${handles.length} jobs completed once on ${ran.join(", ")}`,
    );
    assert(workers.crashes.length === 0, workers.crashes.join());
    assert(workers.killed > 0 && lost > 0, "the test has met what it is about");
    assertEquals(ran, all.map(({ name }) => name as string).sort());
  },
});
