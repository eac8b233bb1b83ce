/**
 * Ready: the latch that wakes a pool. It may wake for nothing; it may not miss.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import {
  claim,
  claimOne,
  claimRequest,
  newJob,
  outcome,
  put,
  release,
  retryIn,
  settle,
  source,
  statusesOf,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";
import { settleDown, within } from "./wait.ts";

/** Prepares a store, and returns what then sets the latch. */
type Cause = (store: Store, h: ConformanceHarness) => Promise<() => Promise<unknown>>;

const causes: Readonly<Record<string, Cause>> = {
  "a job is enqueued": (store) => Promise.resolve(() => put(store, newJob("a"))),
  "a group of jobs is enqueued": (store) =>
    Promise.resolve(() => store.enqueue([[newJob("o", { type: "other" }), newJob("a")]])),
  "a job is enqueued behind others that were taken": async (store) => {
    await put(store, newJob("b"));
    await claimOne(store);
    return () => put(store, newJob("a"));
  },
  "a job of a higher priority than those that wait is enqueued": async (store) => {
    await put(store, newJob("b"));
    return () => put(store, newJob("a", { priority: 1 }));
  },
  "a delayed job is promoted": async (store, h) => {
    await put(store, newJob("a", { delayMs: 1000 }));
    return async () => {
      h.jump(1000);
      assert.equal((await store.promote(10)).moved, 1);
    };
  },
  "a retry is promoted": async (store, h) => {
    await put(store, newJob("a"));
    await settle(store, await claimOne(store), retryIn(1000));
    return async () => {
      h.jump(1000);
      assert.equal((await store.promote(10)).moved, 1);
    };
  },
  "a job is given back": async (store) => {
    await put(store, newJob("a"));
    const job = await claimOne(store);
    return () => settle(store, job, release);
  },
  "a job is given back to a pool that wants no more": async (store) => {
    await put(store, newJob("a"), newJob("o", { type: "other" }));
    const job = await claimOne(store);
    const request = claimRequest({ sources: [source(null, ["other"])] });
    return () => store.settle({ outcomes: [outcome(job, release)], claim: request });
  },
  "a job is reaped": async (store, h) => {
    await put(store, newJob("a"));
    await claimOne(store, { server: "server-2", leaseMs: 1000 });
    await h.advance(1000);
    return () => store.reap({ limit: 10, maxDeliveries: 5 });
  },
  "a delayed job becomes the next one due": (store) =>
    Promise.resolve(() => put(store, newJob("a", { delayMs: 1000 }))),
  "a delayed job becomes due before the others": async (store) => {
    await put(store, newJob("b", { delayMs: 5000 }));
    return () => put(store, newJob("a", { delayMs: 1000 }));
  },
  "a retry becomes due before the others": async (store) => {
    await put(store, newJob("a"), newJob("b", { delayMs: 5000 }));
    const job = await claimOne(store);
    return () => settle(store, job, retryIn(1000));
  },
  "a job is retried without delay": async (store) => {
    await put(store, newJob("a"));
    const job = await claimOne(store);
    return () => settle(store, job, retryIn(0));
  },
};

function causeCases(): Record<string, (h: ConformanceHarness) => Promise<void>> {
  const cases: Record<string, (h: ConformanceHarness) => Promise<void>> = {};
  for (const [what, prepare] of Object.entries(causes)) {
    cases[`next() resolves when ${what} while it waits`] = async (h) => {
      const store = await h.open();
      const act = await prepare(store, h);
      using wake = store.subscribe([source(null)]);
      const waiting = wake.next(new AbortController().signal);
      await settleDown();
      await act();
      await within(h, waiting, `the wake when ${what}`);
    };
    cases[`next() resolves when ${what} before it is called`] = async (h) => {
      const store = await h.open();
      const act = await prepare(store, h);
      using wake = store.subscribe([source(null)]);
      await act();
      await settleDown();
      await within(h, wake.next(new AbortController().signal), `the wake when ${what}`);
    };
  }
  return cases;
}

/** What subscribe promises. */
export const wakeCases: readonly ConformanceCase[] = stageCases("wake", {
  ...causeCases(),

  async "next() resolves again for each job that comes"(h) {
    const store = await h.open();
    using wake = store.subscribe([source("default")]);
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i++) {
      const early = i % 2 === 0 ? wake.next(signal) : undefined;
      if (i % 4 < 2) await settleDown();
      await put(store, newJob(`j${i}`));
      await within(h, early ?? wake.next(signal), `wake ${i}`);
      await claim(store);
    }
  },

  async "next() resolves for a job of each type and queue that was asked for"(h) {
    const store = await h.open();
    const sources = [source("a", ["x", "y"]), source("b", ["z"]), source(null, ["z"])];
    using wake = store.subscribe(sources);
    for (const [queue, type] of [["a", "x"], ["a", "y"], ["b", "z"], ["new-queue", "z"]] as const) {
      const waiting = wake.next(new AbortController().signal);
      await settleDown();
      await put(store, newJob(`${queue}-${type}`, { queue, type }));
      await within(h, waiting, `the wake for queue '${queue}', type '${type}'`);
    }
  },

  async "next() resolves for every latch that asked for the job"(h) {
    const store = await h.open();
    using first = store.subscribe([source(null)]);
    using second = store.subscribe([source("default", ["work", "other"])]);
    using third = store.subscribe([source(null, ["work"])]);
    const { signal } = new AbortController();
    const waiting = [first.next(signal), second.next(signal), third.next(signal)];
    await settleDown();
    await put(store, newJob("a"));
    for (const [i, one] of waiting.entries()) await within(h, one, `the wake of latch ${i + 1}`);
  },

  async "next() resolves for a job that the claim of another pool made ready"(h) {
    const store = await h.open();
    await put(store, newJob("a", { delayMs: 1000 }), newJob("o", { type: "other", delayMs: 1000 }));
    using wake = store.subscribe([source(null)]);
    h.jump(1000);
    const others = await claim(store, { sources: [source(null, ["other"])] });
    assert.deepEqual(others.map((job) => job.id), ["o"]);
    // A store may leave it scheduled until its own pool claims.
    if ((await statusesOf(store, "a"))[0] !== "ready") return;
    await within(
      h,
      wake.next(new AbortController().signal),
      "the wake for a job promoted by a claim",
    );
  },

  async "next() resolves when its signal aborts, and the latch goes on"(h) {
    const store = await h.open();
    using wake = store.subscribe([source(null)]);
    for (let i = 0; i < 3; i++) {
      const stop = new AbortController();
      const waiting = wake.next(stop.signal);
      await settleDown();
      stop.abort();
      await within(h, waiting, "the end of next() by its signal");
    }
    await within(h, wake.next(AbortSignal.abort()), "the end of next() by a signal aborted before");
    const waiting = wake.next(new AbortController().signal);
    await put(store, newJob("a"));
    await within(h, waiting, "the wake after aborts");
  },

  async "next() resolves when the store is closed"(h) {
    const store = await h.open();
    using wake = store.subscribe([source(null)]);
    const waiting = wake.next(new AbortController().signal);
    await settleDown();
    await store.close();
    await within(h, waiting, "the end of next() by close()");
  },

  async "a latch that was given back leaves the others alone"(h) {
    const store = await h.open();
    const gone = store.subscribe([source(null)]);
    using wake = store.subscribe([source(null)]);
    gone[Symbol.dispose]();
    gone[Symbol.dispose]();
    const waiting = wake.next(new AbortController().signal);
    await put(store, newJob("a"));
    await within(h, waiting, "the wake of the other latch");
  },
});
