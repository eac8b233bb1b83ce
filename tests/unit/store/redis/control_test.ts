/** What interventions leave in Redis, and what they must find there. */

import { assertEquals } from "@std/assert";
import { scripts } from "../../../../src/store/redis/scripts.gen.ts";
import { redisStore } from "../../../../src/store/redis/store.ts";
import type { ClaimRequest, NewJob, Store } from "../../../../src/store/store.ts";
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

interface Place {
  readonly store: Store;
  readonly clock: FakeClock;
  /** Sends a command; `KEY` in an argument stands for the root of all keys. */
  readonly call: (...words: string[]) => Promise<unknown>;
}

function test(name: string, use: (place: Place) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const prefix = uniquePrefix();
      const clock = new FakeClock();
      try {
        await using store = redisStore(testRedis(), { prefix, clock });
        await store.open();
        await using client = await RespClient.connect(testRedis());
        const call: Place["call"] = (...words) =>
          client.call(...words.map((word) => word.replace("KEY:", `{${prefix}}:`)));
        await use({ store, clock, call });
      } finally {
        await removeKeys(testRedis(), prefix);
      }
    },
  });
}

function job(id: string, fields: Partial<NewJob> = {}): NewJob {
  return { id, type: "t", queue: "q", priority: 0, payload: "1", settings: {}, ...fields };
}

async function put(store: Store, ...jobs: readonly NewJob[]): Promise<void> {
  await store.enqueue(jobs.map((one) => [one]));
}

async function claim(store: Store, fields: Partial<ClaimRequest> = {}): Promise<string[]> {
  const sources = [{ queue: null, types: ["t", "u"], share: 1000 }];
  const request = { server: "s", pool: "p", sources, limit: 1000, leaseMs: 1000, ...fields };
  return (await store.claim(request)).jobs.map(({ id }) => id);
}

async function ready(store: Store): Promise<string[]> {
  return (await store.list({ status: "ready", limit: 99 })).jobs.map(({ id }) => id).reverse();
}

/** Enough jobs that no dead entry is swept away. */
const crowd = Array.from({ length: 9 }, (_, i) => `c${i}`);

const returns: readonly {
  readonly name: string;
  readonly first: boolean;
  readonly go: (store: Store) => Promise<void>;
}[] = [
  {
    name: "is removed and enqueued again",
    first: false,
    go: async (store) => {
      await store.act(["back"], { kind: "remove" });
      await put(store, job("back"));
    },
  },
  {
    name: "is removed and enqueued at the front",
    first: true,
    go: async (store) => {
      await store.act(["back"], { kind: "remove" });
      await put(store, job("back", { atFront: true }));
    },
  },
  {
    name: "changes its priority there and back, twice",
    first: false,
    go: async (store) => {
      for (const priority of [5, 0, -1, 0]) {
        await store.act(["back"], { kind: "prioritize", priority });
      }
    },
  },
  {
    name: "is canceled and retried",
    first: false,
    go: async (store) => {
      await store.act(["back"], { kind: "cancel", reason: "no" });
      await store.act(["back"], { kind: "retry" });
    },
  },
];

for (const { name, first, go } of returns) {
  test(`a job that ${name} has one place in its line, the last it got`, async ({ store, call }) => {
    await put(store, job("back"), ...crowd.map((id) => job(id)));
    await go(store);
    const line = first ? ["back", ...crowd] : [...crowd, "back"];
    assertEquals(await ready(store), line);
    assertEquals((await store.counts()).map(({ status, count }) => [status, count]), [
      ["ready", line.length],
    ]);
    const [head, ...rest] = line;
    assertEquals(await claim(store, { limit: 1 }), [head]);
    assertEquals([await claim(store), await claim(store)], [rest, []]);
    assertEquals(await call("EXISTS", "KEY:tombs"), 0);
  });
}

test("a lane that nobody claims from does not grow by jobs that are called off", async ({ store, call }) => {
  const ids = Array.from({ length: 450 }, (_, i) => `j${i}`);
  await put(store, job("living"));
  for (let round = 0; round < 4; round++) {
    await put(store, ...ids.map((id) => job(id)));
    await store.act(ids, { kind: "remove" });
  }
  assertEquals([await call("LLEN", "KEY:l:q|30t"), await call("EXISTS", "KEY:tombs")], [1, 0]);
  assertEquals(await claim(store), ["living"]);
});

