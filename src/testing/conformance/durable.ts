/**
 * Jobs outlive the handle that wrote them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  cancel,
  claim,
  claimIds,
  claimOne,
  complete,
  deadLetter,
  holdOf,
  LEASE_MS,
  newJob,
  newJobs,
  put,
  read,
  retryIn,
  runJob,
  settle,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What durable stores promise. */
export const durableCases: readonly ConformanceCase[] = stageCases("durable", {
  async "records of every status are the same after a reopen"(h) {
    const store = await h.open();
    const ids = ["completed", "retry", "dead", "canceled", "running", "scheduled", "ready"];
    await put(store, newJob("completed", { payload: '{"n":12345678901234567890}' }));
    const first = await claimOne(store);
    await store.report([{ ...holdOf(first), progress: { value: 0.5 }, logs: ["one", "two"] }]);
    await settle(store, first, complete('["🦄"]'), 3);
    await runJob(store, newJob("retry"), retryIn(5000, { message: "m", name: "n", stack: "s" }));
    await runJob(store, newJob("dead"), deadLetter());
    await runJob(store, newJob("canceled"), cancel());
    await put(store, newJob("running", { priority: -3, settings: { meta: { a: [] } } }));
    await claimOne(store);
    await put(store, newJob("scheduled", { delayMs: 7000 }), newJob("ready"));
    const before = await store.getJobs(ids);
    const counted = await tally(store);
    const again = await h.reopen();
    assert.deepEqual(await again.getJobs(ids), before);
    assert.deepEqual(await tally(again), counted);
  },

  async "ready jobs are claimed in the same order after a reopen"(h) {
    let store = await h.open();
    await put(store, ...newJobs(3, "a"), ...newJobs(2, "high", { priority: 2 }));
    await put(store, newJob("front", { atFront: true }), newJob("late", { delayMs: 10 }));
    store = await h.reopen();
    await put(store, ...newJobs(2, "b"), newJob("front2", { atFront: true }));
    await h.advance(10);
    await store.promote(10);
    const expected = ["high0", "high1", "front2", "front", "a0", "a1", "a2", "b0", "b1", "late"];
    assert.deepEqual(await claimIds(store, { limit: 20 }), expected);
  },

  async "delayed jobs and retries are due at their millisecond after a reopen"(h) {
    let store = await h.open();
    await runJob(store, newJob("r"), retryIn(200));
    await put(store, newJob("s", { delayMs: 100 }));
    store = await h.reopen();
    await h.advance(99);
    assert.deepEqual(await claimIds(store), []);
    await h.advance(1);
    assert.deepEqual(await claimIds(store), ["s"]);
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: 100 });
  },

  async "a claim is still its holder's after a reopen, and is reaped when it lapses"(h) {
    let store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const [a, b] = [await claimOne(store), await claimOne(store)];
    store = await h.reopen();
    assert.equal(await settle(store, a, complete()), "ok");
    assert.equal(await settle(store, a, complete()), "already");
    await h.advance(LEASE_MS);
    assert.equal((await store.reap({ limit: 10, maxDeliveries: 5 })).moved, 1);
    store = await h.reopen();
    assert.equal(await settle(store, b, complete()), "lost");
    assert.equal((await read(store, "b")).deliveries, 1);
  },

  async "a repeat after a lost reply answers 'already' after a reopen"(h) {
    let store = await h.open();
    const job = await runJob(store, newJob("a"), retryIn(1000));
    store = await h.reopen();
    assert.equal(await settle(store, job, retryIn(1000)), "already");
    assert.equal((await read(store, "a")).retryCount, 1);
  },

  async "the fence rises over a reopen, with the clock set back too"(h) {
    let store = await h.open();
    await put(store, ...newJobs(4, "j"));
    let last = (await claimOne(store)).holder.fence;
    for (const jump of [0, -86_400_000, 1000]) {
      h.jump(jump);
      store = await h.reopen();
      const { fence } = (await claimOne(store)).holder;
      assert.ok(
        fence > last,
        `the fence must rise after a jump of ${jump} ms: ${fence} after ${last}`,
      );
      last = fence;
    }
  },

  async "an id in use is a duplicate after a reopen"(h) {
    let store = await h.open();
    await runJob(store, newJob("a"), complete());
    store = await h.reopen();
    assert.deepEqual(await store.enqueue([[newJob("a")]]), [
      { outcome: "duplicate", index: 0, id: "a", status: "completed" },
    ]);
  },

  async "retention goes on after a reopen"(h) {
    let store = await h.open({ retention: { completedMs: 1000, maxCount: 2 } });
    for (const id of ["a", "b"]) await runJob(store, newJob(id), complete());
    await h.advance(999);
    store = await h.reopen();
    await runJob(store, newJob("c"), complete());
    await store.prune(10);
    assert.deepEqual(await tally(store), { "default/work/completed": 2 });
    await h.advance(1);
    await store.prune(10);
    assert.deepEqual(await tally(store), { "default/work/completed": 1 });
    assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: 999 });
  },

  async "a lower count limit after a reopen is worked off by prune, step by step"(h) {
    let store = await h.open();
    const short = { queue: "short", settings: { retention: { completedMs: 10 } } };
    await put(store, ...newJobs(8, "j"), ...newJobs(3, "s", short));
    for (const job of await claim(store, { limit: 11 })) await settle(store, job, complete());
    await h.advance(10);
    store = await h.reopen({ retention: { completedMs: -1, maxCount: 3 } });
    for (let step = 1; step <= 4; step++) {
      const { moved, nextInMs } = await store.prune(2);
      assert.equal(moved, 2, `step ${step}`);
      if (step < 4) assert.equal(nextInMs, 0, `step ${step}`);
    }
    assert.equal((await store.prune(2)).moved, 0);
    assert.deepEqual(await statusesOf(store, "j4", "j5", "j6", "j7"), [
      null,
      "completed",
      "completed",
      "completed",
    ]);
    assert.deepEqual(await tally(store), { "default/work/completed": 3 });
  },

  async "list pages go on after a reopen"(h) {
    let store = await h.open();
    for (const job of newJobs(7, "j")) await put(store, job);
    const ids: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 50; page++) {
      const query = { status: "ready", limit: 3 } as const;
      const reply = await store.list(cursor === undefined ? query : { ...query, cursor });
      ids.push(...reply.jobs.map((job) => job.id));
      cursor = reply.cursor;
      if (cursor === undefined) break;
      store = await h.reopen();
      await put(store, newJob(`new${page}`));
    }
    assert.deepEqual(ids, ["j6", "j5", "j4", "j3", "j2", "j1", "j0"]);
  },
}, "durable");
