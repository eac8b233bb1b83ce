/**
 * Claim: reap gives back what was held ahead, and suspects it from then on.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Verdict } from "../../store/store.ts";
import { claimAhead, makeSuspect, mark, reapAll, startedOnes, suspects } from "./ahead_builders.ts";
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
import { assertHealthy } from "./doctor.ts";
import { inShort, toldBy } from "./hearing.ts";
import { expectTotals, totals } from "./insight_builders.ts";
import { atOnce, keyed, limit, takeIds, work } from "./limit_builders.ts";

/** Verdicts that record an attempt. */
const verdicts: readonly Verdict[] = [
  complete(),
  retryIn(0),
  { ...retryIn(0), counted: false } as Verdict,
  deadLetter(),
  cancel(),
];

/** What reap promises of jobs that were held ahead. */
export const reapAheadCases: readonly ConformanceCase[] = stageCases("reap", {
  async "reap() gives a job that was not started back as its holder would have"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), retryIn(0, { message: "first" }));
    await put(store, newJob("b"));
    const before = await store.getJobs(["a", "b"]);
    await store.promote(10);
    await h.advance(50);
    await claimAhead(store, 0, 10);
    await h.advance(LEASE_MS);
    assert.deepEqual(await store.reap({ limit: 10, maxDeliveries: 1 }), {
      moved: 2,
      nextInMs: null,
    });
    const after = await store.getJobs(["a", "b"]);
    assert.deepEqual(after, [{ ...before[0], status: "ready", runAt: null }, before[1]]);
    assert.ok(!("suspect" in after[0]!), "a record does not tell of suspicion");
    expectTotals(await totals(store), { "default/work": { retried: 1 } });
  },

  async "reap() puts what was not started back to its old place"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"), newJob("high", { priority: 4 }));
    await put(store, newJob("front", { atFront: true }));
    await claimAhead(store, 1, 3);
    await put(store, newJob("new"));
    await h.advance(LEASE_MS);
    assert.equal((await store.reap({ ...reapAll, limit: 2 })).nextInMs, 0);
    assert.equal((await store.reap({ ...reapAll, limit: 2 })).moved, 2);
    assert.deepEqual(await claimIds(store), ["high", "front", "j0", "j1", "j2", "new"]);
  },

  async "reap() tells that what was not started was released"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    await claimAhead(store, 1, 1);
    await h.advance(LEASE_MS);
    using feed = await store.watchEvents();
    await store.reap(reapAll);
    const events = inShort(await toldBy(store, feed));
    assert.deepEqual(events.sort(), ["a lost ready", "b released ready"]);
  },

  async "reap() shuts the holder of what was not started out"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const [old] = await claimAhead(store, 0, 1);
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    assert.equal(await settle(store, old!, complete()), "lost");
    const again = await claimOne(store, { server: "server-2" });
    assert.ok(again.holder.fence > old!.holder.fence, "the fence must rise");
    assert.equal(await settle(store, old!, complete()), "lost");
    const beat = { server: "server-1", leaseMs: LEASE_MS, holds: [holdOf(old!)] };
    assert.deepEqual((await store.heartbeat(beat)).lost, [holdOf(old!)]);
  },

  async "reap() lets what was not started expire"(h) {
    const store = await h.open();
    await put(store, newJob("a", { settings: { expireAt: h.now() + LEASE_MS + 100 } }));
    await claimAhead(store, 0, 1);
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: 100 });
    await h.advance(100);
    assert.equal((await store.expire(10)).moved, 1);
    assert.deepEqual(await statusesOf(store, "a"), ["canceled"]);
  },

  async "reap() of what was not started frees its slots"(h) {
    const store = await h.open();
    await put(store, keyed("a", "k"), keyed("b", "k"), newJob("c"));
    await claimAhead(store, 0, 1);
    await limit(store, { key: "k" }, atOnce(1));
    await limit(store, work, atOnce(2));
    assert.deepEqual(await takeIds(store), ["c"]);
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    assert.deepEqual(await takeIds(store), ["a", "c"]);
    assert.deepEqual(await takeIds(store), []);
    await assertHealthy(store, false, 100);
  },

  async "reap() leaves what was not started suspect: its next claim tells"(h) {
    const store = await h.open();
    await put(store, ...newJobs(4, "j"));
    assert.deepEqual(suspects(await claimAhead(store, 1, 2)), []);
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    const jobs = await claim(store);
    assert.deepEqual(jobs.map(({ id, suspect }) => [id, suspect]), [
      ["j0", undefined],
      ["j1", true],
      ["j2", true],
      ["j3", undefined],
    ]);
    assert.ok(!("suspect" in await read(store, "j1")), "a record does not tell of suspicion");
    const { jobs: listed } = await store.list({ status: "processing", limit: 10 });
    assert.ok(listed.every((job) => !("suspect" in job)), "a list does not tell of suspicion");
  },

  async "a job is no longer suspect when an attempt was recorded"(h) {
    for (const verdict of verdicts) {
      const store = await h.open();
      await put(store, newJob(verdict.kind));
      await makeSuspect(h, store);
      const job = await claimOne(store);
      assert.deepEqual(suspects([job]), [verdict.kind]);
      assert.equal(await settle(store, job, verdict), "ok");
      if (verdict.kind !== "retry" && verdict.kind !== "complete") {
        await store.act([verdict.kind], { kind: "retry", revive: false });
      }
      const again = await claim(store);
      assert.deepEqual(suspects(again), [], verdict.kind);
      for (const one of again) await settle(store, one, complete());
      await store.act([verdict.kind], { kind: "remove" });
    }
  },

  async "a job is no longer suspect when its next holder died with it"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await makeSuspect(h, store);
    assert.deepEqual(await startedOnes(h, store, [await claimOne(store)]), ["a"]);
    assert.deepEqual(suspects(await claim(store)), []);
  },

  async "a job stays suspect when its next holder gives it back, or does not start it"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await makeSuspect(h, store);
    assert.equal(await settle(store, await claimOne(store), release), "ok");
    const [second] = await claimAhead(store, 0, 1);
    assert.deepEqual(suspects([second!]), ["a"]);
    assert.deepEqual(await startedOnes(h, store, [second!]), []);
    const third = await claimOne(store);
    assert.deepEqual(suspects([third]), ["a"]);
    assert.deepEqual(pick(third, "deliveries", "attemptsMade"), { deliveries: 0, attemptsMade: 0 });
  },

  async "a job is no longer suspect when a person retries it"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await makeSuspect(h, store);
    await store.act(["a"], { kind: "prioritize", priority: 3 });
    await store.act(["a"], { kind: "cancel", reason: "no" });
    await store.act(["a"], { kind: "retry", revive: false });
    assert.deepEqual(suspects(await claim(store)), []);
  },

  async "a job that kills its servers is dead-lettered though each dies at once"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    for (let death = 1; death <= 3; death++) {
      // Nobody says that it was started, unless it is suspect.
      const [job] = await claimAhead(store, 0, 1);
      if (job!.suspect) await store.settle({ outcomes: [], startMark: mark(null) });
      await h.advance(LEASE_MS);
      await store.reap({ limit: 10, maxDeliveries: 2 });
    }
    const [job] = await claimAhead(store, 0, 1);
    assert.deepEqual(suspects([job!]), ["a"]);
    await store.settle({ outcomes: [], startMark: mark(null) });
    await h.advance(LEASE_MS);
    await store.reap({ limit: 10, maxDeliveries: 2 });
    assert.deepEqual(await statusesOf(store, "a"), ["dead_letter"]);
  },

  async "check() finds nothing wrong with marks and suspects"(h) {
    const store = await h.open();
    await put(store, ...newJobs(6, "j"), newJob("big", { payload: `"${"x".repeat(5000)}"` }));
    await claimAhead(store, 1, 4);
    await claimAhead(store, 0, 1, { server: "server-2" });
    await assertHealthy(store, true, 100);
    await h.advance(LEASE_MS);
    await store.reap({ ...reapAll, limit: 3 });
    await assertHealthy(store, true, 2);
    await store.reap(reapAll);
    await claimAhead(store, 1, 2);
    await assertHealthy(store, true, 100);
    assert.deepEqual(await tally(store), {
      "default/work/processing": 3,
      "default/work/ready": 4,
    });
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    assert.equal(suspects(await claim(store)).length, 5);
  },
});
