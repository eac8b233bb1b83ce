/**
 * Claim and settle: jobs that are claimed ahead of the slots, and the mark that
 * says which of them were started.
 *
 * @module
 */

import assert from "node:assert/strict";
import { claimAhead, mark, reapAll, startedOnes } from "./ahead_builders.ts";
import {
  claim,
  claimIds,
  claimOne,
  claimRequest,
  complete,
  LEASE_MS,
  newJob,
  newJobs,
  outcome,
  put,
  settle,
  source,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { atOnce, limit, work } from "./limit_builders.ts";

/** What claim promises of `ahead`, and settle of `startMark`. */
export const claimAheadCases: readonly ConformanceCase[] = [
  ...stageCases("claim", {
    async "claim() ahead gives up to its limit, and only the rest counts as started"(h) {
      const store = await h.open();
      await put(store, ...newJobs(9, "j"));
      const jobs = await claimAhead(store, 2, 5);
      assert.deepEqual(jobs.map(({ id }) => id), ["j0", "j1", "j2", "j3", "j4", "j5", "j6"]);
      assert.deepEqual(await tally(store), {
        "default/work/processing": 7,
        "default/work/ready": 2,
      });
      assert.deepEqual(await startedOnes(h, store, jobs), ["j0", "j1"]);
    },

    async "claim() ahead that gives no more than can start counts all as started"(h) {
      const store = await h.open();
      await put(store, ...newJobs(3, "j"));
      const jobs = await claimAhead(store, 3, 5);
      assert.deepEqual(await startedOnes(h, store, jobs), ["j0", "j1", "j2"]);
    },

    async "claim() ahead alone counts nothing as started"(h) {
      const store = await h.open();
      await put(store, ...newJobs(3, "j"));
      assert.deepEqual(await startedOnes(h, store, await claimAhead(store, 0, 2)), []);
    },

    async "claim() leaves the mark of its pool where it is"(h) {
      const store = await h.open();
      await put(store, ...newJobs(6, "j"));
      const jobs = [
        ...await claimAhead(store, 1, 1),
        ...await claimAhead(store, 1, 1),
        ...await claim(store, { limit: 2 }),
      ];
      assert.equal(jobs.length, 6);
      assert.deepEqual(await startedOnes(h, store, jobs), ["j0"]);
    },

    async "claim() ahead means one pool of one server"(h) {
      const store = await h.open();
      await put(store, ...newJobs(8, "j"));
      const jobs = [
        ...await claimAhead(store, 1, 1),
        ...await claim(store, { limit: 2, pool: "pool-2" }),
        ...await claim(store, { limit: 2, server: "server-2" }),
        ...await claimAhead(store, 1, 1, { server: "server|2", pool: "pool%" }),
      ];
      assert.deepEqual(await startedOnes(h, store, jobs), ["j0", "j2", "j3", "j4", "j5", "j6"]);
    },

    async "claim() ahead of hundreds counts those as started that come first"(h) {
      const store = await h.open();
      await put(store, ...newJobs(900, "j"));
      const jobs = await claimAhead(store, 560, 240);
      assert.equal(jobs.length, 800);
      const started = await startedOnes(h, store, jobs);
      assert.deepEqual(started, jobs.slice(0, 560).map(({ id }) => id));
    },

    async "claim() gives nothing ahead where there are limits"(h) {
      const store = await h.open();
      await put(store, ...newJobs(9, "j"), newJob("late", { delayMs: 400 }));
      await limit(store, { type: "unheard-of" }, atOnce(1));
      assert.deepEqual((await claimAhead(store, 2, 4)).map(({ id }) => id), ["j0", "j1"]);
      const none = await store.claim(claimRequest({ limit: 3, ahead: 3 }));
      assert.deepEqual(none, { jobs: [], nextDueInMs: 400 });
      await h.advance(400);
      const due = await store.claim(claimRequest({ limit: 3, ahead: 3 }));
      assert.deepEqual(due, { jobs: [], nextDueInMs: null });
      assert.deepEqual(await tally(store), {
        "default/work/processing": 2,
        "default/work/ready": 8,
      });
      await limit(store, { type: "unheard-of" }, null);
      assert.deepEqual((await claimAhead(store, 0, 2)).map(({ id }) => id), ["j2", "j3"]);
    },

    async "claim() counts what it gives where there are limits as started"(h) {
      const store = await h.open();
      await put(store, ...newJobs(9, "j"));
      await limit(store, work, atOnce(3));
      const jobs = await claimAhead(store, 4, 4);
      assert.deepEqual(jobs.map(({ id }) => id), ["j0", "j1", "j2"]);
      assert.deepEqual(await startedOnes(h, store, jobs), ["j0", "j1", "j2"]);
    },

    async "claim() shrinks the shares with its limit where there are limits"(h) {
      const store = await h.open();
      await put(store, ...newJobs(9, "a", { queue: "a" }), ...newJobs(9, "b", { queue: "b" }));
      await limit(store, { type: "unheard-of" }, atOnce(1));
      const sources = [source("a", ["work"], 6), source("b", ["work"], 6)];
      const ids = (await claimAhead(store, 4, 8, { sources })).map(({ id }) => id);
      assert.deepEqual(ids, ["a0", "a1", "b0", "b1"]);
    },
  }),
  ...stageCases("settle", {
    async "settle() moves the mark of a pool: up to it all counts as started"(h) {
      const store = await h.open();
      await put(store, ...newJobs(6, "j"));
      const jobs = await claimAhead(store, 1, 5);
      const startMark = mark(jobs[3]!.holder.fence);
      const reply = await store.settle({ outcomes: [outcome(jobs[0]!, complete())], startMark });
      assert.deepEqual(reply, { results: ["ok"] });
      assert.deepEqual(await startedOnes(h, store, jobs), ["j1", "j2"]);
    },

    async "settle() takes the mark of a pool away"(h) {
      const store = await h.open();
      await put(store, ...newJobs(6, "j"));
      const jobs = [...await claimAhead(store, 1, 3)];
      assert.deepEqual(await store.settle({ outcomes: [], startMark: mark(null) }), {
        results: [],
      });
      jobs.push(...await claim(store));
      const all = ["j0", "j1", "j2", "j3", "j4", "j5"];
      assert.deepEqual(await startedOnes(h, store, jobs), all);
    },

    async "settle() sets a mark where there is none"(h) {
      const store = await h.open();
      await put(store, ...newJobs(4, "j"));
      const jobs = await claim(store);
      await store.settle({ outcomes: [], startMark: mark(jobs[2]!.holder.fence) });
      assert.deepEqual(await startedOnes(h, store, jobs), ["j0", "j1"]);
    },

    async "settle() without a mark leaves it, and so do other pools and servers"(h) {
      const store = await h.open();
      await put(store, ...newJobs(4, "j"));
      const jobs = await claimAhead(store, 1, 3);
      await settle(store, jobs[0]!, complete());
      await store.settle({ outcomes: [], startMark: mark(null, { pool: "pool-2" }) });
      await store.settle({ outcomes: [], startMark: mark(null, { server: "server-2" }) });
      assert.deepEqual(await startedOnes(h, store, jobs), []);
    },

    async "settle() writes the mark before it claims"(h) {
      const store = await h.open();
      await put(store, ...newJobs(8, "j"));
      const first = await claimAhead(store, 1, 2);
      const gone = await store.settle({
        outcomes: [],
        startMark: mark(null),
        claim: claimRequest({ limit: 3, ahead: 1 }),
      });
      const begun = gone.claimed!.jobs;
      assert.deepEqual(begun.map(({ id }) => id), ["j3", "j4", "j5"]);
      const more = await store.settle({
        outcomes: [outcome(first[0]!, complete())],
        startMark: mark(begun[1]!.holder.fence),
        claim: claimRequest({ limit: 2, ahead: 1 }),
      });
      const jobs = [...first, ...begun, ...more.claimed!.jobs];
      assert.equal(jobs.length, 8);
      assert.deepEqual(await startedOnes(h, store, jobs), ["j1", "j2", "j3"]);
    },

    async "settle() claims ahead in the same step"(h) {
      const store = await h.open();
      await put(store, ...newJobs(6, "j"));
      const first = await claim(store, { limit: 1 });
      const { claimed } = await store.settle({
        outcomes: [outcome(first[0]!, complete())],
        claim: claimRequest({ limit: 4, ahead: 3 }),
      });
      assert.deepEqual(await startedOnes(h, store, claimed!.jobs), ["j1"]);
    },
  }),
  ...stageCases("reap", {
    async "reap() drops the mark of a server that holds nothing"(h) {
      const store = await h.open();
      await put(store, ...newJobs(4, "j"));
      for (const job of await claimAhead(store, 1, 1)) await settle(store, job, complete());
      assert.deepEqual(await startedOnes(h, store, [await claimOne(store)]), []);
      // What it took was the last.
      assert.deepEqual(await startedOnes(h, store, [await claimOne(store)]), ["j2"]);
      for (const job of await claimAhead(store, 0, 2)) await settle(store, job, complete());
      await put(store, newJob("last"));
      await store.reap(reapAll);
      assert.deepEqual(await startedOnes(h, store, [await claimOne(store)]), ["last"]);
    },

    async "reap() keeps the mark of a server that holds something"(h) {
      const store = await h.open();
      await put(store, ...newJobs(3, "j"));
      const [a, b] = await claimAhead(store, 1, 1);
      await settle(store, a!, complete());
      await store.reap(reapAll);
      const jobs = [b!, await claimOne(store)];
      assert.deepEqual(await startedOnes(h, store, jobs), []);
    },
  }),
  ...stageCases("servers", {
    async "leave() drops the marks of a server that holds nothing"(h) {
      const store = await h.open();
      await put(store, ...newJobs(3, "j"));
      for (const job of await claimAhead(store, 0, 2)) await settle(store, job, complete());
      await store.leave("server-1");
      assert.deepEqual(await startedOnes(h, store, [await claimOne(store)]), ["j2"]);
    },

    async "leave() keeps the marks of a server until its claims have ended"(h) {
      const store = await h.open();
      await put(store, ...newJobs(3, "j"));
      const jobs = await claimAhead(store, 1, 1);
      await store.leave("server-1");
      assert.deepEqual(await startedOnes(h, store, jobs), ["j0"]);
      assert.deepEqual(await claimIds(store, { leaseMs: LEASE_MS }), ["j0", "j1", "j2"]);
    },
  }),
];

/** What holds when the store is closed and opened again. */
export const aheadDurableCases: readonly ConformanceCase[] = stageCases("claim", {
  async "a mark outlives the handle that wrote it"(h) {
    const jobs = await claimAhead(await opened(h), 1, 2);
    const store = await h.reopen();
    await store.settle({ outcomes: [], startMark: mark(jobs[2]!.holder.fence) });
    assert.deepEqual(await startedOnes(h, await h.reopen(), jobs), ["j0", "j1"]);
    const again = await claim(await h.reopen());
    assert.deepEqual(again.map(({ suspect }) => suspect), [undefined, undefined, true]);
  },
}, "durable");

async function opened(h: Parameters<ConformanceCase["run"]>[0]): ReturnType<typeof h.open> {
  const store = await h.open();
  await put(store, ...newJobs(3, "j"));
  return store;
}
