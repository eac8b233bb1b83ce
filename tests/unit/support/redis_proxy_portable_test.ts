/** The proxy that makes faults happen, between ioredis and a real Redis. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { Redis, type RedisOptions } from "ioredis";
import type { FaultAction } from "../../support/redis/faults.ts";
import { FaultProxy } from "../../support/redis/proxy.ts";
import { RespClient } from "../../support/redis/resp_client.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";

const skip = testRedisProblem() ?? false;

/** A proxy, a client on it that does not try again, another beside it, and keys of their own. */
async function setUp(options: RedisOptions = {}) {
  const prefix = uniquePrefix();
  const proxy = await FaultProxy.start(testRedis());
  const direct = await RespClient.connect(testRedis());
  const client = new Redis(proxy.url, {
    lazyConnect: true,
    retryStrategy: () => null,
    disableClientInfo: true,
    ...options,
  });
  client.on("error", () => {}); // each command that fails says so
  await client.connect();
  const key = `${prefix}:n`;
  return {
    proxy,
    client,
    direct,
    key,
    /** What stands in Redis, asked for past the proxy. */
    value: () => direct.call("GET", key),
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await direct[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await removeKeys(testRedis(), prefix);
    },
  };
}

/** Whether the connection was lost, for `assert.rejects`. */
const LOST = /Connection is closed|ECONNRESET|EPIPE|closed/i;

