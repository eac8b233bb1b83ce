/**
 * Redis itself fails while workers are busy: it is killed and comes back with
 * all that it had on disk, or forgets its scripts. What was accepted is
 * completed once.
 */

import { assert, assertEquals } from "@std/assert";
import { Client, redisStore } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { assertCompletedOnce, enqueueWork } from "../support/effects.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { LONG, RedisRun, SEED } from "../support/redis/run.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { Workers } from "../support/workers.ts";

const LEASE_MS = 2000;
const ROUNDS = LONG ? 50 : 5;

const faults: readonly [string, (redis: RedisServer) => Promise<void>][] = [
  ["is killed and restarted", (redis) => redis.restart({ signal: "SIGKILL" })],
  ["is asked to restart", (redis) => redis.restart({ signal: "SIGTERM" })],
  ["forgets its scripts", async (redis) => {
    await using admin = await RespClient.connect(redis.url);
    await admin.call("SCRIPT", "FLUSH", "SYNC");
  }],
];

for (const [what, happen] of faults) {
  Deno.test({
    name: `jobs are neither lost nor doubled when Redis ${what} in the middle`,
    ignore: serverProblem() !== undefined,
    fn: async () => {
      const rng = seededRng(SEED);
      await using redis = await RedisServer.start({ aof: true });
      await using run = await RedisRun.start(redis.url);
      await using store = redisStore(run.url, { patienceMs: 30_000 });
      await using client = new Client({ store });
      await using workers = new Workers("tests/faults/worker.ts", run.workerArgs(LEASE_MS));
      workers.start(2);
      // A producer that goes on whatever happens, and some who wait for results.
      let over = false;
      const handles = await enqueueWork(client, rng, 50);
      const early = handles.map((handle) => handle.result());
      const producing = (async () => {
        while (!over) handles.push(...await enqueueWork(client, rng, 10));
      })();
      for (let round = 0; round < ROUNDS; round++) {
        await new Promise((resolve) => setTimeout(resolve, 100 + rng() * 400));
        await happen(redis);
      }
      over = true;
      await producing;
      const lost = await assertCompletedOnce(store, handles, run.effects);
      await Promise.all(early);
      const total = (await store.counts()).reduce((sum, { count }) => sum + count, 0);
      assertEquals(total, handles.length, "what was accepted is there, and nothing else");
      assertEquals(workers.crashes, []);
      assert(await workers.stop().then((codes) => codes.every((code) => code === 0)));
      console.log(`${ROUNDS} times, ${handles.length} jobs completed once, ${lost} holders lost`);
    },
  });
}
