/** Processes that used a Redis store end by themselves, and print nothing that nobody asked for. */

import { deepEqual } from "node:assert/strict";
import { describe, it } from "node:test";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { untilAlone } from "./support/connections.ts";
import { bulk, FakeServer } from "./support/fake_server.ts";
import { runScript } from "./support/script.ts";

const skip = serverProblem() ?? false;
const done = { code: 0, stdout: "done\n", stderr: "", lingered: false };
const LOADING = "redis_version:7.2.0\r\nloading:1\r\nloading_eta_seconds:300\r\n";

describe("a process that used a Redis store ends by itself", { skip }, () => {
  for (const [what, said] of [["open and close"], ["enqueue"], ["work", "hello\n"]] as const) {
    it(`when its work was: ${what}`, async () => {
      await using server = await RedisServer.start();
      await using admin = await RespClient.connect(server.url);
      const ended = await runScript("exiting_process.ts", [what, server.url]);
      deepEqual(ended, { ...done, stdout: `${said ?? ""}done\n` });
      await untilAlone(admin);
    });
  }

  it("when its user may not use INFO, without a word of the client library's", async () => {
    await using server = await RedisServer.start();
    await using admin = await RespClient.connect(server.url);
    await admin.call("ACL", "SETUSER", "bob", "on", ">s3cret", "+@all", "-info", "~*", "&*");
    const url = `redis://bob:s3cret@127.0.0.1:${server.port}`;
    const ended = await runScript("exiting_process.ts", ["work", url]);
    deepEqual(ended, { ...done, stdout: "hello\ndone\n" });
  });

  for (const what of ["fail to open", "fail to start"]) {
    it(`when Redis refused it: ${what}`, async () => {
      await using server = await RedisServer.start({ user: { name: "bob", password: "s3cret" } });
      const ended = await runScript("exiting_process.ts", [
        what,
        `redis://127.0.0.1:${server.port}`,
      ]);
      deepEqual(ended, { ...done, stdout: "StoreOpenError\ndone\n" });
    });
  }

  const servers: readonly [string, () => string][] = [
    ["is too old", () => bulk("redis_version:5.0.0\r\n")],
    ["is loading for long", () => bulk(LOADING)],
  ];
  for (const [what, answer] of servers) {
    it(`when Redis ${what}`, async () => {
      await using server = await FakeServer.start(answer);
      const ended = await runScript("exiting_process.ts", ["fail to open", server.url]);
      deepEqual(ended, { ...done, stdout: "StoreOpenError\ndone\n" });
    });
  }

  it("when nothing is there to connect to", async () => {
    const socket = "unix:/nowhere/at/all.sock";
    const ended = await runScript("exiting_process.ts", ["fail to open", socket]);
    deepEqual(ended, { ...done, stdout: "StoreOpenError\ndone\n" });
  });
});
