/** Rare ways through the Redis store, each of which once went wrong. */

import { assert, assertEquals } from "@std/assert";
import { redisStore } from "../../../../src/store/redis/store.ts";
import type { ClaimedJob } from "../../../../src/job/job.ts";
import type {
  ClaimRequest,
  NewJob,
  RetentionLimits,
  Store,
  Verdict,
} from "../../../../src/store/store.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

const ignore = testRedisProblem() !== undefined;
const LARGE = `"${"x".repeat(9000)}"`;
const complete: Verdict = { kind: "complete", result: null };

function job(id: string, fields: Partial<NewJob> = {}): NewJob {
  return { id, type: "t", queue: "q", priority: 0, payload: "1", settings: {}, ...fields };
}

interface Place {
  readonly store: Store;
  readonly clock: FakeClock;
  /** Sends a command; `KEY` in an argument stands for the root of all keys. */
  readonly call: (...words: string[]) => Promise<unknown>;
  /** Names of the keys, without their root. */
  readonly keys: () => Promise<string[]>;
}

function test(
  name: string,
  use: (place: Place) => Promise<void>,
  retention: Partial<RetentionLimits> = {},
): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const prefix = uniquePrefix();
      const root = `{${prefix}}:`;
      const clock = new FakeClock();
      try {
        await using store = redisStore(testRedis(), { prefix, clock, retention });
        await store.open();
        await using client = await RespClient.connect(testRedis());
        const call: Place["call"] = (...words) =>
          client.call(...words.map((word) => word.replace("KEY:", root)));
        const keys = async (): Promise<string[]> =>
          (await call("KEYS", "KEY:*") as string[]).map((key) => key.slice(root.length)).sort();
        await use({ store, clock, call, keys });
      } finally {
        await removeKeys(testRedis(), prefix);
      }
    },
  });
}

function request(fields: Partial<ClaimRequest> = {}): ClaimRequest {
  const sources = [{ queue: null, types: ["t"], share: 1000 }];
  return { server: "s", pool: "p", sources, limit: 10, leaseMs: 1000, ...fields };
}

async function put(store: Store, ...jobs: readonly NewJob[]): Promise<void> {
  const replies = await store.enqueue(jobs.map((one) => [one]));
  assert(replies.every(({ outcome }) => outcome === "created"));
}

async function claim(
  store: Store,
  fields: Partial<ClaimRequest> = {},
): Promise<readonly ClaimedJob[]> {
  return (await store.claim(request(fields))).jobs;
}

async function settle(
  store: Store,
  { id, holder: { fence } }: ClaimedJob,
  verdict: Verdict,
): Promise<void> {
  const { results } = await store.settle({ outcomes: [{ id, fence, verdict, ranMs: 1 }] });
  assertEquals(results, ["ok"]);
}

test("claim() finds jobs of a low priority behind 64 lanes of other types", async ({ store }) => {
  await put(store, job("first", { priority: 5 }));
  for (let i = 0; i < 64; i++) await put(store, job(`o${i}`, { type: `o${i}`, priority: 3 }));
  await put(store, ...Array.from({ length: 100 }, (_, i) => job(`j${i}`)));
  assertEquals((await claim(store, { limit: 50 })).length, 50);
});

test("promote() keeps to due times over many types, in bounded steps", async ({ store, clock }) => {
  const jobs = Array.from(
    { length: 200 },
    (_, i) => job(`j${i}`, { type: `t${i % 80}`, delayMs: 1 + (i * 37) % 200 }),
  );
  await put(store, ...jobs);
  await clock.advance(200);
  for (let calls = 0; calls < 100; calls++) {
    if ((await store.promote(20)).nextInMs === null) break;
  }
  const types = Array.from({ length: 80 }, (_, i) => `t${i}`);
  const got = await claim(store, { limit: 200, sources: [{ queue: "q", types, share: 200 }] });
  const byDue = jobs.toSorted((a, b) => a.delayMs! - b.delayMs!).map(({ id }) => id);
  assertEquals(got.map(({ id }) => id), byDue);
});

