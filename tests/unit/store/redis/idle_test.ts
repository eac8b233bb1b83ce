/** What an idle server asks of Redis. */

import { assert } from "@std/assert";
import { Redis } from "ioredis";
import { redisStore, Server } from "../../../../mod.ts";
import { sleep, systemClock } from "../../../../src/clock.ts";
import { RedisServer, serverProblem } from "../../../support/redis/server.ts";

const WATCHED_S = 8;

Deno.test({
  name: "an idle server with three pools sends fewer than one command a second",
  ignore: serverProblem() !== undefined,
  async fn() {
    // One of its own: a monitor hears what all others do, too.
    await using redis = await RedisServer.start();
    const client = new Redis(redis.url);
    const watcher = await client.monitor();
    try {
      await using store = redisStore(redis.url);
      await using server = new Server({ store, logLevel: "silent" });
      for (const name of ["a", "b", "c"]) {
        server.pool({ name, types: [name], concurrency: 4 }).handle(name, () => {});
      }
      await server.start();
      await server.drain();
      await sleep(systemClock, 1000);
      const seen: string[] = [];
      watcher.on("monitor", (_time: string, args: string[], source: string) => {
        if (source !== "lua") seen.push(args.join(" "));
      });
      await sleep(systemClock, WATCHED_S * 1000);
      assert(
        seen.length < WATCHED_S,
        `${seen.length} commands in ${WATCHED_S} s:\n${seen.join("\n")}`,
      );
    } finally {
      watcher.disconnect();
      client.disconnect();
    }
  },
});
