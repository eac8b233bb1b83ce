/** Stores that cannot be opened: what they say, how soon, and what they leave behind. */

import { equal, ok, rejects } from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client, redisStore, Server, type Store, StoreOpenError } from "../../mod.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { connectionsOf, until, untilAlone } from "./support/connections.ts";
import { bulk, FakeServer } from "./support/fake_server.ts";
import { roundTrip } from "./support/round_trip.ts";

const skip = serverProblem() ?? false;
const TIMEOUT_MS = 600;
/** How much longer an open may take than its time limit, on a busy machine. */
const MARGIN_MS = 3000;
const WRONG = "wr0ng";

/** Opens a store that refuses, within its time; gives the error's message. */
async function refusal(store: Store): Promise<string> {
  const startedAt = performance.now();
  let message = "";
  await rejects(store.open(), (error: Error) => {
    ok(error instanceof StoreOpenError, `${error.name}: ${error.message}`);
    message = error.message;
    return true;
  });
  const took = performance.now() - startedAt;
  ok(took < TIMEOUT_MS + MARGIN_MS, `it took ${took} ms`);
  ok(!message.includes(WRONG), message);
  return message;
}

/** A port on which nothing listens, as it was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

describe("a Redis store that cannot be opened", { skip }, () => {
  const login = { user: { name: "bob", password: "s3cret" } };
  const cases: readonly [
    what: string,
    place: () => Promise<{ server?: RedisServer; url: string; address: string }>,
    hint: RegExp,
  ][] = [
    ["a wrong password", async () => {
      const server = await RedisServer.start(login);
      const address = `127.0.0.1:${server.port}`;
      return { server, url: `redis://bob:${WRONG}@${address}`, address };
    }, /WRONGPASS.*; check user and password/],
    ["a missing password", async () => {
      const server = await RedisServer.start(login);
      return { server, url: `redis://127.0.0.1:${server.port}`, address: `:${server.port}` };
    }, /NOAUTH.*; check user and password/],
    ["a port that refuses", async () => {
      const address = `127.0.0.1:${await freePort()}`;
      return { url: `redis://bob:${WRONG}@${address}/1`, address: `redis://${address}/1` };
    }, /ECONNREFUSED.*; is it running/],
    ["a host that is not known", () => {
      const address = "no-such-host.invalid:6379";
      return Promise.resolve({ url: `redis://bob:${WRONG}@${address}`, address });
    }, /(ENOTFOUND|EAI_AGAIN).*; check the host's name/],
    ["a socket that is not there", () => {
      const address = `unix:${join(tmpdir(), `gqm-${crypto.randomUUID()}.sock`)}`;
      return Promise.resolve({ url: address, address });
    }, /ENOENT.*; check the path of the socket/],
    ["a database that is not there", async () => {
      const server = await RedisServer.start();
      return { server, url: `${server.url}/9999`, address: `${server.url}/9999` };
    }, /DB index.*; check the number of the database/],
  ];
  for (const [what, place, hint] of cases) {
    it(`names address, reason and remedy within its time: ${what}`, async () => {
      const { server, url, address } = await place();
      await using _server = server;
      await using store = redisStore(url, { connectTimeoutMs: TIMEOUT_MS });
      for (const time of ["first", "second"]) {
        const message = await refusal(store);
        ok(message.includes(address), `${time}: ${message}`);
        ok(hint.test(message), `${time}: ${message}`);
      }
    });
  }

  it("says so when the server takes connections and never answers", async () => {
    await using server = await RedisServer.start();
    server.pause();
    await using store = redisStore(server.url, { connectTimeoutMs: TIMEOUT_MS });
    ok((await refusal(store)).includes(server.url));
    server.resume();
    await roundTrip(store);
  });

  it("says so when the server falls silent in the middle of the opening", async () => {
    const answer = ([name = ""]: readonly string[]): string | undefined =>
      name.toUpperCase() === "INFO" ? undefined : "+OK\r\n";
    await using server = await FakeServer.start(answer);
    await using store = redisStore(server.url, { connectTimeoutMs: TIMEOUT_MS });
    ok((await refusal(store)).includes(server.url));
    await until("no connection is left", () => server.connections === 0);
  });

  it("says so when the server is too old, and lets go of it", async () => {
    await using server = await FakeServer.start(() => bulk("redis_version:6.0.16\r\n"));
    await using store = redisStore(server.url, { connectTimeoutMs: TIMEOUT_MS });
    const message = await refusal(store);
    ok(/must be >= 6\.2.*'6\.0\.16'/.test(message), message);
    await until("no connection is left", () => server.connections === 0);
  });

  it("says that Redis is loading when it does so for longer than the open may take", async () => {
    const info = "redis_version:7.2.0\r\nloading:1\r\nloading_eta_seconds:1\r\n";
    await using server = await FakeServer.start(() => bulk(info));
    // Long enough for a busy machine to have heard an answer.
    await using store = redisStore(server.url, { connectTimeoutMs: 3 * TIMEOUT_MS });
    const message = await refusal(store);
    ok(/loading/i.test(message), message);
    await until("no connection is left", () => server.connections === 0);
  });

  it("fails a server's start and a client's call, which then work once Redis is there", async () => {
    await using redis = await RedisServer.start();
    await using admin = await RespClient.connect(redis.url);
    await using store = redisStore(redis.url, { connectTimeoutMs: TIMEOUT_MS });
    await using client = new Client({ store });
    await using server = new Server({ store, leaseMs: 1000, logLevel: "silent" });
    server.handle("greet", () => "hello");
    await redis.stop();
    await rejects(server.start(), StoreOpenError);
    await rejects(client.enqueue("greet"), StoreOpenError);
    await redis.restart();
    await server.start();
    equal(await (await client.enqueue("greet")).result(), "hello");
    await rejects(admin.call("PING"));
  });

  it("opens late in one attempt when Redis comes up meanwhile", async () => {
    await using redis = await RedisServer.start();
    await redis.stop();
    await using store = redisStore(redis.url, { connectTimeoutMs: 20_000 });
    const opened = store.open();
    await redis.restart();
    await opened;
    await roundTrip(store);
  });

  it("leaves no connection behind, after a failure and after a close", async () => {
    await using redis = await RedisServer.start(login);
    await using admin = await RespClient.connect(redis.address);
    const stores = ["bob:s3cret@", `bob:${WRONG}@`].map((user) =>
      redisStore(`redis://${user}127.0.0.1:${redis.port}`, { connectTimeoutMs: TIMEOUT_MS })
    );
    await roundTrip(stores[0]!);
    await refusal(stores[1]!);
    const isRefusedGone = async (): Promise<boolean> =>
      (await connectionsOf(admin)).every(({ user }) => user === "bob");
    await until("the connections of who was refused end", isRefusedGone);
    for (const store of stores) await store.close();
    await untilAlone(admin);
  });

  it("stops opening at once when it is closed", async () => {
    await using store = redisStore(`redis://127.0.0.1:${await freePort()}`, {
      connectTimeoutMs: 60_000,
    });
    const opened = rejects(store.open(), { name: "StoreClosedError" });
    await store.close();
    await opened;
  });
});
