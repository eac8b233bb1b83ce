/** What an idle server asks of Redis. */

import { assert } from "@std/assert";
import { Redis } from "ioredis";
import { Client, redisStore, Server } from "../../../../mod.ts";
import { sleep, systemClock } from "../../../../src/clock.ts";
import { RedisServer, serverProblem } from "../../../support/redis/server.ts";

const WATCHED_S = 8;
/** How often it is watched until it is quiet: on a slow machine it takes a while to begin. */
const MOST_LOOKS = 5;
const THREE = ["a", "b", "c"];

Deno.test({
  name: "an idle server with three pools sends no more than one command a second",
  ignore: serverProblem() !== undefined,
  fn: () => assertQuiet(THREE, WATCHED_S, () => Promise.resolve()),
});

Deno.test({
  name: "a server with one pool sends two more in a third of its lease, to wait with a claim",
  ignore: serverProblem() !== undefined,
  fn: () => assertQuiet(["a"], WATCHED_S + 2 * 2, () => Promise.resolve()),
});

Deno.test({
  name: "a server with three pools does so too while a thousand jobs wait for limits",
  ignore: serverProblem() !== undefined,
  fn: () =>
    assertQuiet(THREE, WATCHED_S, async (client) => {
      await client.limits.set({ type: "a" }, { concurrency: 1 });
      await client.limits.set({ key: "k" }, { concurrency: 1 });
      const options = { limitKey: "k" };
      const jobs = Array.from({ length: 500 }, () => [{ type: "a" }, { type: "b", options }])
        .flat();
      await client.enqueueMany(jobs);
    }),
});

async function assertQuiet(
  pools: readonly string[],
  most: number,
  prepare: (client: Client) => Promise<void>,
): Promise<void> {
  // One of its own: a monitor hears what all others do, too.
  await using redis = await RedisServer.start();
  const client = new Redis(redis.url);
  await client.ping(); // ioredis fails where it hears of a command together with the answer to MONITOR
  const watcher = await client.monitor();
  const held = Promise.withResolvers<void>();
  try {
    await using store = redisStore(redis.url);
    await using server = new Server({ store, logLevel: "silent" });
    for (const name of pools) {
      server.pool({ name, types: [name], concurrency: 4 }).handle(name, () => held.promise);
    }
    await using producer = new Client({ store });
    // Handlers end before the server waits for them.
    using _end = { [Symbol.dispose]: () => held.resolve() };
    await prepare(producer);
    // Once a minute the depth of the queues is sampled, by six commands: not while it is watched.
    const leftMs = 60_000 - systemClock.now() % 60_000;
    if (leftMs < (WATCHED_S + 3) * 1000) await sleep(systemClock, leftMs + 1000);
    await server.start();
    await sleep(systemClock, 1000);
    let seen: string[] = [];
    watcher.on("monitor", (_time: string, args: string[], source: string) => {
      if (source !== "lua") seen.push(args.join(" "));
    });
    for (let look = 0; look < MOST_LOOKS; look++) {
      seen = [];
      await sleep(systemClock, WATCHED_S * 1000);
      if (seen.length <= most) return;
    }
    assert(false, `${seen.length} commands in ${WATCHED_S} s:\n${seen.join("\n")}`);
  } finally {
    watcher.disconnect();
    client.disconnect();
  }
}
