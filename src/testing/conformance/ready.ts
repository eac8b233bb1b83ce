/**
 * Ready: when a job is due, promote, and the front of a line.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claimIds,
  claimOne,
  claimRequest,
  newJob,
  pick,
  put,
  read,
  retryIn,
  runJob,
  settle,
  statusesOf,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";

const dueNow: Record<string, (now: number) => object> = {
  "runAt in the past": (now) => ({ runAt: now - 60_000 }),
  "runAt now": (now) => ({ runAt: now }),
  "runAt 0": () => ({ runAt: 0 }),
  "delayMs 0": () => ({ delayMs: 0 }),
};

const dueLater: Record<string, (now: number) => object> = {
  "runAt in the future": (now) => ({ runAt: now + 1234 }),
  "delayMs": () => ({ delayMs: 1234 }),
};

function dueCases(): Record<string, (h: ConformanceHarness) => Promise<void>> {
  const cases: Record<string, (h: ConformanceHarness) => Promise<void>> = {};
  for (const [what, fields] of Object.entries(dueNow)) {
    cases[`a job with ${what} is ready at once`] = async (h) => {
      const store = await h.open();
      await put(store, newJob("a", fields(h.now())));
      assert.deepEqual(pick(await read(store, "a"), "status", "runAt"), {
        status: "ready",
        runAt: null,
      });
      assert.deepEqual(await claimIds(store), ["a"]);
    };
  }
  for (const [what, fields] of Object.entries(dueLater)) {
    cases[`a job with ${what} is claimed at its millisecond, not one before`] = async (h) => {
      const store = await h.open();
      const runAt = h.now() + 1234;
      await put(store, newJob("a", fields(h.now())));
      assert.deepEqual(pick(await read(store, "a"), "status", "runAt"), {
        status: "scheduled",
        runAt,
      });
      await h.advance(1233);
      assert.deepEqual(await claimIds(store), []);
      assert.deepEqual(await statusesOf(store, "a"), ["scheduled"]);
      await h.advance(1);
      const job = await claimOne(store);
      assert.deepEqual(pick(job, "id", "runAt"), { id: "a", runAt: null });
    };
  }
  return cases;
}

/** What promote and expire promise. */
export const readyCases: readonly ConformanceCase[] = stageCases("ready", {
  ...dueCases(),

  async "promote() makes a job ready at its millisecond, not one before"(h) {
    const store = await h.open();
    await put(store, newJob("a", { delayMs: 500 }));
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: 500 });
    await h.advance(499);
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: 1 });
    await h.advance(1);
    assert.deepEqual(await store.promote(10), { moved: 1, nextInMs: null });
    assert.deepEqual(pick(await read(store, "a"), "status", "runAt"), {
      status: "ready",
      runAt: null,
    });
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: null });
  },

  async "promote() of an empty store moves nothing and knows of nothing"(h) {
    const store = await h.open();
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: null });
  },

  async "promote() makes jobs ready in the order in which they are due"(h) {
    const store = await h.open();
    await put(
      store,
      newJob("c", { delayMs: 30 }),
      newJob("a", { delayMs: 10 }),
      newJob("d", { delayMs: 40 }),
      newJob("b", { delayMs: 20 }),
    );
    await h.advance(100);
    assert.equal((await store.promote(10)).moved, 4);
    assert.deepEqual(await claimIds(store), ["a", "b", "c", "d"]);
  },

  async "promote() moves the earliest first, at most the limit, and says that more are due"(h) {
    const store = await h.open();
    await put(store, ...[3, 1, 4, 2, 5].map((n) => newJob(`j${n}`, { delayMs: n * 10 })));
    await h.advance(45);
    assert.deepEqual(await store.promote(3), { moved: 3, nextInMs: 0 });
    assert.deepEqual(await statusesOf(store, "j1", "j2", "j3", "j4", "j5"), [
      "ready",
      "ready",
      "ready",
      "scheduled",
      "scheduled",
    ]);
    assert.deepEqual(await store.promote(3), { moved: 1, nextInMs: 5 });
  },

  async "promote() moves retry jobs and scheduled jobs alike"(h) {
    const store = await h.open();
    await runJob(store, newJob("r"), retryIn(20));
    await put(store, newJob("s", { delayMs: 10 }));
    await h.advance(20);
    assert.deepEqual(await store.promote(10), { moved: 2, nextInMs: null });
    assert.deepEqual(pick(await read(store, "r"), "status", "runAt", "retryCount"), {
      status: "ready",
      runAt: null,
      retryCount: 1,
    });
    assert.deepEqual(await claimIds(store), ["s", "r"]);
  },

  async "promote() puts a job at the end of its line, behind those ready before"(h) {
    const store = await h.open();
    await put(store, newJob("late", { delayMs: 10 }), newJob("first"));
    await h.advance(5);
    await put(store, newJob("second"));
    await h.advance(5);
    await store.promote(10);
    await put(store, newJob("third"));
    assert.deepEqual(await claimIds(store), ["first", "second", "late", "third"]);
  },

  async "promote() keeps priorities"(h) {
    const store = await h.open();
    await put(store, newJob("high", { priority: 7, delayMs: 10 }), newJob("normal"));
    await h.advance(10);
    await store.promote(10);
    assert.deepEqual(await claimIds(store), ["high", "normal"]);
  },

  async "a thousand jobs that are due at once are claimed in the order in which they were due"(h) {
    const store = await h.open();
    const delays = Array.from({ length: 1000 }, (_, i) => 1 + (i * 7) % 1000);
    await put(store, ...delays.map((delayMs) => newJob(`j${delayMs}`, { delayMs })));
    await h.advance(1000);
    const ids: string[] = [];
    for (let call = 0; call < 200 && ids.length < 1000; call++) {
      const { jobs, nextDueInMs } = await store.claim(claimRequest({ limit: 90 }));
      ids.push(...jobs.map((job) => job.id));
      assert.ok(
        nextDueInMs === 0 || nextDueInMs === null,
        `either due now or none: ${nextDueInMs}`,
      );
      assert.ok(nextDueInMs === 0 || ids.length % 90 === 0 || ids.length === 1000, "none is left");
    }
    assert.deepEqual(ids, Array.from({ length: 1000 }, (_, i) => `j${i + 1}`));
  },

  async "a ready job enqueued at the front goes before its equals, not before higher ones"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("high", { priority: 1 }));
    await put(store, newJob("front1", { atFront: true }));
    await put(store, newJob("front2", { atFront: true }));
    await put(store, newJob("low", { priority: -1, atFront: true }));
    assert.deepEqual(await claimIds(store), ["high", "front2", "front1", "a", "b", "low"]);
  },

  async "a delayed job enqueued at the front goes to the front when it is due"(h) {
    const store = await h.open();
    await put(store, newJob("front", { atFront: true, delayMs: 10 }), newJob("a"));
    await h.advance(10);
    await store.promote(10);
    assert.deepEqual(await claimIds(store), ["front", "a"]);
  },

  async "a job enqueued at the front goes to the end when it is retried"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("front", { atFront: true }));
    const front = await claimOne(store);
    assert.equal(front.id, "front");
    await settle(store, front, retryIn(10));
    await put(store, newJob("b"));
    await h.advance(10);
    await store.promote(10);
    assert.deepEqual(await claimIds(store), ["a", "b", "front"]);
  },

  async "a delayed job enqueued at the front goes to the end when it is retried"(h) {
    const store = await h.open();
    await put(store, newJob("front", { atFront: true, delayMs: 10 }));
    await h.advance(10);
    await settle(store, await claimOne(store), retryIn(10));
    await put(store, newJob("a"));
    await h.advance(10);
    assert.deepEqual(await claimIds(store), ["a", "front"]);
  },

  async "a job whose wall clock stepped back becomes due by the stepped clock"(h) {
    const store = await h.open();
    await put(store, newJob("a", { delayMs: 100 }));
    h.jump(-1000);
    await h.advance(100);
    assert.deepEqual(await claimIds(store), []);
    await h.advance(1000);
    assert.deepEqual(await claimIds(store), ["a"]);
  },
});
