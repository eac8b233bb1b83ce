/**
 * Claim: holder, fence, due times, expiry.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Holder } from "../../job/job.ts";
import {
  claim,
  claimIds,
  claimOne,
  claimRequest,
  complete,
  LEASE_MS,
  newJob,
  newJobs,
  pick,
  put,
  read,
  retryIn,
  runJob,
  settle,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What claim promises about the claims themselves. */
export const claimCases: readonly ConformanceCase[] = stageCases("claim", {
  async "claim() makes a job 'processing' under a holder"(h) {
    const store = await h.open();
    await put(store, newJob("a", { payload: "[1]", priority: 3 }));
    await h.advance(70);
    const job = await claimOne(store, { server: "s-7", pool: "mail", leaseMs: 2500 });
    const { fence, ...holder }: Holder = job.holder;
    assert.deepEqual(holder, {
      server: "s-7",
      pool: "mail",
      claimedAt: h.now(),
      leaseUntil: h.now() + 2500,
    });
    assert.ok(
      Number.isSafeInteger(fence),
      `fence must be a safe integer: current value is ${fence}`,
    );
    const same = pick(job, "id", "payload", "priority", "attempts", "retryCount", "finishedAt");
    assert.deepEqual(same, {
      id: "a",
      payload: "[1]",
      priority: 3,
      attempts: [],
      retryCount: 0,
      finishedAt: null,
    });
    const stored = await read(store, "a");
    assert.deepEqual(pick(stored, "status", "holder", "attemptsMade"), {
      status: "processing",
      holder: job.holder,
      attemptsMade: 0,
    });
  },

  async "claim() never gives a job twice"(h) {
    const store = await h.open();
    await put(store, ...newJobs(100, "j"));
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, i) => claimIds(store, { server: `s${i}`, limit: 5 })),
    );
    const ids = replies.flat();
    assert.equal(new Set(ids).size, 100);
    assert.equal(ids.length, 100);
  },

  async "claim() gives a fence no lower than the store's microseconds"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    assert.ok(
      job.holder.fence >= h.now() * 1000,
      `fence must be >= ${h.now() * 1000}: current value is ${job.holder.fence}`,
    );
  },

  async "claim() gives a higher fence each time, within one millisecond too"(h) {
    const store = await h.open();
    await put(store, ...newJobs(20, "j"));
    let last = 0;
    for (let i = 0; i < 10; i++) {
      for (const { holder } of await claim(store, { limit: 2 })) {
        assert.ok(holder.fence >= last, "fences of one claim must not fall");
        last = holder.fence;
      }
      last++;
    }
  },

  async "claim() gives a higher fence when the clock was set back"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"));
    const first = await claimOne(store);
    h.jump(-3_600_000);
    const second = await claimOne(store);
    assert.ok(second.holder.fence > first.holder.fence, "the fence must rise");
    assert.equal(second.holder.claimedAt, h.now());
    h.jump(7_200_000);
    const third = await claimOne(store);
    assert.ok(third.holder.fence > second.holder.fence, "the fence must rise");
    assert.ok(third.holder.fence >= h.now() * 1000, "the fence must catch up with the clock");
  },

  async "claim() gives a higher fence to a job that comes back"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    let last = 0;
    for (let i = 0; i < 5; i++) {
      const job = await claimOne(store);
      assert.ok(job.holder.fence > last, "the fence must rise");
      last = job.holder.fence;
      await settle(store, job, retryIn(0));
    }
  },

  async "claim() gives a higher fence to a job whose id was used before"(h) {
    const store = await h.open({ retention: { completedMs: 0 } });
    const first = await runJob(store, newJob("a"), complete());
    await put(store, newJob("a"));
    const second = await claimOne(store);
    assert.ok(second.holder.fence > first.holder.fence, "the fence must rise");
    assert.equal(await settle(store, first, complete('"late"')), "lost");
    assert.deepEqual(await statusesOf(store, "a"), ["processing"]);
  },

  async "claim() promotes what is due and claims it in order of priority"(h) {
    const store = await h.open();
    await put(store, newJob("ready"), newJob("high", { priority: 5, delayMs: 10 }));
    await put(store, newJob("late", { delayMs: 10 }));
    await h.advance(10);
    assert.deepEqual(await claimIds(store), ["high", "ready", "late"]);
  },

  async "claim() takes a retry at its millisecond, not one before"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(321));
    await h.advance(320);
    assert.deepEqual(await store.claim(claimRequest()), { jobs: [], nextDueInMs: 1 });
    await h.advance(1);
    const job = await claimOne(store);
    assert.deepEqual(pick(job, "id", "retryCount", "runAt"), {
      id: "a",
      retryCount: 1,
      runAt: null,
    });
  },

  async "claim() says when the next delayed job is due"(h) {
    const store = await h.open();
    assert.equal((await store.claim(claimRequest())).nextDueInMs, null);
    await put(store, newJob("now"), newJob("b", { delayMs: 900 }), newJob("a", { delayMs: 400 }));
    await h.advance(150);
    const reply = await store.claim(claimRequest());
    assert.equal(reply.nextDueInMs, 250);
    await settle(store, reply.jobs[0]!, retryIn(100));
    assert.equal((await store.claim(claimRequest())).nextDueInMs, 100);
    await h.advance(750);
    assert.deepEqual((await claimIds(store)).sort(), ["a", "b", "now"]);
    assert.equal((await store.claim(claimRequest())).nextDueInMs, null);
  },

  async "claim() says when the next delayed job is due also when its limit is reached"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"), newJob("late", { delayMs: 400 }));
    const reply = await store.claim(claimRequest({ limit: 2 }));
    assert.equal(reply.jobs.length, 2);
    assert.equal(reply.nextDueInMs, 400);
  },

  async "claim() cancels jobs past their time instead, and takes the next ones"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, ...newJobs(3, "old", { settings }), newJob("live"));
    await put(store, newJob("due", { settings, delayMs: 50 }));
    await h.advance(101);
    assert.deepEqual(await claimIds(store, { limit: 1 }), ["live"]);
    assert.deepEqual(await claimIds(store), []);
    for (const id of ["old0", "old1", "old2", "due"]) {
      const record = await read(store, id);
      assert.deepEqual(pick(record, "status", "error", "attempts", "holder"), {
        status: "canceled",
        error: "expired",
        attempts: [],
        holder: null,
      });
      assert.equal(record.finishedAt, h.now());
    }
    assert.deepEqual(await tally(store), {
      "default/work/canceled": 4,
      "default/work/processing": 1,
    });
  },

  async "claim() takes a job up to its time, and cancels it from then on"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, newJob("a", { settings }), newJob("b", { settings }));
    await h.advance(99);
    assert.deepEqual(await claimIds(store, { limit: 1 }), ["a"]);
    await h.advance(1);
    assert.deepEqual(await claimIds(store), []);
    assert.deepEqual(await statusesOf(store, "a", "b"), ["processing", "canceled"]);
  },

  async "claim() takes a job past its time that has started before"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await runJob(store, newJob("a", { settings }), retryIn(200));
    await h.advance(200);
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "claim() takes a job past its time whose first holder died"(h) {
    const store = await h.open();
    await put(store, newJob("a", { settings: { expireAt: h.now() + 100 } }));
    await claimOne(store);
    await h.advance(LEASE_MS);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "claim() does not take a job whose lease has ended before it was reaped"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await claimOne(store, { leaseMs: 10 });
    await h.advance(100);
    assert.deepEqual(await claimIds(store), []);
    assert.deepEqual(await statusesOf(store, "a"), ["processing"]);
  },
});
