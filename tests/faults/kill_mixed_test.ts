/**
 * Jobs of all kinds, and graphs of them, are enqueued while worker processes
 * are killed and paused, and while Redis is killed and restarted. All that was
 * accepted ends as it must: no job is lost, none is held by two, no child runs
 * before its parents. The seed is printed, so that a failure can be replayed:
 * GQM_SEED=….
 */

import { redisStore, sqliteStore } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { runMixed } from "../support/mixed/run.ts";
import { LONG, RedisRun, SEED } from "../support/redis/run.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { Workers } from "../support/workers.ts";

const WORKER = "tests/faults/mixed_worker.ts";
const LEASE_MS = "1000";
/** The producer hardly waits for Redis: it asks again. */
const PATIENCE_MS = 50;

Deno.test({
  name: "jobs of all kinds are neither lost nor doubled when workers and Redis are killed",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    await using redis = await RedisServer.start({ aof: true });
    await using run = await RedisRun.start(redis.url);
    await using store = redisStore(run.url, { patienceMs: PATIENCE_MS });
    await using workers = new Workers(WORKER, [run.url, run.effects, LEASE_MS]);
    const restarts = [
      () => redis.restart({ signal: "SIGKILL" }),
      () => redis.restart({ signal: "SIGTERM" }),
    ];
    await runMixed({
      store,
      workers,
      effects: run.effects,
      rng: seededRng(SEED),
      jobs: LONG ? 20_000 : 1000,
      forMs: LONG ? 60_000 : 6000,
      storeFaults: LONG ? restarts : restarts.slice(0, 1),
    });
  },
});

Deno.test("jobs of all kinds are neither lost nor doubled when workers on SQLite are killed", async () => {
  console.log(`seed ${SEED}`);
  const folder = await Deno.makeTempDir({ prefix: "gqm-faults-" });
  try {
    const effects = `${folder}/effects.log`;
    await Deno.writeTextFile(effects, "");
    await using store = sqliteStore(`${folder}/jobs.db`);
    await using workers = new Workers(WORKER, [`sqlite:${folder}/jobs.db`, effects, LEASE_MS]);
    await runMixed({
      store,
      workers,
      effects,
      rng: seededRng(SEED),
      jobs: LONG ? 5000 : 400,
      forMs: LONG ? 30_000 : 4000,
      storeFaults: [],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
