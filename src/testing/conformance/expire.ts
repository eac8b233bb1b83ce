/**
 * Ready: expire cancels what did not start in time.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claim,
  claimIds,
  claimOne,
  complete,
  LEASE_MS,
  newJob,
  newJobs,
  pick,
  put,
  read,
  release,
  retryIn,
  runJob,
  settle,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What expire promises. */
export const expireCases: readonly ConformanceCase[] = stageCases("ready", {
  async "expire() cancels ready and scheduled jobs that were never started"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(
      store,
      newJob("ready", { settings }),
      newJob("scheduled", { settings, delayMs: 5000 }),
      newJob("later", { settings: { expireAt: h.now() + 5000 } }),
      newJob("never"),
    );
    assert.equal((await store.expire(10)).moved, 0);
    await h.advance(101);
    assert.equal((await store.expire(10)).moved, 2);
    const canceled = {
      status: "canceled",
      error: "expired",
      finishedAt: h.now(),
      runAt: null,
      startedAt: null,
      attemptsMade: 0,
      attempts: [],
    };
    const keys = Object.keys(canceled) as (keyof typeof canceled)[];
    for (const id of ["ready", "scheduled"]) {
      assert.deepEqual(pick(await read(store, id), ...keys), canceled, id);
    }
    assert.equal((await store.expire(10)).moved, 0);
    await h.advance(4900);
    assert.deepEqual(await store.expire(10), { moved: 1, nextInMs: null });
    assert.deepEqual(await claimIds(store), ["never"]);
  },

  async "expire() moves at most the limit and says that more are due"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 10 };
    await put(store, ...newJobs(5, "j", { settings }), newJob("live"));
    await h.advance(11);
    assert.deepEqual(await store.expire(2), { moved: 2, nextInMs: 0 });
    assert.deepEqual(await store.expire(2), { moved: 2, nextInMs: 0 });
    assert.deepEqual(await store.expire(2), { moved: 1, nextInMs: null });
    assert.deepEqual(await tally(store), { "default/work/canceled": 5, "default/work/ready": 1 });
  },

  async "expire() cancels a job at its millisecond, and says when the next one expires"(h) {
    const store = await h.open();
    await put(
      store,
      newJob("b", { settings: { expireAt: h.now() + 900 } }),
      newJob("a", { settings: { expireAt: h.now() + 400 } }),
    );
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: 400 });
    await h.advance(399);
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: 1 });
    await h.advance(1);
    assert.deepEqual(await store.expire(10), { moved: 1, nextInMs: 500 });
  },

  async "expire() leaves jobs alone that have started, also when they wait again"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await runJob(store, newJob("retry", { settings }), retryIn(1000));
    await runJob(store, newJob("again", { settings }), retryIn(10));
    await h.advance(10);
    await store.promote(10);
    await runJob(store, newJob("done", { settings, queue: "q" }), complete());
    await put(store, newJob("running", { settings, priority: 1 }));
    const running = await claimOne(store);
    assert.equal(running.id, "running");
    await h.advance(200);
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: null });
    assert.deepEqual(await statusesOf(store, "retry", "again", "done", "running"), [
      "retry",
      "ready",
      "completed",
      "processing",
    ]);
    assert.deepEqual(await claimIds(store), ["again"]);
  },

  async "expire() leaves a job alone whose holder died, since it has started"(h) {
    const store = await h.open();
    await put(store, newJob("a", { settings: { expireAt: h.now() + 100 } }));
    await claimOne(store);
    await h.advance(LEASE_MS);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: null });
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "expire() cancels a job that was given back unharmed, since no attempt was made"(h) {
    const store = await h.open();
    await put(store, newJob("a", { settings: { expireAt: h.now() + 100 } }));
    const job = await claimOne(store);
    await h.advance(101);
    assert.equal((await store.expire(10)).moved, 0);
    await settle(store, job, release);
    assert.equal((await store.expire(10)).moved, 1);
    assert.deepEqual(pick(await read(store, "a"), "status", "error"), {
      status: "canceled",
      error: "expired",
    });
  },

  async "expire() applies retention: an own failedMs of 0 removes the job at once"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 10, retention: { failedMs: 0 } };
    await put(store, newJob("a", { settings }));
    await h.advance(11);
    assert.equal((await store.expire(10)).moved, 1);
    assert.deepEqual(await store.getJobs(["a"]), [null]);
    assert.deepEqual(await claim(store), []);
    assert.deepEqual(await store.counts(), []);
  },
});
