/** Stores on an ioredis client that the caller made: versions 5 and 6, and through Sentinel. */

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { describe, it } from "node:test";
import { Redis } from "ioredis";
import { type RedisClient, redisStore, StoreOpenError } from "../../mod.ts";
import { loadIoredis5 } from "../../tools/test/ioredis5.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { SentinelTrio } from "../support/redis/sentinel.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { connectionsOf, until } from "./support/connections.ts";
import { roundTrip } from "./support/round_trip.ts";

const skip = serverProblem() ?? false;
const five = loadIoredis5() as { Redis: typeof Redis } | undefined;
const versions: readonly [string, typeof Redis | undefined][] = [
  ["ioredis 5", five?.Redis],
  ["ioredis 6", Redis],
];

/** Options that would break a store that took them over. */
const awkward = {
  keyPrefix: "mine:",
  enableAutoPipelining: true,
  stringNumbers: true,
  maxRetriesPerRequest: 1,
  commandTimeout: 50,
  enableOfflineQueue: true,
  retryStrategy: () => null,
  connectionName: "caller",
  disableClientInfo: true,
};

for (const [version, Client] of versions) {
  const missing = Client === undefined
    ? "Cannot test on ioredis 5 as it must be in .runtimes: run deno run -A tools/test/ioredis5.ts"
    : false;
  describe(`a Redis store on a client of ${version}`, { skip: skip || missing }, () => {
    const make = (...args: readonly unknown[]): Redis =>
      new (Client as unknown as new (...args: readonly unknown[]) => Redis)(...args);

    it("runs jobs, and leaves the client as it was", async () => {
      await using server = await RedisServer.start({ user: { name: "bob", password: "s3cret" } });
      await using admin = await RespClient.connect(server.address);
      const client = make(server.url, { ...awkward, db: 3 });
      try {
        await client.set("a", "1");
        const before = { ...client.options };
        const listeners = client.eventNames().map(String).sort();
        const store = redisStore(client, { prefix: "shop" });
        await roundTrip(store);
        ok(!store.description.includes("s3cret"));
        const all = await connectionsOf(admin);
        ok(all.length >= 3, `${all.length} connections`);
        deepEqual([...new Set(all.map(({ user, db }) => `${user} ${db}`))], ["bob 3"]);
        await store.close();

        // Redis notices the end of a connection a moment later.
        const isLeft = async () => (await connectionsOf(admin)).length === 1;
        await until("all connections but the client's own end", isLeft);
        equal(client.status, "ready");
        equal(await client.get("a"), "1");
        deepEqual({ ...client.options }, before);
        deepEqual(client.eventNames().map(String).sort(), listeners);
        await admin.call("SELECT", "3");
        equal(await admin.call("GET", "mine:a"), "1");
        const others = (await admin.call("KEYS", "*") as string[])
          .filter((key) => key !== "mine:a" && !key.startsWith("{shop}:"));
        deepEqual(others, []);
      } finally {
        client.disconnect();
      }
    });

    it("opens on a client that is not connected, and does not connect it", async () => {
      await using server = await RedisServer.start();
      const client = make(server.url, { lazyConnect: true });
      await using store = redisStore(client);
      await roundTrip(store);
      equal(client.status, "wait");
      client.disconnect();
    });

    it("outlives the client", async () => {
      await using server = await RedisServer.start();
      const client = make(server.url);
      await using store = redisStore(client);
      await store.open();
      client.disconnect();
      await roundTrip(store);
    });

    it("fails to open within its time, then opens", async () => {
      await using server = await RedisServer.start();
      const client = make(server.url, { lazyConnect: true });
      await using store = redisStore(client, { connectTimeoutMs: 500 });
      await server.stop();
      await rejects(store.open(), StoreOpenError);
      await server.restart();
      await roundTrip(store);
    });

    it("refuses a database that is not there, rather than to take another", async () => {
      await using server = await RedisServer.start();
      const client = make(server.url, { lazyConnect: true, db: 9999 });
      await using store = redisStore(client, { connectTimeoutMs: 1000 });
      await rejects(store.open(), /DB index.*; check the number of the database/);
    });

    it("lets others run while a connection takes no commands and has not closed yet", async () => {
      await using server = await RedisServer.start();
      const client = make(server.url, { lazyConnect: true });
      const duplicate = client.duplicate.bind(client);
      let broken = false;
      client.duplicate = (...args) => {
        const own = duplicate(...args);
        const call = own.call.bind(own) as (...args: unknown[]) => Promise<unknown>;
        const wrapped = (...args: unknown[]): Promise<unknown> =>
          broken ? Promise.reject(new Error("Stream isn't writeable")) : call(...args);
        return Object.assign(own, { call: wrapped });
      };
      await using store = redisStore(client);
      await store.open();
      broken = true;
      setTimeout(() => broken = false, 50);
      await store.counts(); // no event tells that it works again: who waits for one waits until it is refused
    });

    it("speaks TLS as the client does", async () => {
      await using server = await RedisServer.start({ tls: true });
      const client = make(server.url, { lazyConnect: true, tls: { ca: server.ca } });
      await using store = redisStore(client);
      await roundTrip(store);
    });

    it("reaches Redis through Sentinel, and the new master after a failover", async () => {
      await using trio = await SentinelTrio.start();
      const { sentinels, name } = trio;
      const client = make({ sentinels, name, lazyConnect: true });
      client.on("error", () => {}); // while there is no master
      await using store = redisStore(client, { patienceMs: 30_000 });
      await roundTrip(store);
      await trio.failover();
      await roundTrip(store);
      client.disconnect();
    });
  });
}

describe("a Redis store on what is no client", () => {
  it("is refused with a message", () => {
    const isClear = (error: Error): boolean => /^Cannot open store as /.test(error.message);
    for (const given of [{}, { duplicate: 5 }]) {
      try {
        redisStore(given as unknown as RedisClient);
        throw new Error("it was not refused");
      } catch (error) {
        ok(isClear(error as Error), String(error));
      }
    }
  });
});
