/**
 * Inspect: waiting for the end of a job.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobRecord } from "../../job/job.ts";
import type { Verdict } from "../../store/store.ts";
import {
  cancel,
  claimIds,
  claimOne,
  complete,
  deadLetter,
  newJob,
  newJobs,
  put,
  read,
  release,
  retryIn,
  runJob,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";
import { stillWaits, within } from "./wait.ts";

function verdictCases(): Record<string, (h: ConformanceHarness) => Promise<void>> {
  const cases: Record<string, (h: ConformanceHarness) => Promise<void>> = {};
  for (const verdict of [complete('"r"'), deadLetter(), cancel()] satisfies Verdict[]) {
    cases[`awaitFinal() returns the job when it ends by '${verdict.kind}'`] = async (h) => {
      const store = await h.open();
      await put(store, newJob("a"));
      const waiting = store.awaitFinal("a");
      await stillWaits(waiting, "awaitFinal() of a ready job");
      const job = await claimOne(store);
      await stillWaits(waiting, "awaitFinal() of a running job");
      await settle(store, job, verdict);
      assert.deepEqual(await end(h, waiting), await read(store, "a"));
    };
  }
  return cases;
}

function end(
  h: ConformanceHarness,
  waiting: Promise<JobRecord | null | undefined>,
): Promise<JobRecord | null | undefined> {
  return within(h, waiting, "the end of awaitFinal()");
}

/** What awaitFinal promises. */
export const awaitFinalCases: readonly ConformanceCase[] = stageCases("inspect", {
  ...verdictCases(),

  async "awaitFinal() returns a job at once that is final"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), complete('"r"'));
    const record = await end(h, store.awaitFinal("a"));
    assert.deepEqual(record, await read(store, "a"));
    assert.equal(record?.result, '"r"');
  },

  async "awaitFinal() returns null for an id that is not there"(h) {
    const store = await h.open();
    assert.equal(await end(h, store.awaitFinal("nobody")), null);
  },

  async "awaitFinal() waits through retry, release and reap"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const waiting = store.awaitFinal("a");
    await settle(store, await claimOne(store), retryIn(0));
    await stillWaits(waiting, "awaitFinal() after a retry");
    await settle(store, await claimOne(store), release);
    await stillWaits(waiting, "awaitFinal() after a release");
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    await stillWaits(waiting, "awaitFinal() after a reap");
    await settle(store, await claimOne(store), complete());
    assert.equal((await end(h, waiting))?.status, "completed");
  },

  async "awaitFinal() returns a job that expires, and one that claim finds expired"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 10 };
    await put(store, newJob("a", { settings }));
    const a = store.awaitFinal("a");
    await h.advance(11);
    await store.expire(10);
    assert.deepEqual(await end(h, a), await read(store, "a"));
    await put(store, newJob("b", { settings: { expireAt: h.now() + 10 } }));
    const b = store.awaitFinal("b");
    await h.advance(11);
    assert.deepEqual(await claimIds(store), []);
    assert.equal((await end(h, b))?.status, "canceled");
  },

  async "awaitFinal() returns a job that reap dead-letters"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const waiting = store.awaitFinal("a");
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 1 });
    assert.equal((await end(h, waiting))?.status, "dead_letter");
  },

  async "awaitFinal() returns a job to everyone who waits for it"(h) {
    const store = await h.open();
    await put(store, ...newJobs(2, "j"));
    const forFirst = Array.from({ length: 5 }, () => store.awaitFinal("j0"));
    const forSecond = store.awaitFinal("j1");
    await settle(store, await claimOne(store), complete());
    for (const waiting of forFirst) assert.equal((await end(h, waiting))?.id, "j0");
    await stillWaits(forSecond, "awaitFinal() of another job");
    await settle(store, await claimOne(store), complete());
    assert.equal((await end(h, forSecond))?.id, "j1");
  },

  async "awaitFinal() returns undefined when its signal aborts"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const stop = new AbortController();
    const waiting = store.awaitFinal("a", stop.signal);
    const other = store.awaitFinal("a", new AbortController().signal);
    await stillWaits(waiting, "awaitFinal()");
    stop.abort();
    assert.equal(await end(h, waiting), undefined);
    await stillWaits(other, "awaitFinal() with another signal");
    assert.equal(await end(h, store.awaitFinal("a", AbortSignal.abort())), undefined);
    await settle(store, await claimOne(store), complete());
    assert.equal((await end(h, other))?.status, "completed");
  },

  async "awaitFinal() returns the record of a job that retention removes at once"(h) {
    const store = await h.open({ retention: { completedMs: 0 } });
    await put(store, newJob("a"));
    const waiting = store.awaitFinal("a");
    // When a later call has been answered, the store knows of this one.
    assert.equal(await end(h, store.awaitFinal("nobody")), null);
    await stillWaits(waiting, "awaitFinal()");
    await settle(store, await claimOne(store), complete('"r"'));
    const record = await end(h, waiting);
    assert.deepEqual([record?.status, record?.result], ["completed", '"r"']);
    assert.deepEqual(await store.getJobs(["a"]), [null]);
    assert.equal(await end(h, store.awaitFinal("a")), null);
  },

  async "awaitFinal() resolves without a record when the store is closed"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const waiting = store.awaitFinal("a");
    await stillWaits(waiting, "awaitFinal()");
    await store.close();
    assert.equal(await end(h, waiting) ?? null, null);
  },
});
