/** What looking and calling off ask of Redis: of many jobs no more than of few. */

import { assert, assertEquals } from "@std/assert";
import { redisStore } from "../../../../mod.ts";
import type { Store } from "../../../../src/store/store.ts";
import {
  claim,
  complete,
  newJobs,
  outcome,
  put,
  source,
} from "../../../../src/testing/conformance/builders.ts";
import { callOff, childOf } from "../../../../src/testing/conformance/graph_builders.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { ask, keys, testMonitor } from "../../../support/monitor.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../../../support/redis/server.ts";

const NUMBERS = ["/api/v1/queues", "/api/v1/stats", "/api/v1/stats/daily?days=90"];
const LISTS = [
  "/api/v1/queues/q0/jobs?status=ready&page=3",
  "/api/v1/queues/q0/jobs?status=completed&page=3",
  "/api/v1/dag/roots?page=3",
  "/api/v1/dag/deferred?page=3",
];

/** How often each command was called, in scripts too. */
type Calls = ReadonlyMap<string, number>;

/** As many jobs that ended, that wait, and that wait for one of these, in each of some queues. */
async function fill(store: Store, count: number, queues: readonly string[]): Promise<void> {
  for (const queue of queues) {
    await put(store, ...newJobs(count, `${queue}-done`, { queue }));
    const held = await claim(store, { sources: [source(queue)], limit: count });
    assertEquals(held.length, count);
    await store.settle({ outcomes: held.map((job) => outcome(job, complete())) });
    const roots = newJobs(count, `${queue}-root`, { queue });
    await put(store, ...roots);
    await put(store, ...roots.map(({ id }) => childOf(`${id}-child`, id, "cancel", { queue })));
  }
}

/** What each path asks of Redis, and the cancel of a job in the middle of its line. */
async function costs(count: number, queues: readonly string[]): Promise<Map<string, Calls>> {
  await using redis = await RedisServer.start();
  const clock = new FakeClock();
  await using store = redisStore(redis.url, { clock });
  await store.open();
  await fill(store, count, queues);
  await using monitor = testMonitor({ store, clock });
  await using client = await RespClient.connect(redis.url);
  const during = async (does: () => Promise<void>): Promise<Calls> => {
    // The first time, scripts are sent.
    await does();
    await client.call("CONFIG", "RESETSTAT");
    await does();
    const stats = String(await client.call("INFO", "commandstats"));
    const found = stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
    return new Map([...found].map(([, name = "", calls]) => [name, Number(calls)]));
  };
  const found = new Map<string, Calls>();
  for (const path of [...NUMBERS, ...LISTS]) {
    const read = async (): Promise<void> => {
      const response = await ask(monitor, path, { headers: { "x-api-key": keys.viewer } });
      assertEquals([path, response.status], [path, 200]);
      await response.body?.cancel();
    };
    found.set(path, await during(read));
  }
  let next = count / 2;
  const cancel = async (): Promise<void> => {
    const replies = await store.act([`q0-root${next++}`], callOff);
    assertEquals(replies, [{ outcome: "done", status: "canceled" }]);
  };
  found.set("cancel", await during(cancel));
  return found;
}

const ignore = serverProblem() !== undefined;

Deno.test({
  name: "lists, numbers and a cancel ask the same of Redis when there are ten times the jobs",
  ignore,
  async fn() {
    const [few, many] = [await costs(100, ["q0"]), await costs(1000, ["q0"])];
    for (const [what, calls] of many) {
      assertEquals(calls, few.get(what), what);
      for (const search of ["keys", "scan", "lrem"]) {
        assert(!calls.has(search), `${what}: ${search}`);
      }
    }
  },
});

Deno.test({
  name: "numbers take as many calls of Redis when there are ten times the queues",
  ignore,
  async fn() {
    const names = Array.from({ length: 20 }, (_, i) => `q${i}`);
    const [few, many] = [await costs(10, names.slice(0, 2)), await costs(10, names)];
    for (const path of NUMBERS) {
      const calls = many.get(path)?.get("evalsha");
      assertEquals(calls, few.get(path)?.get("evalsha"), path);
      assert(calls !== undefined && calls <= 3, `${path}: ${calls}`);
    }
  },
});
