/**
 * A server hears of another's shorter lease late, as its subscription was not
 * there yet: the other's job must come back in time all the same.
 */

import { assert } from "@std/assert";
import { Client, redisStore, Server } from "../../mod.ts";
import { FaultProxy } from "../support/redis/proxy.ts";
import { RedisRun } from "../support/redis/run.ts";
import { testRedis, testRedisProblem } from "../support/redis/shared.ts";

const LEASE_MS = 1000;

Deno.test({
  name: "a job of a dead server with a short lease comes back in time when its news were missed",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    await using run = await RedisRun.start();
    await using proxy = await FaultProxy.start(testRedis());
    const prefix = new URL(run.url).searchParams.get("prefix")!;
    await using store = redisStore(proxy.url, { prefix });
    await using other = redisStore(run.url);
    await other.open();
    const subscribed = Promise.withResolvers<void>();
    proxy.faults.add({
      action: "delayCommand",
      until: subscribed.promise,
      match: ({ name }) => name === "SUBSCRIBE",
    });
    const subscribing = proxy.next(({ name }) => name === "SUBSCRIBE");
    const polling = proxy.next(({ name }) => name === "BLPOP");

    await using server = new Server({ store, leaseMs: 15_000, logLevel: "silent" });
    server.handle("work", () => {});
    await server.start();
    // By now it has told of its own lease and knows the others', of which there are none.
    await Promise.all([subscribing, polling]);
    await using client = new Client({ store: other });
    const { id } = await client.enqueue("other");
    const sources = [{ queue: "default", types: ["other"], share: 1 }];
    await other.heartbeat({ server: "dead", leaseMs: LEASE_MS, holds: [] });
    await other.claim({ server: "dead", pool: "p", sources, limit: 1, leaseMs: LEASE_MS });
    subscribed.resolve();
    const startedAt = performance.now();
    while ((await client.getJob(id))?.status === "processing") {
      const took = performance.now() - startedAt;
      // Lease and 1 s, and 3 s for a busy machine.
      assert(took < LEASE_MS + 1000 + 3000, `it is not back after ${took} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
});
