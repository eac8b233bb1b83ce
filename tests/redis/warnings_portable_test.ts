/** What a Redis store says of the server's settings, and what it needs to be allowed. */

import { deepEqual, ok, rejects } from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, redisStore, Server, StoreUnavailableError } from "../../mod.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { until } from "./support/connections.ts";
import { roundTrip } from "./support/round_trip.ts";

const skip = serverProblem() ?? false;
const WARNINGS = {
  eviction: /may evict jobs.*maxmemory-policy to noeviction/,
  persistence: /keeps nothing on disk.*appendonly yes/,
  password: /no password/,
};
type Warning = keyof typeof WARNINGS;

/** Which of the warnings a server's logger gets when it starts on a URL. */
async function warningsAt(url: string): Promise<Warning[]> {
  const logger = new CollectingLogger();
  await using server = new Server({ store: url, logger, leaseMs: 1000 });
  server.handle("greet", () => {});
  await server.start();
  const lines = logger.lines.filter(({ level }) => level === "warn");
  const all = JSON.stringify(lines);
  ok(!all.includes("s3cret"), all);
  return (Object.keys(WARNINGS) as Warning[])
    .filter((key) => lines.some(({ message }) => WARNINGS[key].test(message)));
}

describe("a Redis store warns", { skip }, () => {
  const user = { name: "bob", password: "s3cret" };
  const full = ["--maxmemory", "100mb", "--maxmemory-policy"];
  const cases: readonly [string, Parameters<typeof RedisServer.start>[0], readonly Warning[]][] = [
    ["of neither disk nor password", {}, ["persistence", "password"]],
    ["of nothing where all is well", { aof: true, user }, []],
    ["of no password alone", { aof: true }, ["password"]],
    ["of no disk alone", { user }, ["persistence"]],
    ["of nothing with snapshots", { user, args: ["--save", "60 1"] }, []],
    ["of nothing with the default user's password", {
      aof: true,
      user: { name: "default", password: "s3cret" },
    }, []],
    ["of eviction", { aof: true, user, args: [...full, "allkeys-lru"] }, ["eviction"]],
    ["of eviction of keys that expire", { aof: true, user, args: [...full, "volatile-ttl"] }, [
      "eviction",
    ]],
    ["of no eviction", { aof: true, user, args: [...full, "noeviction"] }, []],
  ];
  for (const [what, options, warnings] of cases) {
    it(what, async () => {
      await using server = await RedisServer.start(options);
      deepEqual(await warningsAt(server.url), warnings);
    });
  }
});

describe("a Redis store of a user who may do little", { skip }, () => {
  const rules: readonly [string, (prefix: string) => readonly string[]][] = [
    ["no INFO and no CONFIG", (prefix) => ["+@all", "-info", "-config", `~{${prefix}}*`, "&*"]],
    ["no administration, own keys and channels only", (prefix) => [
      ...["+@all", "-@admin", "-@dangerous", `~{${prefix}}:*`, `&{${prefix}}:*`],
    ]],
  ];
  for (const [what, rulesOf] of rules) {
    it(`runs jobs with ${what}`, async () => {
      await using server = await RedisServer.start();
      await using admin = await RespClient.connect(server.url);
      await admin.call("ACL", "SETUSER", "bob", "on", ">s3cret", ...rulesOf("shop"));
      const url = `redis://bob:s3cret@127.0.0.1:${server.port}?prefix=shop`;
      const logger = new CollectingLogger();
      await using store = redisStore(url, { logger });
      await roundTrip(store);
      deepEqual(logger.lines.filter(({ level }) => level !== "info"), []);
    });
  }

  it("is told so when the keys are not the user's", async () => {
    await using server = await RedisServer.start();
    await using admin = await RespClient.connect(server.url);
    await admin.call("ACL", "SETUSER", "bob", "on", ">s3cret", "+@all", "~other:*", "&*");
    await using store = redisStore(`redis://bob:s3cret@127.0.0.1:${server.port}`);
    await using client = new Client({ store });
    await rejects(client.enqueue("greet"), /NOPERM/);
  });
});

describe("a Redis store on a replica", { skip }, () => {
  it("says so when nothing can be written, and goes on once the server is promoted", async () => {
    await using master = await RedisServer.start({ args: ["--repl-diskless-sync-delay", "0"] });
    const args = ["--replicaof", "127.0.0.1", String(master.port)];
    await using replica = await RedisServer.start({ args });
    await using admin = await RespClient.connect(replica.url);
    await until(
      "the replica follows",
      async () => String(await admin.call("INFO", "replication")).includes("master_link_status:up"),
    );
    {
      await using store = redisStore(replica.url, { patienceMs: 500 });
      await using client = new Client({ store });
      await rejects(client.enqueue("greet"), (error: Error) => {
        ok(error instanceof StoreUnavailableError, `${error}`);
        ok(/READONLY|replica/.test(error.message), error.message);
        return true;
      });
    }
    await using store = redisStore(replica.url, { patienceMs: 20_000 });
    await using client = new Client({ store });
    const waiting = client.enqueue("greet");
    await admin.call("REPLICAOF", "NO", "ONE");
    await waiting;
    await roundTrip(store);
  });
});

describe("a Redis that loads its data", { skip }, () => {
  it("is waited for, by a store that opens and by one that is open", async () => {
    await using server = await RedisServer.start({
      args: ["--key-load-delay", "400", "--loading-process-events-interval-bytes", "1024"],
    });
    await using open = redisStore(server.url, { patienceMs: 20_000 });
    await using client = new Client({ store: open });
    {
      await using admin = await RespClient.connect(server.url);
      const items = Array.from({ length: 2500 }, (_, i) => `k${i}`).flatMap((k) => [k, "x"]);
      await admin.call("MSET", ...items);
      await client.enqueue("greet");
      await admin.call("SAVE");
    }
    const restarted = server.restart();
    await until("Redis is loading", async () => {
      const problem = await RespClient.connect(server.url).then(() => "", String);
      return problem.includes("LOADING");
    });
    await using late = redisStore(server.url, { connectTimeoutMs: 20_000 });
    await Promise.all([late.open(), client.enqueue("greet")]);
    await restarted;
    deepEqual(await open.counts(), [
      { queue: "default", type: "greet", status: "ready", count: 2 },
    ]);
    await roundTrip(late);
  });
});
