/**
 * Idle servers get their jobs by claims that wait in Redis. Their connections
 * are cut, Redis pauses and forgets its scripts while jobs come one by one:
 * each is run once, by one of them.
 */

import { assertEquals } from "@std/assert";
import { Client, Server } from "../../mod.ts";
import { sleep, systemClock } from "../../src/clock.ts";
import { seededRng } from "../../src/rng.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { LONG, SEED } from "../support/redis/run.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";

const JOBS = LONG ? 5000 : 400;
const LIMIT_MS = 30_000;

/** What goes wrong, by chance; each with what it needs. */
const faults: readonly ((admin: RespClient, rng: () => number) => Promise<unknown>)[] = [
  async (admin, rng) => {
    // Those that wait for work, and those on which calls are under way, more than others.
    const list = (await admin.call("CLIENT", "LIST", "TYPE", "NORMAL") as string).trim().split(
      "\n",
    );
    const others = list.filter((one) => !/ cmd=client/.test(one));
    const blocked = others.filter((one) => / cmd=blpop /.test(one));
    const among = blocked.length > 0 && rng() < 0.7 ? blocked : others;
    const id = /^id=(\d+)/.exec(among[Math.floor(rng() * among.length)] ?? "")?.[1];
    if (id !== undefined) await admin.call("CLIENT", "KILL", "ID", id);
  },
  (admin) => admin.call("CLIENT", "PAUSE", "15", "ALL"),
  (admin) => admin.call("SCRIPT", "FLUSH", "SYNC"),
];

Deno.test({
  name: "jobs that come one by one to idle servers are run once, whatever happens to their claims",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    console.log(`seed ${SEED}`);
    const rng = seededRng(SEED);
    await using redis = await RedisServer.start();
    await using admin = await RespClient.connect(redis.url);
    const runs = new Map<string, number>();
    await using one = serverAt(redis.url, runs, 1);
    await using two = serverAt(redis.url, runs, 5);
    await Promise.all([one.start(), two.start()]);
    await using client = new Client({ store: redis.url });
    let isOver = false;
    const trouble = (async () => {
      while (!isOver) {
        await sleep(systemClock, rng() * 30);
        await faults[Math.floor(rng() * faults.length)]!(admin, rng);
      }
    })();
    const handles = [];
    for (let i = 0; i < JOBS; i++) {
      handles.push(await client.enqueue("work", rng() < 0.5 ? 0 : Math.floor(rng() * 10)));
      await sleep(systemClock, rng() * 8);
    }
    isOver = true;
    await trouble;
    const signal = AbortSignal.timeout(LIMIT_MS);
    for (const handle of handles) await handle.result({ signal });
    const twice = handles.filter(({ id }) => runs.get(id) !== 1).map(({ id }) => id);
    assertEquals(twice, []);
  },
});

function serverAt(url: string, runs: Map<string, number>, concurrency: number): Server {
  const server = new Server({ store: url, leaseMs: 6000, logLevel: "silent" });
  server.pool({ name: "p", types: ["work"], concurrency });
  return server.handle("work", async ({ job }) => {
    runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
    if ((job.payload as number) > 0) await sleep(systemClock, job.payload as number);
  });
}