test("a refused enqueue leaves no payload for ever", async ({ store, call, keys }) => {
  await put(store, job("a", { payload: LARGE }));
  const [reply] = await store.enqueue([[job("a", { payload: LARGE })]]);
  assertEquals(reply?.outcome, "duplicate");
  const bigs = (await keys()).filter((key) => key.startsWith("big:"));
  const lives = await Promise.all(bigs.map((key) => call("TTL", `KEY:${key}`)));
  assertEquals(lives.filter((ttl) => ttl === -1).length, 1, "only that of the job");
  assertEquals((await store.getJobs(["a"]))[0]?.payload, LARGE);
});

test("large payloads and results are fetched in calls of a bounded size", async ({ store, call }) => {
  const textOf = (i: number): string => JSON.stringify(`${i}`.repeat(i === 4 ? 600_000 : 150_000));
  const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  await put(store, ...ids.map((i) => job(`j${i}`, { payload: textOf(i) })), job("small"));
  const calls = async (): Promise<number> =>
    Number(/cmdstat_mget:calls=(\d+)/.exec(String(await call("INFO", "commandstats")))?.[1] ?? 0);
  const before = await calls();
  const held = await claim(store, { limit: 10 });
  assertEquals(held.map(({ payload }) => payload), [...ids.map(textOf), "1"]);
  const after = await calls();
  // Three at a time, but for the one that goes alone.
  assert(after - before >= 4, `${after - before} calls`);
  const outcomes = held.map(({ id, holder, payload }) => ({
    ...{ id, fence: holder.fence, ranMs: 0 },
    verdict: { kind: "complete", result: id === "j2" ? null : payload } as const,
  }));
  await store.settle({ outcomes });
  const found = await store.getJobs(["j9", "j2", "none", "small", "j4"]);
  assertEquals(found.map((one) => one?.payload), [textOf(9), textOf(2), undefined, "1", textOf(4)]);
  assertEquals(found.map((one) => one?.result), [textOf(9), null, undefined, "1", textOf(4)]);
});

test(
  "nothing is left of a large job that is removed the moment it ends",
  async ({ store, keys }) => {
    await put(store, job("a", { payload: LARGE }));
    const [held] = await claim(store);
    await settle(store, held!, { kind: "complete", result: LARGE });
    const left = (await keys()).filter((key) => /^(big|res|log|state|jobs|told)/.test(key));
    assertEquals(left, []);
  },
  { completedMs: 0 },
);

test(
  "who waits gets all of a large job that is removed the moment it ends",
  async ({ store, call }) => {
    await put(store, job("a", { payload: LARGE }));
    const waiting = store.awaitFinal("a");
    const [held] = await claim(store);
    const { fence } = held!.holder;
    await store.report([{ id: "a", fence, progress: { value: 0.5 }, logs: ["line"] }]);
    while (await call("EXISTS", "KEY:waits") === 0);
    await settle(store, held!, { kind: "complete", result: LARGE });
    const record = await waiting;
    assertEquals([record?.payload, record?.result], [LARGE, LARGE]);
    assertEquals([record?.progress?.value, record?.logs.map(({ text }) => text)], [0.5, ["line"]]);
  },
  { completedMs: 0 },
);

test("a type that looks like flags takes no payload of another job with it", async ({ store, keys }) => {
  await put(store, job("victim", { payload: LARGE }));
  const name = (await keys()).find((key) => key.startsWith("big:"))!.slice(4);
  const type = `x;b${name};`;
  await put(store, job("a", { type, settings: { retention: { completedMs: 0 } } }));
  const [held] = await claim(store, { sources: [{ queue: "q", types: [type], share: 1 }] });
  await settle(store, held!, complete);
  assertEquals((await store.getJobs(["victim"]))[0]?.payload, LARGE);
});

