/** A Redis that is out of memory refuses new jobs, and lets those that it has come to their end. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreRefusedError } from "../../../../src/store/errors.ts";
import { redisStore } from "../../../../src/store/redis/store.ts";
import { newJob } from "../../../../src/testing/conformance/builders.ts";
import {
  change,
  define,
  fire,
  scheduleState,
} from "../../../../src/testing/conformance/schedule_builders.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../../../support/redis/server.ts";

const job = (id: string, type: string, delayMs = 0) => [
  { ...{ id, type, queue: "q", priority: 0, payload: "1", settings: {} }, delayMs },
];

Deno.test({
  name: "a Redis out of memory refuses new jobs, and runs those that it has",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using server = await RedisServer.start();
    await using store = redisStore(server.url);
    await using client = await RespClient.connect(server.url);
    await store.open();
    await store.enqueue([job("a", "t"), job("b", "t"), job("c", "u"), job("late", "t", 50)]);
    const sources = [{ queue: "q", types: ["t", "u"], share: 10 }];
    const request = { server: "s", pool: "p", sources, limit: 1, leaseMs: 60_000 };
    const { jobs: [a] } = await store.claim(request);

    await client.call("CONFIG", "SET", "maxmemory", "1");
    await assertRejects(() => store.enqueue([job("new", "t")]), StoreRefusedError, "OOM");
    const holds = [{ id: "a", fence: a!.holder.fence }];
    const beat = await store.heartbeat({ server: "s", leaseMs: 60_000, holds });
    assertEquals([beat.lost, beat.unknown], [[], []]);
    const outcomes = [{
      ...holds[0]!,
      verdict: { kind: "complete", result: "1" } as const,
      ranMs: 1,
    }];
    const { results, claimed } = await store.settle({ outcomes, claim: request });
    assertEquals([results, claimed?.jobs.map(({ id }) => id)], [["ok"], ["b"]]);
    // By the store's own clock: the delayed job becomes due while memory is full.
    while ((await store.getJobs(["late"]))[0]?.status === "scheduled") await store.promote(10);
    // Only what was started is told, and nothing is settled.
    const startMark = { server: "s", pool: "p", unstartedFrom: claimed!.jobs[0]!.holder.fence };
    assertEquals(await store.settle({ outcomes: [], startMark }), { results: [] });
    const { jobs } = await store.claim({ ...request, limit: 10, ahead: 9 });
    assertEquals(jobs.map(({ id }) => id), ["c", "late"]);

    await client.call("CONFIG", "SET", "maxmemory", "0");
    const counts = (await store.counts()).map(({ type, status, count }) => [type, status, count]);
    assertEquals(counts.sort(), [
      ["t", "completed", 1],
      ["t", "processing", 2],
      ["u", "processing", 1],
    ]);
  },
});

Deno.test({
  name: "a Redis out of memory fires no schedule, and lets them be paused and removed",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using server = await RedisServer.start();
    await using store = redisStore(server.url);
    await using client = await RespClient.connect(server.url);
    await store.open();
    const first = newJob("a");
    const made = await change(store, define("s", { dueAt: 5, fires: [fire(first)] }));

    await client.call("CONFIG", "SET", "maxmemory", "1");
    const fires = [fire(newJob("b"), { overlap: "replace" })];
    const late = { id: "s", version: made.version, fires };
    await assertRejects(() => store.changeSchedule(late), StoreRefusedError, "OOM");
    assertEquals((await store.schedules({ ids: ["s"] })).records, [made]);
    assertEquals((await store.getJobs(["a", "b"])).map((one) => one?.status), [
      "ready",
      undefined,
    ]);
    const write = scheduleState({ paused: true });
    const { version } = await change(store, { id: "s", version: made.version, write });
    await store.changeSchedule({ id: "s", version, write: null });
    assertEquals((await store.schedules({ limit: 5 })).records, []);
  },
});

Deno.test({
  name: "a Redis out of memory lets people intervene, except for new payloads",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using server = await RedisServer.start();
    await using store = redisStore(server.url);
    await using client = await RespClient.connect(server.url);
    await store.open();
    const waiting = ["a", "b", "c", "d", "e"].map((id) => job(id, "t"));
    await store.enqueue([job("held", "t"), ...waiting, job("later", "t", 60_000)]);
    const sources = [{ queue: "q", types: ["t"], share: 10 }];
    await store.claim({ server: "s", pool: "p", sources, limit: 1, leaseMs: 60_000 });

    await client.call("CONFIG", "SET", "maxmemory", "1");
    const target = { queue: "q", type: null };
    await store.pause(target, true);
    assertEquals(await store.paused(), [target]);
    await store.pause(target, false);
    const edit = { kind: "edit", payload: "2" } as const;
    await assertRejects(() => store.act(["c", "later"], edit), StoreRefusedError, "OOM");
    await store.act(["d"], { kind: "prioritize", priority: 1 });
    await store.act(["held", "a"], { kind: "cancel", reason: "no room" });
    await store.act(["b", "a"], { kind: "remove" });
    await store.act(["later"], { kind: "promote" });

    const found = await store.getJobs(["held", "a", "b", "c", "d", "later"]);
    assertEquals(found.map((one) => one && [one.status, one.payload, one.priority]), [
      ["canceled", "1", 0],
      null,
      null,
      ["ready", "1", 0],
      ["ready", "1", 1],
      ["ready", "1", 0],
    ]);
  },
});

Deno.test({
  name: "a Redis out of memory lets people log in, and counts their tries",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using server = await RedisServer.start();
    await using store = redisStore(server.url);
    await using client = await RespClient.connect(server.url);
    await store.open();
    await client.call("CONFIG", "SET", "maxmemory", "1");
    const rule = { limit: 1, windowMs: 60_000 };
    assertEquals((await store.hit("ada", rule)).allowed, true);
    assertEquals((await store.hit("ada", rule)).allowed, false);
    await store.unhit("ada", 1);
    await store.putMemos([{ key: "session:1", value: "ada", ttlMs: 60_000 }]);
    assertEquals(await store.addMemo({ key: "session:1", value: "bob", ttlMs: 60_000 }), "ada");
    assertEquals(await store.addMemo({ key: "request:1", value: "x", ttlMs: 60_000 }), null);
    await store.addToTrail("audit", ["ada logged in"], { most: 10 });
    assertEquals(await store.memos(["session:1", "request:1"]), ["ada", "x"]);
    assertEquals((await store.trail("audit", { limit: 5 })).entries.length, 1);
  },
});

Deno.test({
  name: "Redis itself lets go of memos and hits, a while after their end",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using server = await RedisServer.start();
    await using store = redisStore(server.url);
    await using client = await RespClient.connect(server.url);
    await store.open();
    await store.putMemos([{ key: "a", value: "x", ttlMs: 5000 }]);
    await store.addMemo({ key: "b", value: "x", ttlMs: 5000 });
    await store.hit("c", { limit: 1, windowMs: 5000 });
    for (const key of ["memo:a", "memo:b", "hits:c"]) {
      const left = Number(await client.call("PTTL", `{gqm}:${key}`));
      assert(left > 60_000 - 10_000 && left <= 65_100, `${key} goes in ${left} ms`);
    }
  },
});
