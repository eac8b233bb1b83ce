/**
 * Time in several processes on one Redis: clocks that are off, leases of
 * different lengths, and a stop in good order.
 */

import { assert, assertEquals } from "@std/assert";
import { Client, redisStore } from "../../mod.ts";
import { assertCompletedOnce, type Start, startsIn, untilStarted } from "../support/effects.ts";
import { RedisRun } from "../support/redis/run.ts";
import { testRedisProblem } from "../support/redis/shared.ts";
import { Workers } from "../support/workers.ts";

const SCRIPT = "tests/faults/worker.ts";
const HOUR_MS = 3_600_000;
const ignore = testRedisProblem() !== undefined;
/** Longer than any test. */
const ENDLESS = { ms: 600_000, failures: 0 };

Deno.test({
  name: "jobs start at the store's time and leases hold when workers' clocks are an hour off",
  ignore,
  fn: async () => {
    await using run = await RedisRun.start();
    await using store = redisStore(run.url);
    await using client = new Client({ store });
    const all = [HOUR_MS, -HOUR_MS].map((clockOffMs) =>
      new Workers(SCRIPT, run.workerArgs(1000, { clockOffMs }))
    );
    await using _fast = all[0];
    await using _slow = all[1];
    for (const workers of all) workers.start(1);
    const DELAY_MS = 1500;
    // Each longer than a lease, so that leases have to be extended.
    const payload = { ms: 1500, failures: 0 };
    const handles = [];
    for (let i = 0; i < 12; i++) {
      handles.push(await client.enqueue("work", payload, { delayMs: i % 2 === 0 ? 0 : DELAY_MS }));
    }
    assertEquals(await assertCompletedOnce(store, handles, run.effects), 0, "no lease is lost");
    for (const [i, handle] of handles.entries()) {
      const { createdAt, startedAt, attempts } = (await handle.job())!;
      const waited = startedAt! - createdAt;
      assert(waited >= (i % 2 === 0 ? 0 : DELAY_MS), `job ${i} started after ${waited} ms`);
      assert(waited < 60_000, `job ${i} started after ${waited} ms`);
      assert(Math.abs(Date.now() - createdAt) < 60_000, "times are the store's");
      assert(attempts.every((one) => Math.abs(Date.now() - one.startedAt) < 60_000));
    }
    assertEquals(new Set((await startsIn(run.effects)).map(({ pid }) => pid)).size, 2);
  },
});

Deno.test({
  name: "a delayed job starts at the store's time when its producer's clock is an hour off",
  ignore,
  fn: async () => {
    await using run = await RedisRun.start();
    await using workers = new Workers(SCRIPT, run.workerArgs(1000));
    workers.start(1);
    const rightNow = Date.now;
    for (const off of [HOUR_MS, -HOUR_MS]) {
      try {
        Date.now = () => rightNow() + off;
        await using client = new Client({ store: run.url });
        const handle = await client.enqueue("work", { ms: 0, failures: 0 }, { delayMs: 500 });
        await handle.result();
        const { createdAt, startedAt } = (await handle.job())!;
        const waited = startedAt! - createdAt;
        assert(waited >= 500 && waited < 60_000, `it started after ${waited} ms`);
        assert(Math.abs(rightNow() - createdAt) < 60_000);
      } finally {
        Date.now = rightNow;
      }
    }
  },
});

for (const order of ["before", "after"] as const) {
  Deno.test({
    name: `a job comes back when its short lease ends, from servers with long leases that ` +
      `started ${order} its holder`,
    ignore,
    fn: async () => {
      await using run = await RedisRun.start();
      await using client = new Client({ store: run.url });
      await using short = new Workers(SCRIPT, run.workerArgs(1000));
      await using long = new Workers(SCRIPT, run.workerArgs(15_000));
      const isIn = (workers: Workers, id: string) => (starts: readonly Start[]): boolean =>
        starts.some((start) => start.id === id && workers.pids.includes(start.pid));
      const quick = async (): Promise<unknown> =>
        await (await client.enqueue("work", { ms: 0, failures: 0 })).result();
      const toLong = (signal: Deno.Signal): void => {
        for (const pid of long.pids) Deno.kill(pid, signal);
      };
      if (order === "before") {
        long.start(2);
        await quick();
        toLong("SIGSTOP"); // so that another takes the job
      }
      short.start(1);
      const { id } = await client.enqueue("work", ENDLESS);
      await untilStarted(run.effects, isIn(short, id));
      if (order === "before") {
        toLong("SIGCONT");
      } else {
        for (let i = 0; i < 7; i++) await client.enqueue("work", ENDLESS);
        await untilStarted(run.effects, (starts) => starts.length === 8);
        long.start(2);
        await quick(); // which the short one, full as it is, cannot take
      }
      await short.kill();
      const killedAt = performance.now();
      await untilStarted(run.effects, isIn(long, id));
      const took = performance.now() - killedAt;
      // Lease and 1 s, and 3 s for a busy machine; those who wait for their own lease take longer.
      assert(took < 1000 + 1000 + 3000, `it took ${took} ms`);
      const job = await client.getJob(id);
      assertEquals(job?.deliveries, 1);
    },
  });
}

Deno.test({
  name: "a stop in good order gives everything back and costs no attempt",
  ignore,
  fn: async () => {
    await using run = await RedisRun.start();
    await using store = redisStore(run.url);
    await using client = new Client({ store });
    const args = run.workerArgs(15_000, { shutdownTimeoutMs: 200 });
    await using workers = new Workers(SCRIPT, args);
    workers.start(2);
    const handles = [];
    for (let i = 0; i < 20; i++) handles.push(await client.enqueue("work", ENDLESS));
    // Both are full: 8 at a time each.
    await untilStarted(run.effects, (starts) => starts.length === 16);
    assertEquals(await workers.stop(), [0, 0]);
    assertEquals(await store.counts(), [
      { queue: "default", type: "work", status: "ready", count: 20 },
    ]);
    for (const handle of handles) {
      const { attempts, deliveries, retryCount } = (await handle.job())!;
      assertEquals({ attempts, deliveries, retryCount }, {
        attempts: [],
        deliveries: 0,
        retryCount: 0,
      });
    }
  },
});
