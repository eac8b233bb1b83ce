/**
 * Claim: reap takes jobs back from holders whose lease has ended.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claim,
  claimIds,
  claimOne,
  complete,
  holdOf,
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
  source,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const reapAll = { limit: 100, maxDeliveries: 5 } as const;

/** What reap promises. */
export const reapCases: readonly ConformanceCase[] = stageCases("reap", {
  async "reap() of a store without claims moves nothing and knows of nothing"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b", { delayMs: 10 }));
    await h.advance(LEASE_MS * 2);
    assert.deepEqual(await store.reap(reapAll), { moved: 0, nextInMs: null });
  },

  async "reap() takes a job at the end of its lease, not one millisecond before"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await claimOne(store, { leaseMs: 1000 });
    assert.deepEqual(await store.reap(reapAll), { moved: 0, nextInMs: 1000 });
    await h.advance(999);
    assert.deepEqual(await store.reap(reapAll), { moved: 0, nextInMs: 1 });
    assert.deepEqual(await statusesOf(store, "a"), ["processing"]);
    await h.advance(1);
    assert.deepEqual(await store.reap(reapAll), { moved: 1, nextInMs: null });
    assert.deepEqual(await store.reap(reapAll), { moved: 0, nextInMs: null });
  },

  async "reap() records a lost attempt and counts a delivery, not a retry"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(0));
    const job = await claimOne(store, { server: "s-2", pool: "p-2" });
    await h.advance(LEASE_MS + 500);
    await store.reap(reapAll);
    const record = await read(store, "a");
    assert.deepEqual(
      pick(record, "status", "deliveries", "attemptsMade", "retryCount", "holder", "finishedAt"),
      {
        status: "ready",
        deliveries: 1,
        attemptsMade: 2,
        retryCount: 1,
        holder: null,
        finishedAt: null,
      },
    );
    assert.equal(record.attempts.length, 2);
    const lost = record.attempts[1]!;
    assert.deepEqual(pick(lost, "attempt", "outcome", "server", "pool"), {
      attempt: 2,
      outcome: "lost",
      server: "s-2",
      pool: "p-2",
    });
    const { claimedAt, leaseUntil } = job.holder;
    assert.ok(lost.startedAt >= claimedAt, "it started when it was claimed, or later");
    assert.ok(
      lost.finishedAt >= leaseUntil && lost.finishedAt <= h.now(),
      "it ended with its lease, or when reaped",
    );
  },

  async "reap() puts jobs back to their old places"(h) {
    const store = await h.open();
    await put(store, ...newJobs(5, "j"));
    await claim(store, { limit: 1, leaseMs: 2000 });
    await claim(store, { limit: 2, leaseMs: 1000 });
    await put(store, newJob("new"));
    await h.advance(1000);
    assert.deepEqual(await store.reap(reapAll), { moved: 2, nextInMs: 1000 });
    await h.advance(1000);
    assert.equal((await store.reap(reapAll)).moved, 1);
    assert.deepEqual(await claimIds(store), ["j0", "j1", "j2", "j3", "j4", "new"]);
  },

  async "reap() puts a job back to its priority, queue and type"(h) {
    const store = await h.open();
    await put(store, newJob("other", { queue: "q", type: "t" }), newJob("low", { priority: -1 }));
    await put(store, newJob("high", { priority: 9 }), newJob("mid"));
    await claimOne(store, { leaseMs: 10 });
    await claimOne(store, { leaseMs: 10, sources: [source("q", ["t"])] });
    await h.advance(10);
    assert.equal((await store.reap(reapAll)).moved, 2);
    assert.deepEqual(await claimIds(store), ["high", "mid", "low"]);
    assert.deepEqual(await claimIds(store, { sources: [source("q", ["t"])] }), ["other"]);
  },

  async "reap() puts a job enqueued at the front back to the front"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("front", { atFront: true }));
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap(reapAll);
    assert.deepEqual(await claimIds(store), ["front", "a"]);
  },

  async "reap() puts a retried job back to the place of its retry"(h) {
    const store = await h.open();
    await put(store, newJob("r"), newJob("a"));
    await settle(store, await claimOne(store), retryIn(5));
    await put(store, newJob("b"));
    await h.advance(5);
    await store.promote(10);
    await put(store, newJob("c"));
    assert.deepEqual(await claimIds(store, { limit: 3, leaseMs: 10 }), ["a", "b", "r"]);
    await h.advance(10);
    await store.reap(reapAll);
    assert.deepEqual(await claimIds(store), ["a", "b", "r", "c"]);
  },

  async "reap() takes at most the limit, and says that more are due"(h) {
    const store = await h.open();
    await put(store, ...newJobs(6, "j"));
    await claim(store, { limit: 5, leaseMs: 10 });
    await claim(store, { limit: 1, leaseMs: 50 });
    await h.advance(10);
    assert.deepEqual(await store.reap({ ...reapAll, limit: 2 }), { moved: 2, nextInMs: 0 });
    assert.deepEqual(await tally(store), { "default/work/ready": 2, "default/work/processing": 4 });
    assert.deepEqual(await store.reap({ ...reapAll, limit: 2 }), { moved: 2, nextInMs: 0 });
    assert.deepEqual(await store.reap({ ...reapAll, limit: 2 }), { moved: 1, nextInMs: 40 });
  },

  async "reap() dead-letters a job that was delivered maxDeliveries times"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    for (let delivery = 1; delivery <= 3; delivery++) {
      assert.deepEqual(await statusesOf(store, "a"), ["ready"]);
      await claimOne(store, { leaseMs: 10 });
      await h.advance(10);
      assert.equal((await store.reap({ limit: 10, maxDeliveries: 3 })).moved, 1);
      assert.equal((await read(store, "a")).deliveries, delivery);
    }
    const record = await read(store, "a");
    assert.deepEqual(
      pick(record, "status", "attemptsMade", "retryCount", "holder", "runAt", "finishedAt"),
      {
        status: "dead_letter",
        attemptsMade: 3,
        retryCount: 0,
        holder: null,
        runAt: null,
        finishedAt: h.now(),
      },
    );
    assert.deepEqual(record.attempts.map((one) => one.outcome), ["lost", "lost", "lost"]);
    assert.ok(record.error !== null && record.error !== "", "a dead letter says why");
    assert.deepEqual(await claimIds(store), []);
  },

  async "reap() dead-letters at the first loss when maxDeliveries is 1"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 1 });
    assert.deepEqual(await statusesOf(store, "a"), ["dead_letter"]);
  },

  async "reap() counts losses only, not failures, toward maxDeliveries"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    for (let i = 0; i < 4; i++) await settle(store, await claimOne(store), retryIn(0));
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 2 });
    assert.deepEqual(
      pick(await read(store, "a"), "status", "deliveries", "attemptsMade", "retryCount"),
      {
        status: "ready",
        deliveries: 1,
        attemptsMade: 5,
        retryCount: 4,
      },
    );
  },

  async "reap() applies retention: an own failedMs of 0 removes a poison job at once"(h) {
    const store = await h.open();
    await put(store, newJob("a", { settings: { retention: { failedMs: 0 } } }));
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    assert.equal((await store.reap({ limit: 10, maxDeliveries: 1 })).moved, 1);
    assert.deepEqual(await store.getJobs(["a"]), [null]);
    assert.deepEqual(await store.counts(), []);
  },

  async "reap() leaves jobs alone that were settled before their lease ended"(h) {
    const store = await h.open();
    await put(store, ...newJobs(4, "j"));
    const [a, b, c] = await claim(store, { limit: 3, leaseMs: 10 });
    await settle(store, a!, complete());
    await settle(store, b!, retryIn(1000));
    await settle(store, c!, release);
    await h.advance(500);
    assert.deepEqual(await store.reap(reapAll), { moved: 0, nextInMs: null });
    assert.deepEqual(await statusesOf(store, "j0", "j1", "j2"), ["completed", "retry", "ready"]);
  },

  async "reap() shuts the old holder out: settle, report and heartbeat change nothing"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const old = await claimOne(store);
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    for (const stage of ["ready", "processing"]) {
      if (stage === "processing") await claimOne(store, { server: "server-2" });
      const before = await read(store, "a");
      assert.equal(before.status, stage);
      for (const verdict of [complete('"late"'), retryIn(1), release]) {
        assert.equal(await settle(store, old, verdict), "lost", `${verdict.kind} while ${stage}`);
      }
      const report = { ...holdOf(old), progress: { value: 1 }, logs: ["late"] };
      assert.deepEqual(await store.report([report]), ["lost"]);
      assert.deepEqual(await read(store, "a"), before);
    }
  },
});
