/**
 * Open and close.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import { claimIds, claimRequest, newJob, put, source, tally } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { settleDown, within } from "./wait.ts";

const calls: Readonly<Record<string, (store: Store) => unknown>> = {
  enqueue: (store) => store.enqueue([[newJob("late")]]),
  promote: (store) => store.promote(1),
  expire: (store) => store.expire(1),
  subscribe: (store) => store.subscribe([source(null)]),
  claim: (store) => store.claim(claimRequest()),
  heartbeat: (store) => store.heartbeat({ server: "s", leaseMs: 1000, holds: [] }),
  reap: (store) => store.reap({ limit: 1, maxDeliveries: 1 }),
  settle: (store) => store.settle({ outcomes: [], claim: claimRequest() }),
  report: (store) => store.report([{ id: "a", fence: 1, logs: ["x"] }]),
  prune: (store) => store.prune(1),
  getJobs: (store) => store.getJobs(["a"]),
  list: (store) => store.list({ status: "ready", limit: 1 }),
  counts: (store) => store.counts(),
  awaitFinal: (store) => store.awaitFinal("a"),
};

/** What open and close promise. */
export const lifecycleCases: readonly ConformanceCase[] = stageCases("lifecycle", {
  async "open() makes a store that is empty and says what it is"(h) {
    const store = await h.open();
    assert.deepEqual(await store.counts(), []);
    assert.deepEqual(await claimIds(store), []);
    assert.equal(typeof store.description, "string");
    assert.notEqual(store.description.trim(), "");
  },

  async "open() does nothing when repeated"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await store.open();
    await Promise.all([store.open(), store.open()]);
    assert.deepEqual(await tally(store), { "default/work/ready": 1 });
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "close() does nothing when repeated"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await store.close();
    await store.close();
    await Promise.all([store.close(), store.close()]);
  },

  async "close() makes every later call throw StoreClosedError"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await store.close();
    for (const [verb, call] of Object.entries(calls)) {
      await assert.rejects(
        async () => await call(store),
        (error) => (error as { code?: unknown }).code === "STORE_CLOSED",
        `${verb}() of a closed store must throw StoreClosedError`,
      );
    }
  },

  async "close() is what disposing does"(h) {
    const store = await h.open();
    await store[Symbol.asyncDispose]();
    await assert.rejects(
      async () => await store.counts(),
      (error) => (error as { code?: unknown }).code === "STORE_CLOSED",
    );
  },

  async "close() ends all calls that wait"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    using first = store.subscribe([source("empty")]);
    using second = store.subscribe([source("void")]);
    const { signal } = new AbortController();
    const waiting: Promise<unknown>[] = [
      first.next(signal),
      second.next(signal),
      store.awaitFinal("a"),
      store.awaitFinal("a"),
      store.awaitFinal("b", signal),
    ];
    await settleDown();
    await store.close();
    for (const [i, one] of waiting.entries()) {
      await within(h, one, `the end of waiting call ${i + 1}`);
    }
  },

  async "close() lets calls that were made before it end, one way or the other"(h) {
    const store = await h.open();
    const made = Promise.allSettled([
      store.enqueue([[newJob("a")]]),
      store.claim(claimRequest()),
      store.counts(),
    ]);
    await store.close();
    for (const one of await within(h, made, "the end of calls made before close()")) {
      if (one.status === "fulfilled") continue;
      assert.equal((one.reason as { code?: unknown }).code, "STORE_CLOSED", String(one.reason));
    }
  },
});