test("edit of a large payload leaves nothing of it behind, and the job where it was", async ({ store, clock, call }) => {
  const settings = { expireAt: clock.now() + 500 };
  await put(store, job("now", { payload: LARGE }), job("later", { payload: LARGE, delayMs: 50 }));
  await put(store, job("late", { payload: LARGE, settings }), job("small"));
  const ids = ["now", "later", "late", "small"];
  const payload = JSON.stringify("%1 % \n|;b1;".repeat(1000));
  await store.act(ids, { kind: "edit", payload });
  assertEquals(await call("KEYS", "KEY:big:*"), []);
  await store.act(["later"], { kind: "prioritize", priority: -2 });
  const found = await store.getJobs(ids);
  assertEquals(found.map((one) => one?.payload), ids.map(() => payload));
  assertEquals(found.map((one) => one?.status), ["ready", "scheduled", "ready", "ready"]);
  await clock.advance(50);
  assertEquals(await claim(store, { limit: 2 }), ["now", "late"]);
  assertEquals(await claim(store), ["small", "later"]);
});

test("remove finds a completed job anywhere among many of one moment", async ({ store, clock, call }) => {
  const ids = Array.from({ length: 700 }, (_, i) => `j${i}`);
  for (const [i, part] of [ids.slice(0, 300), ids.slice(300, 301), ids.slice(301)].entries()) {
    if (i > 0) await clock.advance(1);
    await put(store, ...part.map((id) => job(id)));
    const sources = [{ queue: "q", types: ["t"], share: 500 }];
    const request = { server: "s", pool: "p", sources, limit: 500, leaseMs: 1000 };
    const { jobs } = await store.claim(request);
    const verdict = { kind: "complete", result: '"a\\nb"' } as const;
    await store.settle({
      outcomes: jobs.map(({ id, holder }) => ({ id, fence: holder.fence, verdict, ranMs: 1 })),
    });
  }
  const removed = ["j0", "j699", "j300", "j150", "j301", "j299"];
  const replies = await store.act(removed, { kind: "remove" });
  assertEquals(replies, removed.map(() => ({ outcome: "done", status: null })));
  assertEquals(await call("LLEN", "KEY:f:q|t"), 694);
  assertEquals(await store.getJobs(removed), removed.map(() => null));
  await store.act(ids, { kind: "remove" });
  assertEquals([await call("EXISTS", "KEY:f:q|t"), await call("HLEN", "KEY:state")], [0, 0]);
});

test("prune() gives no wake token to a line that is paused", async ({ store, call }) => {
  await put(store, job("a"), job("b", { type: "u" }));
  await call("DEL", "KEY:w:q|t", "KEY:w:q|u");
  await store.pause({ queue: "q", type: "t" }, true);
  await store.prune(10);
  assertEquals([await call("LLEN", "KEY:w:q|t"), await call("LLEN", "KEY:w:q|u")], [0, 1]);
  await store.pause({ queue: "q", type: "t" }, false);
  assertEquals(await call("LLEN", "KEY:w:q|t"), 1);
});

test("a claim after a wake passes on none to a line that is paused", async ({ store, clock, call }) => {
  await put(store, ...["a", "b"].map((id) => job(id)));
  await put(store, ...["c", "d"].map((id) => job(id, { type: "u" })));
  await store.pause({ queue: null, type: "t" }, true);
  await call("DEL", "KEY:w:q|t", "KEY:w:q|u");
  const request = ["1", "", "s", "p", "1000", "1", "", "", "1", "", "1", "2", "t", "u"];
  const retention = ["-1", "-1", "1000"];
  const notWaiting = "";
  const time = String(clock.now());
  await call("EVAL", scripts.claim, "1", "KEY:", "tag", time, ...retention, notWaiting, ...request);
  assertEquals([await call("LLEN", "KEY:w:q|t"), await call("LLEN", "KEY:w:q|u")], [0, 1]);
});

test("awaitFinal() hears of jobs that are called off or removed while they wait or run", async ({ store, call }) => {
  const settings = { retention: { failedMs: 0 } };
  await put(store, job("running", { settings }), job("held"));
  await claim(store);
  await put(store, job("canceled"), job("unkept", { settings }), job("removed", { delayMs: 9 }));
  const ids = ["running", "held", "canceled", "unkept", "removed"];
  const ends = ids.map((id) => store.awaitFinal(id, AbortSignal.timeout(9000)));
  while (await call("ZCARD", "KEY:waits") !== ids.length);
  await store.act(ids.slice(0, 4), { kind: "cancel", reason: "enough" });
  await store.act(["removed"], { kind: "remove" });
  const ended = await Promise.all(ends);
  assertEquals(ended.map((one) => one && [one.status, one.error, one.attempts.length]), [
    ["canceled", "enough", 1],
    ["canceled", "enough", 1],
    ["canceled", "enough", 0],
    ["canceled", "enough", 0],
    null,
  ]);
});
