/**
 * Settle: what each verdict does.
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
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const failure = { message: "kaputt: 42", name: "TypeError", stack: "at a (b.ts:1)\n  at c" };

/** What settle promises for each verdict. */
export const settleCases: readonly ConformanceCase[] = stageCases("settle", {
  async "settle() 'complete' stores the result and the attempt"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await h.advance(5);
    const job = await claimOne(store, { server: "s-1", pool: "p-1" });
    await h.advance(250);
    assert.equal(await settle(store, job, complete('{"ok":[1]}'), 200), "ok");
    const now = h.now();
    const expected = {
      status: "completed",
      result: '{"ok":[1]}',
      error: null,
      startedAt: now - 200,
      finishedAt: now,
      runAt: null,
      retryCount: 0,
      attemptsMade: 1,
      deliveries: 0,
      holder: null,
      attempts: [{
        attempt: 1,
        startedAt: now - 200,
        finishedAt: now,
        outcome: "completed",
        server: "s-1",
        pool: "p-1",
      }],
    };
    const keys = Object.keys(expected) as (keyof typeof expected)[];
    assert.deepEqual(withoutUndefined(pick(await read(store, "a"), ...keys)), expected);
  },

  async "settle() 'complete' without a result stores null"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), complete(null));
    await runJob(store, newJob("b"), complete("null"));
    assert.equal((await read(store, "a")).result, null);
    assert.equal((await read(store, "b")).result, "null");
  },

  async "settle() 'complete' clears the error of an earlier attempt"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(0, failure));
    assert.equal((await read(store, "a")).error, failure.message);
    await settle(store, await claimOne(store), complete());
    const record = await read(store, "a");
    assert.equal(record.error, null);
    assert.deepEqual(record.attempts.map((one) => one.outcome), ["retry", "completed"]);
  },

  async "settle() 'retry' makes the job wait, with the failure in its attempt"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await h.advance(100);
    assert.equal(await settle(store, job, retryIn(5000, failure), 60), "ok");
    const now = h.now();
    const expected = {
      status: "retry",
      runAt: now + 5000,
      startedAt: now - 60,
      finishedAt: null,
      retryCount: 1,
      attemptsMade: 1,
      deliveries: 0,
      error: failure.message,
      result: null,
      holder: null,
      attempts: [{
        attempt: 1,
        startedAt: now - 60,
        finishedAt: now,
        outcome: "retry",
        server: "server-1",
        pool: "pool-1",
        error: failure,
      }],
    };
    const keys = Object.keys(expected) as (keyof typeof expected)[];
    assert.deepEqual(pick(await read(store, "a"), ...keys), expected);
  },

  async "settle() 'retry' that is not counted leaves the retry count"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), { kind: "retry", delayMs: 0, counted: false, error: failure });
    assert.deepEqual(pick(await read(store, "a"), "status", "retryCount", "attemptsMade"), {
      status: "retry",
      retryCount: 0,
      attemptsMade: 1,
    });
    await settle(store, await claimOne(store), retryIn(0));
    assert.deepEqual(pick(await read(store, "a"), "retryCount", "attemptsMade"), {
      retryCount: 1,
      attemptsMade: 2,
    });
  },

  async "settle() 'retry' without delay makes the job claimable at once"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(0));
    assert.deepEqual(pick(await read(store, "a"), "status", "runAt"), {
      status: "retry",
      runAt: h.now(),
    });
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "settle() 'dead_letter' keeps the job with its failure"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(0));
    await h.advance(9);
    const verdict = { kind: "dead_letter", error: failure } as const;
    assert.equal(await settle(store, await claimOne(store), verdict), "ok");
    const record = await read(store, "a");
    assert.deepEqual(
      pick(record, "status", "error", "finishedAt", "retryCount", "result", "holder"),
      {
        status: "dead_letter",
        error: failure.message,
        finishedAt: h.now(),
        retryCount: 1,
        result: null,
        holder: null,
      },
    );
    assert.deepEqual(pick(record.attempts[1]!, "attempt", "outcome", "error"), {
      attempt: 2,
      outcome: "dead_letter",
      error: failure,
    });
  },

  async "settle() 'dead_letter' removes a job with deadLetter: false at once"(h) {
    const store = await h.open();
    await runJob(store, newJob("a", { settings: { deadLetter: false } }), deadLetter());
    assert.deepEqual(await store.getJobs(["a"]), [null]);
    assert.deepEqual(await store.counts(), []);
    assert.deepEqual(await store.list({ status: "dead_letter", limit: 10 }), { jobs: [] });
  },

  async "settle() keeps a job with deadLetter: false whose verdict is another"(h) {
    const store = await h.open();
    const settings = { deadLetter: false };
    await runJob(store, newJob("a", { settings }), complete());
    await runJob(store, newJob("b", { settings }), cancel());
    await runJob(store, newJob("c", { settings }), retryIn(1000));
    assert.deepEqual(await statusesOf(store, "a", "b", "c"), ["completed", "canceled", "retry"]);
  },

  async "settle() 'cancel' keeps the job with the reason"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), cancel("no longer wanted"));
    const record = await read(store, "a");
    assert.deepEqual(pick(record, "status", "error", "finishedAt", "attemptsMade", "holder"), {
      status: "canceled",
      error: "no longer wanted",
      finishedAt: h.now(),
      attemptsMade: 1,
      holder: null,
    });
    assert.deepEqual(pick(record.attempts[0]!, "outcome", "error"), {
      outcome: "canceled",
      error: { message: "no longer wanted" },
    });
  },

  async "settle() 'release' gives a job back to its old place, as if never claimed"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"));
    const before = await read(store, "j0");
    const [job] = await claim(store, { limit: 1 });
    await h.advance(100);
    assert.equal(await settle(store, job!, release, 90), "ok");
    assert.deepEqual(await read(store, "j0"), before);
    assert.deepEqual(await claimIds(store), ["j0", "j1", "j2"]);
  },

  async "settle() 'release' gives a retried job back with its past"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(0, failure));
    await store.promote(10);
    const before = await read(store, "a");
    await settle(store, await claimOne(store), release);
    assert.deepEqual(await read(store, "a"), before);
  },

  async "settle() takes an outcome after the lease has ended, as long as nobody reaped"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await h.advance(LEASE_MS * 3);
    assert.equal(await settle(store, job, complete()), "ok");
    assert.deepEqual(await statusesOf(store, "a"), ["completed"]);
  },
});

/** An attempt without an error may have the field or not. */
function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
