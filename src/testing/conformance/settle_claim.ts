/**
 * Settle: batches, and the claim that rides with them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  cancel,
  claim,
  claimRequest,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  release,
  retryIn,
  settle,
  source,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What settle promises for batches and for the claim that rides with them. */
export const settleClaimCases: readonly ConformanceCase[] = stageCases("settle", {
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
});
