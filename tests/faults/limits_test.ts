/**
 * Limits hold while the processes that run jobs are killed: slots are leases, none is lost, and
 * what is not limited goes on.
 */

import { appendFileSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { Client, redisStore, sqliteStore, type Store } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { isFinal } from "../../src/job/state.ts";
import { judge, type Seen } from "../support/limits_judge.ts";
import { LONG, RedisRun, SEED } from "../support/redis/run.ts";
import { testRedisProblem } from "../support/redis/shared.ts";
import { Workers } from "../support/workers.ts";

const LEASE_MS = 2000;
const FOR_MS = LONG ? 60_000 : 4000;
const KILL_EVERY_MS = LONG ? 1500 : 1000;
const CAPPED = LONG ? 1500 : 100;
/** Longest wait for what is left at the end. */
const END_MS = 120_000;
const RATE = { count: 20, perMs: 1000, burst: 10 };
/** Jobs of the unlimited type that wait at any time. */
const BACKLOG = 400;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Where a run happens. */
interface Place {
  readonly store: Store;
  readonly url: string;
  readonly effects: string;
}

Deno.test("limits on sqlite hold while workers are killed", async () => {
  const dir = await Deno.makeTempDir({ prefix: "gqm-limits-" });
  try {
    const places = (name: string): Place => {
      const path = `${dir}/${name}.db`;
      return { store: sqliteStore(path), url: `sqlite:${path}`, effects: `${dir}/${name}.log` };
    };
    await compare("sqlite", places);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test({
  name: "limits on redis hold while workers are killed",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    await using one = await RedisRun.start();
    await using other = await RedisRun.start();
    const places = (name: string): Place => {
      const { url, effects } = name === "with" ? one : other;
      return { store: redisStore(url), url, effects };
    };
    await compare("redis", places);
  },
});

/** The same with limited jobs in front, and without. */
async function compare(name: string, placeOf: (name: string) => Place): Promise<void> {
  const without = await play(placeOf("without"), false);
  const { seen, killed, freePerS } = await play(placeOf("with"), true);
  console.log(
    `seed ${SEED}, ${name}: ${killed} killed, at most ${seen.most.get("capped")} of 3 capped and ` +
      `${seen.most.get("keyed")} of 1 keyed at once, ${
        seen.starts.get("rated")
      } rated; unlimited ` +
      `behind them ${freePerS.toFixed(0)}/s, without them ${without.freePerS.toFixed(0)}/s`,
  );
  assert((seen.most.get("capped") ?? 0) <= 3, "at most 3 of the capped type at once");
  assert((seen.most.get("keyed") ?? 0) <= 1, "at most 1 of the key at once");
  assert(killed > 0, "the test has met what it is about");
}

interface Played {
  readonly seen: Seen;
  readonly killed: number;
  readonly freePerS: number;
}

async function play({ store, url, effects }: Place, limited: boolean): Promise<Played> {
  await Deno.writeTextFile(effects, "");
  await using _store = store;
  await using client = new Client({ store });
  const rng = seededRng(SEED);
  await client.limits.set({ type: "capped" }, { concurrency: 3 });
  await client.limits.set({ key: "k" }, { concurrency: 1 });
  await client.limits.set({ type: "rated" }, { rate: RATE });
  const ratedFrom = performance.now();
  if (limited) {
    for (let i = 0; i < CAPPED; i++) {
      await client.enqueueMany([
        { type: "capped", payload: { ms: 20 + Math.floor(rng() * 60) } },
        { type: "keyed", payload: { ms: 5 + Math.floor(rng() * 20) }, options: { limitKey: "k" } },
        { type: "rated", payload: { ms: 1 } },
      ]);
    }
  }
  await using workers = new Workers("tests/faults/limits_worker.ts", [
    url,
    effects,
    String(LEASE_MS),
  ]);
  const feeding = new AbortController();
  const fed = feed(client, store, feeding.signal);
  workers.start(3);
  while (!(judge(await Deno.readTextFile(effects)).ends.get("free") ?? 0)) await sleep(20);
  const before = judge(await Deno.readTextFile(effects)).ends.get("free")!;
  const began = performance.now();
  while (performance.now() < began + FOR_MS) {
    await sleep(KILL_EVERY_MS);
    const pids = workers.pids;
    await workers.replace(Math.floor(rng() * pids.length), (pid) => {
      appendFileSync(effects, `dead ${pid}\n`);
    });
  }
  const after = judge(await Deno.readTextFile(effects)).ends.get("free")!;
  const freePerS = (after - before) / (performance.now() - began) * 1000;
  feeding.abort();
  await fed;
  await untilDone(store);
  const ratedForMs = performance.now() - ratedFrom;
  const seen = judge(await Deno.readTextFile(effects));
  const rated = seen.starts.get("rated") ?? 0;
  const most = RATE.burst + RATE.count * ratedForMs / RATE.perMs;
  assert(rated <= most, `at most ${most} of the rated type in ${ratedForMs} ms: ${rated}`);
  for (const { target, running } of await store.limits()) {
    assertEquals([target, running], [target, 0], "no slot is left behind");
  }
  assertEquals((await store.check({ repair: false, limit: 1000 })).findings, []);
  assertEquals(workers.crashes, []);
  return { seen, killed: workers.killed, freePerS };
}

/** Keeps jobs of the unlimited type waiting. */
async function feed(client: Client, store: Store, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const counts = await store.counts();
    const waiting = counts.find(({ type, status }) => type === "free" && status === "ready");
    const missing = BACKLOG - (waiting?.count ?? 0);
    const item = { type: "free", payload: { ms: 10 } };
    if (missing > 0) await client.enqueueMany(Array.from({ length: missing }, () => item));
    else await sleep(20);
  }
}

async function untilDone(store: Store): Promise<void> {
  const end = performance.now() + END_MS;
  while (true) {
    const left = (await store.counts()).filter(({ status }) => !isFinal(status));
    if (left.length === 0) return;
    assert(performance.now() < end, `every job must end: ${JSON.stringify(left)}`);
    await sleep(50);
  }
}
