/** A Redis that loses everything while clients and servers are at work. */

import { assertEquals } from "@std/assert";
import { Client, redisStore, Server } from "../../../mod.ts";
import { RespClient } from "../../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../../support/redis/server.ts";

const QUEUE = "mails";

Deno.test({
  name: "a queue is seen, paused and served though Redis was emptied under its client",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    await using redis = await RedisServer.start();
    await using store = redisStore(redis.url);
    await using client = new Client({ store });
    await client.enqueue("mail", 1, { queue: QUEUE });
    await using admin = await RespClient.connect(redis.url);
    await admin.call("FLUSHALL");

    const handle = await client.enqueue("mail", 2, { queue: QUEUE });
    const row = { queue: QUEUE, type: "mail", status: "ready", count: 1 } as const;
    assertEquals(await store.counts(), [row]);
    await client.control.pause({ queue: QUEUE });
    await using server = new Server({ store, logLevel: "error" });
    server.handle("mail", ({ job }) => job.payload);
    await server.start();
    await server.drain();
    assertEquals(await store.counts(), [row]);

    await client.control.resume({ queue: QUEUE });
    assertEquals(await handle.result(), 2);
  },
});
