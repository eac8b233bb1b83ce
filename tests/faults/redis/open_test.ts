/** Connections that are cut while a store looks at its server, and calls without patience. */

import { assertEquals } from "@std/assert";
import { redisStore } from "../../../src/store/redis/store.ts";
import { FaultProxy } from "../../support/redis/proxy.ts";
import { RespClient } from "../../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../../support/redis/server.ts";
import { testRedis, testRedisProblem } from "../../support/redis/shared.ts";
import { newJob, request } from "./support/jobs.ts";

for (const name of ["INFO", "CONFIG"]) {
  Deno.test({
    name: `open waits for a new connection when the first is cut at its ${name}`,
    ignore: testRedisProblem() !== undefined,
    fn: async () => {
      await using proxy = await FaultProxy.start(testRedis());
      const cut = proxy.faults.add({
        action: "cutBeforeCommand",
        match: (command) => command.name === name,
      });
      const logger = { debug() {}, info() {}, warn() {}, error() {} };
      await using store = redisStore(proxy.url, { logger, prefix: `open-${crypto.randomUUID()}` });
      await store.open();
      assertEquals(cut.hits, 1);
      assertEquals(await store.counts(), []);
    },
  });
}

Deno.test({
  name: "a store without patience works on a Redis that does not know its scripts",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    await using redis = await RedisServer.start();
    await using store = redisStore(redis.url, { patienceMs: 0 });
    await store.open();
    const [reply] = await store.enqueue([[newJob("a")]]);
    assertEquals(reply, { outcome: "created", statuses: ["ready"] });
    await using admin = await RespClient.connect(redis.url);
    await admin.call("SCRIPT", "FLUSH", "SYNC");
    assertEquals((await store.claim(request(1))).jobs.map(({ id }) => id), ["a"]);
  },
});
