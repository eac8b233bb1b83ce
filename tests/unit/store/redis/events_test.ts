import { assertEquals } from "@std/assert";
import { redisStore } from "../../../../mod.ts";
import { newJob, put } from "../../../../src/testing/conformance/builders.ts";
import { inShort, toldBy } from "../../../../src/testing/conformance/hearing.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

const ignore = testRedisProblem() !== undefined;

/** Runs a test on an open store of its own, with a client beside it. */
function onStore(
  name: string,
  run: (
    store: ReturnType<typeof redisStore>,
    redis: RespClient,
    key: (name: string) => string,
  ) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const [url, prefix] = [testRedis(), uniquePrefix()];
      try {
        await using redis = await RespClient.connect(url);
        await using store = redisStore(url, { prefix });
        await store.open();
        await run(store, redis, (name) => `{${prefix}}:${name}`);
      } finally {
        await removeKeys(url, prefix);
      }
    },
  });
}

onStore("redisStore keeps no events when nobody listens", async (store, redis, key) => {
  await put(store, newJob("a"));
  assertEquals(await redis.call("EXISTS", key("events"), key("listen"), key("evwait")), 0);
});

onStore(
  "redisStore keeps events for a minute after a listener asked",
  async (store, redis, key) => {
    using _feed = await store.watchEvents();
    await put(store, newJob("a"));
    for (const name of ["listen", "events"]) {
      const ms = await redis.call("PTTL", key(name)) as number;
      assertEquals(ms > 50_000 && ms <= 60_000, true, `${name} lives for ${ms} ms`);
    }
  },
);

onStore(
  "redisStore.watchEvents begins with a gap when events were forgotten",
  async (store, redis, key) => {
    const feed = await store.watchEvents();
    await put(store, newJob("a"));
    const last = (await feed.next()).at(-1)!;
    feed[Symbol.dispose]();
    await redis.call("DEL", key("listen"), key("events")); // as their times to live do
    await put(store, newJob("b"));
    assertEquals(await redis.call("HEXISTS", key("jobs"), "\nlisten"), 0, "the hint goes, too");
    using again = await store.watchEvents(last.cursor);
    await put(store, newJob("c"));
    assertEquals(inShort(await toldBy(store, again)), ["gap", "c created ready"]);
  },
);

onStore(
  "redisStore.watchEvents tells of a gap where an old list was left",
  async (store, redis, key) => {
    const feed = await store.watchEvents();
    await put(store, newJob("a"));
    await redis.call("DEL", key("listen")); // the list lives a little longer
    await put(store, newJob("b"));
    using _other = await store.watchEvents();
    await put(store, newJob("c"));
    assertEquals(inShort(await feed.next()).slice(0, 2), ["gap", "c created ready"]);
    feed[Symbol.dispose]();
  },
);

onStore("redisStore.check sees no job in what says that somebody listens", async (store) => {
  using feed = await store.watchEvents();
  await put(store, newJob("a"));
  let cursor: string | undefined;
  do {
    const reply = await store.check({ repair: true, limit: 100, ...cursor && { cursor } });
    assertEquals(reply.findings, []);
    cursor = reply.cursor;
  } while (cursor !== undefined);
  await put(store, newJob("b"));
  assertEquals(inShort(await toldBy(store, feed)), ["a created ready", "b created ready"]);
});

onStore("redisStore publishes only to those who wait", async (store, redis, key) => {
  using feed = await store.watchEvents();
  await put(store, newJob("a"));
  await toldBy(store, feed);
  const waiting = feed.next();
  while (await redis.call("EXISTS", key("evwait")) === 0) { /* until it waits */ }
  await put(store, newJob("b"));
  assertEquals(inShort(await waiting), ["b created ready"]);
  assertEquals(await redis.call("EXISTS", key("evwait")), 0, "nobody waits now");
});

onStore(
  "redisStore.watchEvents tells of a gap for what only a newer version knows",
  async (store, redis, key) => {
    using feed = await store.watchEvents();
    await put(store, newJob("a"));
    for (const unknown of ["%|1|a|w|default|work", "w|1|a|%|default|work", "nothing"]) {
      await redis.call("RPUSH", key("events"), unknown);
      await redis.call("INCR", key("listen"));
    }
    await put(store, newJob("b"));
    const gaps = ["gap", "gap", "gap"];
    assertEquals(inShort(await toldBy(store, feed)), [
      "a created ready",
      ...gaps,
      "b created ready",
    ]);
  },
);
