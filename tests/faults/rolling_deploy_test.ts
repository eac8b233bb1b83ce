/**
 * Servers of this version and of a next one work on one store, are killed and paused, and what one
 * enqueues, holds, retries or ends the other goes on with. All that was accepted ends as it must: no
 * job is lost, none is held by two, no child runs before its parents. The seed is printed, so that
 * a failure can be replayed: GQM_SEED=….
 */

import { assert, assertEquals } from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import { redisStore, sqliteStore, type Store } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { VERSION } from "../../src/version.ts";
import { runMixed } from "../support/mixed/run.ts";
import { NEWS, NEXT_VERSION, NextVersion } from "../support/next_version.ts";
import { LONG, RedisRun, SEED } from "../support/redis/run.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { DENO, Workers } from "../support/workers.ts";

const WORKER = "tests/faults/mixed_worker.ts";
const LEASE_MS = "1000";
/** Time for a worker to come up and hold jobs. */
const KILL_EVERY_MS = 1200;
/** The producer hardly waits for the store: it asks again. */
const PATIENCE_MS = 50;

/** Waits until servers of both versions say that they are there. */
async function untilBoth(store: Store): Promise<void> {
  for (let seen = new Set<string>(); seen.size < 2;) {
    await delay(20);
    const { servers } = await store.servers({ limit: 500 });
    seen = new Set(servers.map(({ about }) => about.version));
    for (const version of seen) assert([VERSION, NEXT_VERSION].includes(version), version);
  }
}

Deno.test({
  name: "servers of two versions on Redis lose and double nothing, also when scripts are forgotten",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    await using next = await NextVersion.make();
    await using server = await RedisServer.start();
    await using redis = await RespClient.connect(server.url);
    await using run = await RedisRun.start(server.url);
    await using store = redisStore(run.url, { patienceMs: PATIENCE_MS });
    await using workers = new Workers(WORKER, [run.url, run.effects, LEASE_MS], [
      next.launcher,
      DENO,
    ]);
    await store.open();
    const forget = async (): Promise<void> => void await redis.call("SCRIPT", "FLUSH");
    await runMixed({
      store,
      workers,
      effects: run.effects,
      rng: seededRng(SEED),
      jobs: LONG ? 20_000 : 800,
      forMs: LONG ? 60_000 : 9000,
      killEveryMs: KILL_EVERY_MS,
      untilReady: () => untilBoth(store),
      storeFaults: [forget, forget, forget],
    });
    const [news] = await redis.call("KEYS", `*:${NEWS}`) as string[];
    const calls = Number(await redis.call("GET", news!));
    console.log(`${calls} calls of scripts of the next version`);
    assert(calls > 0, "both versions were at work");
    const { findings } = await store.check({ repair: false, limit: 10_000 });
    assertEquals(findings, []);
  },
});

Deno.test("servers of two versions on SQLite lose and double nothing", async () => {
  console.log(`seed ${SEED}`);
  await using next = await NextVersion.make();
  const folder = await Deno.makeTempDir({ prefix: "gqm-faults-" });
  try {
    const effects = `${folder}/effects.log`;
    await Deno.writeTextFile(effects, "");
    await using store = sqliteStore(`${folder}/jobs.db`);
    const args = [`sqlite:${folder}/jobs.db`, effects, LEASE_MS];
    await using workers = new Workers(WORKER, args, [next.launcher, DENO]);
    await store.open();
    await runMixed({
      store,
      workers,
      effects,
      rng: seededRng(SEED),
      jobs: LONG ? 5000 : 400,
      forMs: LONG ? 30_000 : 9000,
      killEveryMs: KILL_EVERY_MS,
      untilReady: () => untilBoth(store),
      storeFaults: [],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