describe("FaultProxy", { skip }, () => {
  for (const protocol of [2, 3] as const) {
    it(`matches pipelined replies with their commands in RESP${protocol}`, async () => {
      await using t = await setUp({ protocol });
      const repeated = t.proxy.faults.add({
        match: ({ name, args }) => name === "ECHO" && args[0] === "drop",
        action: "delayReply",
        ms: 1,
      });
      const binary = new Uint8Array(100_000).map((_, i) => i % 256);
      const results = await Promise.all([
        t.client.set(t.key, Buffer.from(binary)),
        t.client.getBuffer(t.key),
        t.client.echo("drop"),
        t.client.multi().hset(`${t.key}h`, "a", "1").hgetall(`${t.key}h`).exec(),
        t.client.lrange(`${t.key}none`, 0, -1),
        t.client.get(`${t.key}none`),
        t.client.incr(`${t.key}i`),
      ]);
      assert.equal(results[0], "OK");
      assert.deepEqual(new Uint8Array(results[1] ?? []), binary);
      assert.deepEqual(results.slice(2), [
        "drop",
        [[null, 1], [null, { a: "1" }]],
        [],
        null,
        1,
      ]);
      assert.equal(repeated.hits, 1);
      const names = t.proxy.log.map(({ name }) => name);
      assert.deepEqual(names.slice(names.indexOf("SET")), [
        ...["SET", "GET", "ECHO", "MULTI", "HSET", "HGETALL", "EXEC", "LRANGE", "GET", "INCR"],
      ]);
    });

    it(`counts no message as a reply in RESP${protocol}`, async () => {
      await using t = await setUp({ protocol });
      const channels = [`${t.key}a`, `${t.key}b`];
      const messages: string[] = [];
      const got = new Promise<void>((resolve) =>
        t.client.on("message", (_, text) => {
          if (messages.push(text) === 2) resolve();
        })
      );
      assert.equal(await t.client.subscribe(...channels), 2);
      await t.direct.call("PUBLISH", `${t.key}a`, "one");
      await t.direct.call("PUBLISH", `${t.key}b`, "two");
      await got;
      const fault = t.proxy.faults.add({
        match: ({ name }) => name === "UNSUBSCRIBE",
        action: "delayReply",
        ms: 1,
      });
      assert.equal(await t.client.unsubscribe(...channels), 0);
      assert.deepEqual([messages, fault.hits], [["one", "two"], 1]);
      assert.equal(await t.client.echo("on"), "on");
    });
  }

  const lossy: readonly [FaultAction, string | null][] = [
    [{ action: "cutBeforeCommand" }, "1"],
    [{ action: "cutCommandAt", bytes: 9 }, "1"],
    [{ action: "cutAfterCommand" }, "2"],
    [{ action: "cutReplyAt", bytes: 2 }, "2"],
  ];
  for (const [action, value] of lossy) {
    it(`answers earlier commands and runs no later one when it does ${action.action}`, async () => {
      await using t = await setUp();
      const fault = t.proxy.faults.add({
        match: ({ name, args }) => name === "INCRBY" && args[0] === t.key,
        ...action,
      });
      const settled = await Promise.allSettled([
        t.client.incr(t.key),
        t.client.incrby(t.key, 1),
        t.client.incrby(t.key, 10),
      ]);
      assert.deepEqual(settled.map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
      for (const result of settled) {
        if (result.status === "rejected") assert.match(String(result.reason), LOST);
      }
      assert.deepEqual([await t.value(), fault.hits], [value, 1]);
      assert.equal(t.proxy.log.at(-1)?.fault, action.action);
    });
  }

  it("swallows a reply and keeps the connection when it does dropReply", async () => {
    await using t = await setUp();
    await using raw = await RespClient.connect(t.proxy.url);
    t.proxy.faults.add({ match: ({ name }) => name === "INCR", action: "dropReply" });
    const replies = [raw.call("INCR", t.key), raw.call("ECHO", "the next reply")];
    replies[1]?.catch(() => {}); // its reply went to the one before
    assert.equal(await replies[0], "the next reply");
    assert.deepEqual([await t.value(), t.proxy.connections], ["1", 2]);
  });

  it("delivers a reply twice when it does repeatReply", async () => {
    await using t = await setUp();
    await using raw = await RespClient.connect(t.proxy.url);
    t.proxy.faults.add({ match: ({ name }) => name === "INCR", action: "repeatReply" });
    assert.deepEqual(await Promise.all([raw.call("INCR", t.key), raw.call("ECHO", "x")]), [1, 1]);
    assert.equal(await t.value(), "1");
  });

  for (const action of ["stall", "stallAfterCommand"] as const) {
    it(`delivers nothing and closes nothing when it does ${action}`, async () => {
      await using t = await setUp();
      const fault = t.proxy.faults.add({ match: ({ name }) => name === "INCR", action });
      const lost = assert.rejects(t.client.incr(t.key), LOST);
      await fault.happened();
      const later = assert.rejects(t.client.set(t.key, "later"), LOST);
      assert.deepEqual([await t.value(), t.proxy.connections], [
        action === "stall" ? null : "1",
        1,
      ]);
      await t.proxy.cutAll();
      await Promise.all([lost, later]);
      assert.equal(t.proxy.connections, 0);
    });
  }

  it("holds a command back until a promise settles when it does delayCommand", async () => {
    await using t = await setUp();
    const { promise: until, resolve } = Promise.withResolvers<void>();
    t.proxy.faults.add({ match: ({ name }) => name === "APPEND", action: "delayCommand", until });
    const seen = t.proxy.next(({ name }) => name === "APPEND");
    const appended = t.client.append(t.key, "b");
    await seen;
    await t.direct.call("APPEND", t.key, "a");
    resolve();
    assert.equal(await appended, 2);
    assert.equal(await t.value(), "ab");
  });

  it("happens as often as told, on all connections, until removed", async () => {
    await using t = await setUp({ retryStrategy: () => 1, maxRetriesPerRequest: 5 });
    const fault = t.proxy.faults.add({
      match: ({ name }) => name === "INCR",
      action: "cutAfterCommand",
      times: 2,
    });
    assert.equal(await t.client.incr(t.key), 3);
    assert.deepEqual([fault.hits, t.proxy.accepted], [2, 3]);
  });

  it("closes new connections while it refuses", async () => {
    await using t = await setUp({ retryStrategy: () => 1, maxRetriesPerRequest: null });
    t.proxy.refuse(true);
    await t.proxy.cutAll();
    const incremented = t.client.incr(t.key);
    await new Promise((resolve) => t.client.once("reconnecting", resolve));
    await new Promise((resolve) => t.client.once("close", resolve));
    assert.deepEqual([t.proxy.accepted, await t.value()], [1, null]);
    t.proxy.refuse(false);
    assert.equal(await incremented, 1);
  });

  it("names scripts by their hash, text and loading", async () => {
    await using t = await setUp();
    const text = `return redis.call("INCR", KEYS[1])`;
    t.proxy.nameScript("count", { text });
    const sha = String(await t.client.script("LOAD", text));
    await t.client.evalsha(sha, 1, t.key);
    await t.client.eval(text, 1, t.key);
    const named = t.proxy.log.filter(({ script }) => script === "count");
    assert.deepEqual(named.map(({ name }) => name), ["SCRIPT", "EVALSHA", "EVAL"]);
  });

  it("passes on what Redis answers to a command that blocks", async () => {
    await using t = await setUp();
    const seen = t.proxy.next(({ name }) => name === "BLPOP");
    const popped = t.client.blpop(t.key, 0);
    await seen;
    await t.direct.call("RPUSH", t.key, "x");
    assert.deepEqual(await popped, [t.key, "x"]);
  });
});
