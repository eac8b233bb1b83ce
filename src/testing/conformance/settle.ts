/**
 * Settle: what each verdict does.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_ATTEMPTS_KEPT } from "../../job/job.ts";
import {
  cancel,
  claim,
  claimIds,
  claimOne,
  claimRequest,
  complete,
  deadLetter,
  LEASE_MS,
  newJob,
  newJobs,
  outcome,
  pick,
  put,
  read,
  release,
  retryIn,
  runJob,
  settle,
  source,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const failure = { message: "kaputt: 42", name: "TypeError", stack: "at a (b.ts:1)\n  at c" };

/** What settle promises for each verdict, and for the claim that rides with it. */
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

  async "settle() of several outcomes settles each by its own verdict"(h) {
    const store = await h.open();
    await put(store, ...newJobs(5, "j"));
    const jobs = await claim(store);
    const verdicts = [complete(), retryIn(50), deadLetter(), cancel(), release];
    const outcomes = jobs.map((job, i) => outcome(job, verdicts[i]!));
    const reply = await store.settle({ outcomes });
    assert.deepEqual(reply.results, ["ok", "ok", "ok", "ok", "ok"]);
    assert.equal(reply.claimed, undefined);
    assert.deepEqual(await statusesOf(store, ...jobs.map((job) => job.id)), [
      "completed",
      "retry",
      "dead_letter",
      "canceled",
      "ready",
    ]);
  },

  async "settle() claims the next jobs in the same step"(h) {
    const store = await h.open();
    await put(store, ...newJobs(4, "j"));
    const [j0] = await claim(store, { limit: 1 });
    const reply = await store.settle({
      outcomes: [outcome(j0!, complete())],
      claim: claimRequest({ limit: 2, server: "server-9" }),
    });
    assert.deepEqual(reply.results, ["ok"]);
    assert.deepEqual(reply.claimed?.jobs.map((job) => [job.id, job.holder.server]), [
      ["j1", "server-9"],
      ["j2", "server-9"],
    ]);
    assert.equal(reply.claimed?.nextDueInMs, null);
    assert.deepEqual(await tally(store), {
      "default/work/completed": 1,
      "default/work/processing": 2,
      "default/work/ready": 1,
    });
  },

  async "settle() claims after the outcomes: what it gave back can be claimed"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"));
    const [j0, j1] = await claim(store, { limit: 2 });
    const reply = await store.settle({
      outcomes: [outcome(j1!, retryIn(0)), outcome(j0!, release)],
      claim: claimRequest(),
    });
    assert.deepEqual(reply.claimed?.jobs.map((job) => job.id), ["j0", "j2", "j1"]);
    for (const job of reply.claimed?.jobs ?? []) {
      assert.ok(job.holder.fence > j1!.holder.fence, `the fence of '${job.id}' must rise`);
    }
    assert.equal(await settle(store, j0!, complete()), "already");
  },

  async "settle() claims also when there are no outcomes, or all are lost"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c", { delayMs: 70 }));
    const first = await store.settle({ outcomes: [], claim: claimRequest({ limit: 1 }) });
    assert.deepEqual(first.results, []);
    assert.deepEqual(first.claimed?.jobs.map((job) => job.id), ["a"]);
    const lost = { id: "nobody", fence: 5, verdict: complete(), ranMs: 0 };
    const second = await store.settle({ outcomes: [lost], claim: claimRequest({ limit: 5 }) });
    assert.deepEqual(second.results, ["lost"]);
    assert.deepEqual(second.claimed?.jobs.map((job) => job.id), ["b"]);
    assert.equal(second.claimed?.nextDueInMs, 70);
  },

  async "settle() of nothing does nothing"(h) {
    const store = await h.open();
    const reply = await store.settle({ outcomes: [] });
    assert.deepEqual(reply.results, []);
    assert.equal(reply.claimed, undefined);
  },

  async "settle() claims only what its claim asks for"(h) {
    const store = await h.open();
    await put(store, newJob("a", { type: "x" }), newJob("b", { queue: "q" }), newJob("c"));
    const sources = [source("default", ["work"])];
    const reply = await store.settle({ outcomes: [], claim: claimRequest({ sources }) });
    assert.deepEqual(reply.claimed?.jobs.map((job) => job.id), ["c"]);
  },

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

/** An attempt without an error may have the field or not. */
function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
