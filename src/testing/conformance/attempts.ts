/**
 * Settle: the attempts that a job remembers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_ATTEMPTS_KEPT } from "../../job/job.ts";
import {
  claimOne,
  complete,
  newJob,
  pick,
  put,
  read,
  release,
  retryIn,
  runJob,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What settle and reap promise about past attempts. */
export const attemptCases: readonly ConformanceCase[] = stageCases("settle", {
  async "settle() keeps the newest attempts of a job that has many"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const total = MAX_ATTEMPTS_KEPT + 5;
    for (let i = 1; i <= total; i++) {
      await settle(store, await claimOne(store), retryIn(0, { message: `failure ${i}` }));
      await h.advance(1);
    }
    const record = await read(store, "a");
    assert.deepEqual(pick(record, "attemptsMade", "retryCount", "error"), {
      attemptsMade: total,
      retryCount: total,
      error: `failure ${total}`,
    });
    const kept = Array.from({ length: MAX_ATTEMPTS_KEPT }, (_, i) => i + 6);
    assert.deepEqual(record.attempts.map((one) => one.attempt), kept);
    assert.deepEqual(
      record.attempts.map((one) => one.error?.message),
      kept.map((n) => `failure ${n}`),
    );
  },

  async "reap() keeps the newest attempts of a job that has many"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const total = MAX_ATTEMPTS_KEPT + 3;
    for (let i = 1; i <= total; i++) {
      await claimOne(store, { leaseMs: 10 });
      await h.advance(10);
      await store.reap({ limit: 10, maxDeliveries: 1000 });
    }
    const record = await read(store, "a");
    assert.deepEqual(pick(record, "attemptsMade", "deliveries"), {
      attemptsMade: total,
      deliveries: total,
    });
    const kept = Array.from({ length: MAX_ATTEMPTS_KEPT }, (_, i) => i + 4);
    assert.deepEqual(record.attempts.map((one) => one.attempt), kept);
    assert.ok(record.attempts.every((one) => one.outcome === "lost"));
  },

  async "settle() numbers attempts on over losses and releases"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(0));
    await settle(store, await claimOne(store), release);
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    await settle(store, await claimOne(store), complete());
    const record = await read(store, "a");
    assert.deepEqual(record.attempts.map((one) => [one.attempt, one.outcome]), [
      [1, "retry"],
      [2, "lost"],
      [3, "completed"],
    ]);
    assert.deepEqual(pick(record, "attemptsMade", "deliveries", "retryCount"), {
      attemptsMade: 3,
      deliveries: 1,
      retryCount: 1,
    });
  },
});
