/**
 * Ready: a pool that sleeps on the latch, and until the next due time, takes every job.
 *
 * @module
 */

import assert from "node:assert/strict";
import { newJob, newJobs, put, source } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { consume, settleDown, within, wokenBy } from "./wait.ts";

/** What subscribe and claim promise together. */
export const poolWakeCases: readonly ConformanceCase[] = stageCases("wake", {
  async "a waiting pool takes a job when it is enqueued"(h) {
    const store = await h.open();
    assert.deepEqual(await wokenBy(h, store, () => put(store, newJob("a"))), ["a"]);
  },

  async "a waiting pool takes a delayed job when it is due"(h) {
    const store = await h.open();
    const cause = async (): Promise<void> => {
      await put(store, newJob("a", { delayMs: 500 }));
      await settleDown();
      await h.advance(500);
    };
    assert.deepEqual(await wokenBy(h, store, cause), ["a"]);
  },

  async "a pool waiting for a late job takes an earlier one that comes"(h) {
    const store = await h.open();
    await put(store, newJob("late", { delayMs: 60_000 }));
    const cause = async (): Promise<void> => {
      await put(store, newJob("early", { delayMs: 50 }));
      await settleDown();
      await h.advance(50);
    };
    assert.deepEqual(await wokenBy(h, store, cause), ["early"]);
  },

  async "a waiting pool finds the one job that lives behind thousands that expired"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 1 };
    for (let i = 0; i < 3; i++) await put(store, ...newJobs(1000, `old${i}-`, { settings }));
    await h.advance(1);
    assert.deepEqual(await wokenBy(h, store, () => put(store, newJob("live"))), ["live"]);
  },

  async "a waiting pool takes every one of 60 jobs that come one by one"(h) {
    const store = await h.open();
    const sources = [source(null)];
    using wake = store.subscribe(sources);
    const stop = new AbortController();
    const got: string[] = [];
    const pool = (async (): Promise<void> => {
      while (got.length < 60 && !stop.signal.aborted) {
        for (const job of await consume(h, store, wake, sources, stop.signal)) got.push(job.id);
      }
    })();
    try {
      for (let i = 0; i < 60; i++) {
        await put(store, newJob(`j${i}`));
        if (i % 3 === 0) await settleDown();
      }
      await within(h, pool, "the last of 60 jobs");
    } finally {
      stop.abort();
      await pool.catch(() => undefined);
    }
    assert.equal(new Set(got).size, 60);
  },
});