test("a lane that nobody claims from does not grow by jobs that expire", async ({ store, clock, call }) => {
  await put(store, job("living"));
  for (let round = 0; round < 5; round++) {
    const settings = { expireAt: clock.now() + 1 };
    await put(store, ...Array.from({ length: 400 }, (_, i) => job(`e${round}-${i}`, { settings })));
    await clock.advance(1);
    while ((await store.expire(500)).nextInMs === 0);
  }
  assertEquals(await call("LLEN", "KEY:l:q|30t"), 1);
  assertEquals(await call("EXISTS", "KEY:tombs"), 0);
  assertEquals((await claim(store)).map(({ id }) => id), ["living"]);
});

test("claim() of more than 500 keeps the shares", async ({ store }) => {
  for (const queue of ["a", "b"]) {
    await put(store, ...Array.from({ length: 900 }, (_, i) => job(`${queue}${i}`, { queue })));
  }
  const sources = ["a", "b"].map((queue) => ({ queue, types: ["t"], share: 400 }));
  const jobs = await claim(store, { limit: 800, sources });
  assertEquals(jobs.filter(({ queue }) => queue === "a").length, 400);
});

test("claim() takes from each of a thousand queues in turn", async ({ store }) => {
  const queues = Array.from({ length: 1000 }, (_, i) => `q${i}`);
  await put(store, ...queues.map((queue) => job(`j-${queue}`, { queue })));
  await put(store, job("other", { queue: "q500", type: "u" }));
  const got = new Set<string>();
  for (let calls = 0; calls < 200 && got.size < 1000; calls++) {
    for (const { id } of await claim(store, { limit: 20 })) got.add(id);
  }
  assertEquals(got.size, 1000);
  const sources = [{ queue: null, types: ["u"], share: 1 }];
  assertEquals((await claim(store, { sources })).map(({ id }) => id), ["other"]);
});

test("a server with nine thousand types claims and settles", async ({ store }) => {
  await put(store, job("a"), job("b"));
  const types = Array.from({ length: 9000 }, (_, i) => `t${i}`).concat("t");
  const sources = [{ queue: "q", types, share: 1 }];
  const [a] = await claim(store, { sources, limit: 1 });
  const outcomes = [{ id: "a", fence: a!.holder.fence, verdict: complete, ranMs: 0 }];
  const { claimed } = await store.settle({ outcomes, claim: request({ sources, limit: 1 }) });
  assertEquals(claimed?.jobs.map(({ id }) => id), ["b"]);
});

test(
  "names of queues and types are forgotten when nothing stands behind them",
  async ({ store, keys, clock }) => {
    for (let i = 0; i < 30; i++) {
      await put(store, job(`j${i}`, { queue: `q${i % 10}`, type: `t${i % 3}`, priority: i % 2 }));
    }
    const types = ["t0", "t1", "t2"];
    for (
      const held of await claim(store, { limit: 30, sources: [{ queue: null, types, share: 30 }] })
    ) {
      await settle(store, held, complete);
    }
    await clock.advance(10);
    for (let i = 0; i < 50; i++) await store.prune(100);
    const left = (await keys()).filter((key) =>
      !/^(seq|fence|layout|claims|leases:s|servers|own:|active|tape)/.test(key)
    );
    assertEquals(left, []);
  },
  { completedMs: 10 },
);

test("an empty group beside others is created", async ({ store }) => {
  await put(store, job("b"));
  const replies = await store.enqueue([[job("a"), job("b")], [], [job("c")]]);
  assertEquals(replies.map(({ outcome }) => outcome), ["duplicate", "created", "created"]);
});

test("heartbeat() forgets the short lease of a server that is gone", async ({ store, clock }) => {
  const beat = async (server: string, leaseMs: number): Promise<number | undefined> =>
    (await store.heartbeat({ server, leaseMs, holds: [] })).shortestLeaseMs;
  assertEquals(await beat("long", 15_000), 15_000);
  assertEquals(await beat("short", 1000), 1000);
  assertEquals(await beat("long", 15_000), 1000);
  await clock.advance(10_001);
  assertEquals(await beat("long", 15_000), 15_000);
});
