/** The connections of a Redis store: how many there are, and that one that is lost comes back. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, type ConnectionEvent, redisStore, Server } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { type Connection, connectionsOf, until } from "./support/connections.ts";

const skip = serverProblem() ?? false;
const ROLES: readonly Connection["role"][] = ["main", "blocking", "hearing"];

/** What the connections are for, in order. */
async function rolesOf(admin: RespClient): Promise<string[]> {
  return (await connectionsOf(admin)).map(({ role }) => role).sort();
}

/** Kills one connection. */
async function kill(admin: RespClient, { id }: Connection): Promise<void> {
  await admin.call("CLIENT", "KILL", "ID", id);
}

/** Keeps this process from anything else. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("the connections of a Redis store", { skip }, () => {
  it("are one for who only enqueues and looks", async () => {
    await using redis = await RedisServer.start();
    await using admin = await RespClient.connect(redis.url);
    await using client = new Client({ store: redis.url });
    const handle = await client.enqueue("greet");
    await Promise.all(Array.from({ length: 50 }, () => client.enqueue("greet")));
    equal((await handle.job())?.status, "ready");
    deepEqual(await rolesOf(admin), ["main"]);
    const waiting = handle.result().catch(() => {});
    await until("it hears channels", async () => (await rolesOf(admin)).includes("hearing"));
    deepEqual(await rolesOf(admin), ["hearing", "main"]);
    await client.close();
    await waiting;
    deepEqual(await rolesOf(admin), []);
  });

  it("are three for a server, however many pools it has, and none after a stop", async () => {
    await using redis = await RedisServer.start();
    await using admin = await RespClient.connect(redis.url);
    await using server = new Server({ store: redis.url, leaseMs: 1000, logLevel: "silent" });
    for (let i = 0; i < 5; i++) {
      server.handle(`type${i}`, () => {}).pool({ name: `pool${i}`, types: [`type${i}`] });
    }
    await server.start();
    await until("it waits", async () => (await connectionsOf(admin)).length >= 3);
    await until("it blocks", async () => (await rolesOf(admin)).includes("blocking"));
    deepEqual(await rolesOf(admin), [...ROLES].sort());
    await server.stop();
    deepEqual(await rolesOf(admin), []);
  });

  it("do not hold up a server that stops right after its start", async () => {
    await using redis = await RedisServer.start();
    const server = new Server({ store: redis.url, leaseMs: 60_000, logLevel: "silent" });
    server.handle("greet", () => {});
    await server.start();
    const startedAt = performance.now();
    await server.stop();
    const took = performance.now() - startedAt;
    ok(took < 20_000, `it took ${took} ms`);
  });

  for (const role of ROLES) {
    it(`come back when the one that is ${role} is killed while idle`, async () => {
      await using redis = await RedisServer.start();
      await using admin = await RespClient.connect(redis.url);
      const logger = new CollectingLogger();
      const events: ConnectionEvent[] = [];
      await using store = redisStore(redis.url, {
        logger,
        onConnection: (event) => events.push(event),
      });
      // Nobody looks by itself for 30 s, so only what comes by the connections wakes it.
      await using server = new Server({ store, leaseMs: 60_000, logLevel: "silent" });
      server.handle("greet", () => "hello");
      await server.start();
      await using client = new Client({ store });
      await (await client.enqueue("greet")).result();
      await admin.call("ACL", "SETUSER", "other", "on", ">s3cret", "+@all", "~*", "&*");
      await using other = new Client({ store: `redis://other:s3cret@127.0.0.1:${redis.port}` });
      for (let round = 0; round < 3; round++) {
        await until("it idles", async () => (await rolesOf(admin)).includes("blocking"));
        const victim = (await connectionsOf(admin))
          .find((one) => one.role === role && one.user === "default")!;
        await kill(admin, victim);
        // At once, so that it is enqueued while the connection is away.
        const handle = await other.enqueue("greet");
        const startedAt = performance.now();
        equal(await (await client.enqueue("greet")).result(), "hello");
        equal(await handle.result(), "hello");
        const took = performance.now() - startedAt;
        ok(took < 25_000, `it took ${took} ms`);
      }
      const kinds = events.map(({ type }) => type);
      const expected = role === "main"
        ? ["lost", "restored", "lost", "restored", "lost", "restored"]
        : [];
      deepEqual(kinds, expected);
      for (const { address } of events) equal(address, redis.url);
      equal(logger.saying("Connection to the store lost, trying again").length, kinds.length / 2);
      equal(logger.saying("Connection to the store restored").length, kinds.length / 2);
    });
  }

  it("are kept by a process that was too busy to read its replies in time", async () => {
    await using redis = await RedisServer.start();
    const events: ConnectionEvent[] = [];
    await using store = redisStore(redis.url, {
      connectTimeoutMs: 400,
      replyTimeoutMs: 400,
      onConnection: (event) => events.push(event),
    });
    await using client = new Client({ store });
    const opened = store.open();
    block(1500);
    await opened;
    const handle = await client.enqueue("greet");
    const job = handle.job();
    block(1500);
    equal((await job)?.status, "ready");
    deepEqual(events, []);
  });

  it("come back when any is killed while busy, and each job runs once", async () => {
    const seed = Date.now() % 1_000_000;
    const rng = seededRng(seed);
    await using redis = await RedisServer.start();
    await using admin = await RespClient.connect(redis.url);
    const runs = new Map<string, number>();
    await using store = redisStore(redis.url);
    await using server = new Server({ store, logLevel: "silent" });
    server.handle("note", ({ job }) => {
      runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
    }, { concurrency: 8 });
    await server.start();
    await using client = new Client({ store });
    const handles: Awaited<ReturnType<typeof client.enqueue>>[] = [];
    let killed = 0;
    const killing = (async () => {
      while (killed < 15) {
        const all = await connectionsOf(admin);
        const victim = all[Math.floor(rng() * all.length)];
        if (victim) await kill(admin, victim).then(() => killed++, () => {});
        await new Promise((resolve) => setTimeout(resolve, Math.floor(rng() * 40)));
      }
    })();
    while (killed < 15) {
      handles.push(...await Promise.all(Array.from({ length: 10 }, () => client.enqueue("note"))));
    }
    await killing;
    await Promise.all(handles.map((handle) => handle.result()));
    deepEqual([...runs.values()].filter((count) => count !== 1), [], `seed ${seed}`);
    deepEqual([...runs.keys()].sort(), handles.map(({ id }) => id).sort(), `seed ${seed}`);
    equal(store.description, redis.url);
  });

  it("survive a listener that throws", async () => {
    await using redis = await RedisServer.start();
    await using admin = await RespClient.connect(redis.url);
    const logger = new CollectingLogger();
    await using store = redisStore(redis.url, {
      logger,
      onConnection: () => {
        throw new Error("oops");
      },
    });
    await using client = new Client({ store });
    await client.enqueue("greet");
    await kill(admin, (await connectionsOf(admin))[0]!);
    await until("it was told", () => logger.saying("onConnection threw").length > 0);
    await client.enqueue("greet");
  });
});
