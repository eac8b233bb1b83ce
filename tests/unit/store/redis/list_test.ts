/** What `list` promises on Redis where it differs from other stores. */

import { assertEquals } from "@std/assert";
import { redisStore } from "../../../../src/store/redis/store.ts";
import type { JobStatus } from "../../../../src/job/state.ts";
import type { Store } from "../../../../src/store/store.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

const ignore = testRedisProblem() !== undefined;
const job = (id: string, fields: object = {}) => ({
  ...{ id, type: "t", queue: "q", priority: 0, payload: "1", settings: {} },
  ...fields,
});

async function withStore(use: (store: Store, clock: FakeClock) => Promise<void>): Promise<void> {
  const prefix = uniquePrefix();
  const clock = new FakeClock();
  try {
    await using store = redisStore(testRedis(), { prefix, clock });
    await store.open();
    await use(store, clock);
  } finally {
    await removeKeys(testRedis(), prefix);
  }
}

async function ids(store: Store, status: JobStatus, limit: number): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ status, limit, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.jobs.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

Deno.test({
  name: "list() of ready jobs gives the last in line first, whatever their type and priority",
  ignore,
  fn: () =>
    withStore(async (store) => {
      await store.enqueue([
        [job("a", { priority: 9 })],
        [job("b")],
        [job("c", { type: "u" })],
        [job("front", { atFront: true })],
        [job("d")],
      ]);
      for (const limit of [1, 2, 10]) {
        assertEquals(await ids(store, "ready", limit), ["d", "c", "b", "a", "front"]);
      }
      const request = { server: "s", pool: "p", leaseMs: 1000, limit: 1 };
      const { jobs } = await store.claim({
        ...request,
        sources: [{ queue: "q", types: ["t"], share: 1 }],
      });
      assertEquals(jobs[0]?.id, "a");
      const { fence } = jobs[0]!.holder;
      await store.settle({
        outcomes: [{ id: "a", fence, verdict: { kind: "release" }, ranMs: 0 }],
      });
      assertEquals(await ids(store, "ready", 2), ["d", "c", "b", "a", "front"], "at its old place");
    }),
});

Deno.test({
  name:
    "list() of delayed jobs gives the one that is due last first, pages without gaps or repeats",
  ignore,
  fn: () =>
    withStore(async (store) => {
      const delays = [30, 10, 20, 10, 10, 10, 30];
      await store.enqueue(
        delays.map((delayMs, i) => [job(`j${i}`, { delayMs, type: `t${i % 2}` })]),
      );
      const expected = ["j6", "j0", "j2", "j5", "j4", "j3", "j1"];
      for (const limit of [1, 2, 3, 10]) {
        assertEquals(await ids(store, "scheduled", limit), expected, `limit ${limit}`);
      }
    }),
});

Deno.test({
  name: "list() leaves out ready jobs that were taken away, and counts() too",
  ignore,
  fn: () =>
    withStore(async (store, clock) => {
      const settings = { expireAt: clock.now() + 5 };
      await store.enqueue([[job("a")], [job("b", { settings })], [job("c")], [
        job("d", { settings }),
      ]]);
      await clock.advance(5);
      assertEquals((await store.expire(10)).moved, 2);
      assertEquals(await ids(store, "ready", 1), ["c", "a"]);
      assertEquals(await ids(store, "canceled", 1), ["d", "b"]);
      const counts = (await store.counts()).map(({ status, count }) => [status, count]);
      assertEquals(counts, [["ready", 2], ["canceled", 2]]);
    }),
});

Deno.test({
  name: "list() of completed jobs gives full pages also where many of one type ended together",
  ignore,
  fn: () =>
    withStore(async (store, clock) => {
      const types = ["a", "b", "c", "d", "e"];
      const ended: string[] = [];
      for (const [i, type] of [...types, ...types].entries()) {
        // Those with a retention of their own stand in another place than the others.
        const settings = i % 2 === 0 ? {} : { retention: { completedMs: 3_600_000 } };
        const some = Array.from({ length: 120 }, (_, n) =>
          job(`${type}-${i}-${n}`, { type, settings }));
        await store.enqueue(some.map((one) => [one]));
        const sources = [{ queue: "q", types: [type], share: 120 }];
        const request = { server: "s", pool: "p", leaseMs: 1000, limit: 120 };
        const { jobs } = await store.claim({ ...request, sources });
        const verdict = { kind: "complete", result: null } as const;
        const outcomes = jobs.map(({ id, holder }) => ({
          id,
          fence: holder.fence,
          verdict,
          ranMs: 0,
        }));
        await store.settle({ outcomes });
        ended.unshift(
          ...jobs.map(({ id }) =>
            id
          ).reverse(),
        );
        await clock.advance(1000);
      }
      assertEquals(await ids(store, "completed", 7), ended);
      const lengths: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ status: "completed", limit: 100, cursor });
        lengths.push(page.jobs.length);
        cursor = page.cursor;
      } while (cursor !== undefined);
      assertEquals(lengths, Array.from({ length: 12 }, () => 100));
    }),
});
