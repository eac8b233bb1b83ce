/**
 * Inspect: reading jobs and counting them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  cancel,
  claim,
  claimOne,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  release,
  retryIn,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What getJobs and counts promise. */
export const inspectCases: readonly ConformanceCase[] = stageCases("inspect", {
  async "getJobs() answers in the order of the ids, null for each that is not there"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c"));
    const records = await store.getJobs(["c", "nobody", "a", "c", "no-one"]);
    assert.deepEqual(records.map((record) => record?.id ?? null), ["c", null, "a", "c", null]);
    assert.deepEqual(await store.getJobs([]), []);
  },

  async "getJobs() reads a thousand jobs at once"(h) {
    const store = await h.open();
    await put(store, ...newJobs(1000, "j"));
    const ids = Array.from({ length: 1000 }, (_, i) => `j${999 - i}`);
    assert.deepEqual((await store.getJobs(ids)).map((record) => record?.id), ids);
  },

  async "counts() of an empty store has no rows"(h) {
    const store = await h.open();
    assert.deepEqual(await store.counts(), []);
  },

  async "counts() tells queues, types and statuses apart"(h) {
    const store = await h.open();
    await put(
      store,
      newJob("a", { queue: "q", type: "x" }),
      newJob("b", { queue: "q", type: "y" }),
    );
    await put(
      store,
      newJob("c", { queue: "p", type: "x" }),
      newJob("d", { queue: "p", type: "x" }),
    );
    await put(store, newJob("e", { queue: "p", type: "x", delayMs: 10, priority: 3 }));
    assert.deepEqual(await tally(store), {
      "q/x/ready": 1,
      "q/y/ready": 1,
      "p/x/ready": 2,
      "p/x/scheduled": 1,
    });
  },

  async "counts() is exact after every kind of move, without empty rows"(h) {
    const store = await h.open({ retention: { completedMs: 1000, failedMs: 2000 } });
    const counted = async (expected: Record<string, number>, after: string): Promise<void> => {
      const prefixed = Object.entries(expected).map(([status, n]) => [`default/work/${status}`, n]);
      assert.deepEqual(await tally(store), Object.fromEntries(prefixed), `after ${after}`);
    };
    await put(store, ...newJobs(5, "j"), newJob("s", { delayMs: 50 }));
    await counted({ ready: 5, scheduled: 1 }, "enqueue");
    await store.enqueue([[newJob("x"), newJob("j0")]]);
    await counted({ ready: 5, scheduled: 1 }, "a refused group");
    const [a, b, c, d] = await claim(store, { limit: 4 });
    await counted({ ready: 1, scheduled: 1, processing: 4 }, "claim");
    await settle(store, a!, complete());
    await counted({ ready: 1, scheduled: 1, processing: 3, completed: 1 }, "complete");
    await settle(store, a!, complete());
    await counted({ ready: 1, scheduled: 1, processing: 3, completed: 1 }, "a repeat");
    await settle(store, b!, retryIn(60));
    await counted({ ready: 1, scheduled: 1, processing: 2, completed: 1, retry: 1 }, "retry");
    await settle(store, c!, release);
    await counted({ ready: 2, scheduled: 1, processing: 1, completed: 1, retry: 1 }, "release");
    await settle(store, d!, deadLetter());
    await counted(
      { ready: 2, scheduled: 1, completed: 1, retry: 1, dead_letter: 1 },
      "dead letter",
    );
    await h.advance(60);
    await store.promote(10);
    await counted({ ready: 4, completed: 1, dead_letter: 1 }, "promote");
    const [e] = await claim(store, { limit: 2, leaseMs: 10 });
    await settle(store, e!, cancel());
    await counted({ ready: 2, processing: 1, completed: 1, dead_letter: 1, canceled: 1 }, "cancel");
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    await counted({ ready: 3, completed: 1, dead_letter: 1, canceled: 1 }, "reap");
    await claim(store, { limit: 1, leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 1 });
    await counted({ ready: 2, completed: 1, dead_letter: 2, canceled: 1 }, "poison");
    await put(store, newJob("old", { settings: { expireAt: h.now() + 1 } }));
    await h.advance(2);
    await store.expire(10);
    await counted({ ready: 2, completed: 1, dead_letter: 2, canceled: 2 }, "expire");
    await h.advance(1000);
    await store.prune(10);
    await counted({ ready: 2, dead_letter: 2, canceled: 2 }, "prune");
    const jobs = await claim(store);
    await store.settle({ outcomes: jobs.map((job) => outcome(job, complete())) });
    await h.advance(3000);
    await store.prune(100);
    await counted({}, "the end of all");
  },

  async "counts() agrees with the records after a claim canceled expired jobs"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 1 };
    await put(
      store,
      ...newJobs(3, "old", { settings }),
      newJob("live"),
      newJob("due", { delayMs: 2 }),
    );
    await h.advance(2);
    const job = await claimOne(store);
    assert.equal(job.id, "live");
    const counted = await tally(store);
    assert.equal(counted["default/work/canceled"], 3);
    assert.equal(counted["default/work/processing"], 1);
    assert.equal(Object.values(counted).reduce((a, b) => a + b, 0), 5);
  },
});
