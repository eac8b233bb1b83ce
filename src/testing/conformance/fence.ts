/**
 * Settle: repeats, and outcomes of claims that are no longer the caller's.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Verdict } from "../../store/store.ts";
import {
  cancel,
  claim,
  claimOne,
  claimRequest,
  complete,
  deadLetter,
  holdOf,
  LEASE_MS,
  newJob,
  newJobs,
  outcome,
  put,
  read,
  release,
  retryIn,
  settle,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";

const verdicts: readonly Verdict[] = [
  complete('"once"'),
  retryIn(1000),
  deadLetter(),
  cancel(),
  release,
];

function repeatCases(): Record<string, (h: ConformanceHarness) => Promise<void>> {
  const cases: Record<string, (h: ConformanceHarness) => Promise<void>> = {};
  for (const verdict of verdicts) {
    cases[`settle() '${verdict.kind}' answers 'already' when repeated, and changes nothing`] =
      async (h) => {
        const store = await h.open();
        await put(store, newJob("a"));
        const job = await claimOne(store);
        assert.equal(await settle(store, job, verdict), "ok");
        await h.advance(7);
        const before = await read(store, "a");
        assert.equal(await settle(store, job, verdict), "already");
        assert.equal(await settle(store, job, complete('"other"')), "already");
        assert.deepEqual(await read(store, "a"), before);
        assert.equal(Object.values(await tally(store)).reduce((a, b) => a + b, 0), 1);
      };
  }
  return cases;
}

/** What settle promises about repeats and lost claims. */
export const fenceCases: readonly ConformanceCase[] = stageCases("fence", {
  ...repeatCases(),

  async "settle() answers 'already' when the job has been claimed again meanwhile"(h) {
    const store = await h.open();
    for (const verdict of [retryIn(0), release]) {
      const id = `job-${verdict.kind}`;
      await put(store, newJob(id));
      const first = await claimOne(store);
      await settle(store, first, verdict);
      const second = await claimOne(store, { server: "server-2" });
      const before = await read(store, id);
      assert.equal(await settle(store, first, verdict), "already", verdict.kind);
      assert.deepEqual(await read(store, id), before);
      assert.equal(await settle(store, second, complete()), "ok");
    }
  },

  async "settle() answers 'lost' to a claim that was settled before the last one"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const first = await claimOne(store);
    await settle(store, first, retryIn(0));
    const second = await claimOne(store);
    await settle(store, second, complete('"second"'));
    const before = await read(store, "a");
    assert.equal(await settle(store, first, complete('"first"')), "lost");
    assert.deepEqual(await read(store, "a"), before);
    assert.equal(await settle(store, second, complete()), "already");
  },

  async "settle() answers 'lost' when the record has gone"(h) {
    const store = await h.open({ retention: { completedMs: 0, failedMs: 0 } });
    for (const verdict of [complete(), deadLetter(), cancel()]) {
      await put(store, newJob("a"));
      const job = await claimOne(store);
      assert.equal(await settle(store, job, verdict), "ok", verdict.kind);
      assert.equal(await settle(store, job, verdict), "lost", verdict.kind);
      assert.deepEqual(await store.getJobs(["a"]), [null]);
    }
    assert.deepEqual(await store.counts(), []);
  },

  async "settle() answers 'lost' to an unknown id and writes nothing"(h) {
    const store = await h.open();
    for (const verdict of verdicts) {
      const { results } = await store.settle({
        outcomes: [{ id: "nobody", fence: 1, verdict, ranMs: 1 }],
      });
      assert.deepEqual(results, ["lost"], verdict.kind);
    }
    assert.deepEqual(await store.getJobs(["nobody"]), [null]);
    assert.deepEqual(await store.counts(), []);
  },

  async "settle() answers 'lost' to any fence but the latest, lower, higher or none at all"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    const before = await read(store, "a");
    const { fence: own } = job.holder;
    for (const fence of [own - 1, own + 1, own + 0.5, 0, -1, -own]) {
      const { results } = await store.settle({
        outcomes: [{ id: "a", fence, verdict: complete(), ranMs: 1 }],
      });
      assert.deepEqual(results, ["lost"], `fence ${fence - own} off`);
    }
    assert.deepEqual(await read(store, "a"), before);
    assert.equal(await settle(store, job, complete()), "ok");
  },

  async "settle() answers 'lost' for a job that was never claimed"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b", { delayMs: 1000 }));
    for (const id of ["a", "b"]) {
      for (const fence of [0, 1, h.now() * 1000]) {
        const { results } = await store.settle({
          outcomes: [{ id, fence, verdict: release, ranMs: 0 }],
        });
        assert.deepEqual(results, ["lost"]);
      }
    }
    assert.deepEqual(await statusesOf(store, "a", "b"), ["ready", "scheduled"]);
  },

  async "settle() answers 'lost' after a reap, also after the next holder settled"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const first = await claimOne(store);
    await h.advance(LEASE_MS);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    const second = await claimOne(store, { server: "server-2" });
    assert.equal(await settle(store, first, complete('"first"')), "lost");
    assert.equal(await settle(store, second, complete('"second"')), "ok");
    assert.equal(await settle(store, first, complete('"first"')), "lost");
    const record = await read(store, "a");
    assert.equal(record.result, '"second"');
    assert.deepEqual(record.attempts.map((one) => [one.outcome, one.server]), [
      ["lost", "server-1"],
      ["completed", "server-2"],
    ]);
  },

  async "settle() answers each outcome of a mixed batch in order"(h) {
    const store = await h.open();
    await put(store, ...newJobs(4, "j"));
    const [lost] = await claim(store, { limit: 1, leaseMs: 10 });
    const [done, a, b] = await claim(store, { limit: 3 });
    await settle(store, done!, complete());
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    const reply = await store.settle({
      outcomes: [
        outcome(a!, complete()),
        outcome(lost!, complete()),
        outcome(done!, complete()),
        { id: "nobody", fence: 3, verdict: complete(), ranMs: 0 },
        outcome(b!, retryIn(10)),
      ],
    });
    assert.deepEqual(reply.results, ["ok", "lost", "already", "lost", "ok"]);
    assert.deepEqual(await statusesOf(store, "j0", "j1", "j2", "j3"), [
      "ready",
      "completed",
      "completed",
      "retry",
    ]);
  },

  async "settle() of the same outcome twice in one batch settles once"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"));
    const [first, second, third] = (await claim(store, { limit: 3 })).map((job) => (
      (text: string) => outcome(job, complete(text))
    ));
    const twice = [third!('"1"'), first!('"1"'), third!('"2"'), second!('"1"'), first!('"2"')];
    const { results } = await store.settle({ outcomes: twice });
    assert.deepEqual(results, ["ok", "ok", "already", "ok", "already"]);
    for (const id of ["j0", "j1", "j2"]) {
      const record = await read(store, id);
      assert.deepEqual([record.result, record.attempts.length], ['"1"', 1]);
    }
  },

  async "settle() with a claim answers 'already' when repeated, and claims other jobs"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"));
    const job = await claimOne(store);
    const request = { outcomes: [outcome(job, complete())], claim: claimRequest({ limit: 1 }) };
    const first = await store.settle(request);
    const second = await store.settle(request);
    assert.deepEqual(second.results, ["already"]);
    assert.deepEqual(first.claimed?.jobs.map((one) => one.id), ["j1"]);
    assert.deepEqual(second.claimed?.jobs.map((one) => one.id), ["j2"]);
    const beat = await store.heartbeat({ server: "server-1", leaseMs: LEASE_MS, holds: [] });
    assert.deepEqual(beat.unknown.map((hold) => hold.id).sort(), ["j1", "j2"]);
  },

  async "a claim whose holder is shut out stays with the new holder through every verb"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const old = await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    const fresh = await claimOne(store, { server: "server-2" });
    await store.heartbeat({ server: "server-1", leaseMs: 60_000, holds: [holdOf(old)] });
    await store.report([{ ...holdOf(old), logs: ["ghost"] }]);
    await store.settle({ outcomes: [outcome(old, release)] });
    assert.deepEqual(await store.getJobs(["a"]), [fresh]);
  },
});
