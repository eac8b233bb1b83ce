/** The servers that tests start, and the one that they share. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { Redis } from "ioredis";
import { tlsProblem } from "../../support/redis/certificates.ts";
import { RespClient } from "../../support/redis/resp_client.ts";
import { SentinelTrio } from "../../support/redis/sentinel.ts";
import { RedisServer, type RedisServerOptions, serverProblem } from "../../support/redis/server.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";

const skip = serverProblem() ?? false;

describe("RedisServer", { skip }, () => {
  const kinds: readonly [string, RedisServerOptions][] = [
    ["a port", {}],
    ["a unix socket", { unixSocket: true }],
    ["a user", { user: { name: "bob", password: "s3cret" } }],
    ["a password", { user: { name: "default", password: "s3cret" } }],
    ["TLS", { tls: true }],
  ];
  for (const [kind, options] of kinds) {
    const problem = options.tls ? tlsProblem() ?? false : false;
    it(`answers ioredis and leaves nothing with ${kind}`, { skip: problem }, async () => {
      let folder: string;
      {
        await using server = await RedisServer.start(options);
        folder = server.folder;
        const tls = server.ca === undefined ? {} : { tls: { ca: server.ca } };
        const client = new Redis(server.url, { ...tls, disableClientInfo: true });
        assert.equal(await client.set("a", "1"), "OK");
        client.disconnect();
        assert.equal(existsSync(folder), true);
      }
      assert.equal(existsSync(folder), false);
    });
  }

  it("refuses who does not log in when it has a user", async () => {
    await using server = await RedisServer.start({ user: { name: "bob", password: "s3cret" } });
    await assert.rejects(RespClient.connect({ port: server.port }), /NOAUTH/);
  });

  it("keeps data over a crash when it has an AOF, and none without", async () => {
    for (const [aof, kept] of [[true, "1"], [false, null]] as const) {
      await using server = await RedisServer.start({ aof });
      {
        await using client = await RespClient.connect(server.url);
        await client.call("SET", "a", "1");
      }
      const { port, pid } = server;
      await server.restart({ signal: "SIGKILL" });
      await using client = await RespClient.connect(server.url);
      assert.deepEqual([await client.call("GET", "a"), server.port], [kept, port]);
      assert.notEqual(server.pid, pid);
    }
  });

  it("answers after it was resumed what was asked while paused, and ends while paused", async () => {
    await using server = await RedisServer.start();
    await using client = await RespClient.connect(server.url);
    server.pause();
    const answer = client.call("ECHO", "x");
    server.resume();
    assert.equal(await answer, "x");
    server.pause();
    await server.stop();
    assert.equal(server.isRunning, false);
  });

  it("tells what the server says when it cannot start", async () => {
    const started = RedisServer.start({ args: ["--no-such-setting", "1"] });
    await assert.rejects(started, /^Error: Cannot run Redis as .*no-such-setting/s);
  });
});

describe("SentinelTrio", { skip }, () => {
  it("promotes a replica when the master is killed", async () => {
    await using trio = await SentinelTrio.start();
    const { sentinels, name, master } = trio;
    const client = new Redis({ sentinels, name, retryStrategy: () => 50, disableClientInfo: true });
    client.on("error", () => {}); // while there is no master
    assert.equal(await client.set("a", "1"), "OK");
    assert.equal(await client.call("WAIT", "1", "0"), 1);
    const promoted = await trio.failover();
    assert.notEqual(promoted.port, master.port);
    assert.equal(await client.get("a"), "1");
    client.disconnect();
  });
});

describe("removeKeys", { skip: testRedisProblem() ?? false }, () => {
  it("removes the keys of a prefix and no others", async () => {
    const [prefix, other] = [uniquePrefix(), uniquePrefix()];
    await using client = await RespClient.connect(testRedis());
    const mine = [`${prefix}:a`, `{${prefix}}:b`, `{${prefix}:0}:c`];
    const others = [`${other}:a`, `${prefix}x:a`, `x${prefix}:a`];
    for (const key of [...mine, ...others]) await client.call("SET", key, "1", "EX", "60");
    await removeKeys(testRedis(), prefix);
    assert.equal(await client.call("EXISTS", ...mine), 0);
    assert.equal(await client.call("EXISTS", ...others), 3);
    await client.call("UNLINK", ...others);
  });

  it("refuses a prefix that means more than itself", async () => {
    await assert.rejects(removeKeys(testRedis(), "*"), RangeError);
  });
});
