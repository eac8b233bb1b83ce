/**
 * Limits: how many run at once.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import {
  cancel,
  claimIds,
  claimRequest,
  complete,
  deadLetter,
  newJob,
  outcome,
  put,
  release,
  retryIn,
  settle,
  source,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import {
  all,
  atOnce,
  eachKey,
  end,
  keyed,
  limit,
  rowOf,
  sleepMs,
  take,
  takeIds,
  work,
} from "./limit_builders.ts";

/** Enqueues a, b, c, … of a type. */
async function line(
  store: Store,
  ids: string,
  fields: Parameters<typeof newJob>[1] = {},
): Promise<void> {
  await put(store, ...[...ids].map((id) => newJob(id, fields)));
}

/** What is promised of concurrency. */
export const limitCases: readonly ConformanceCase[] = stageCases("limits", {
  async "a type runs at most as many jobs at once as its rule says, over all calls"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(3));
    await line(store, "abcdef");
    const one = await take(store, 2);
    const two = await take(store, 2);
    assert.deepEqual([...one.keys(), ...two.keys()], ["a", "b", "c"]);
    assert.deepEqual(await takeIds(store), []);
    await end(store, one.get("b"));
    assert.deepEqual(await takeIds(store), ["d"]);
    assert.deepEqual(await takeIds(store), []);
  },

  async "a type counts in all its queues together"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(2));
    await line(store, "ab", { queue: "q1" });
    await line(store, "cd", { queue: "q2" });
    const sources = [source("q1"), source("q2")];
    assert.deepEqual(await claimIds(store, { sources }), ["a", "b"]);
    assert.deepEqual(await claimIds(store, { sources }), []);
    assert.equal((await rowOf(store, work))?.running, 2);
  },

  async "what is behind a type without room is claimed in its order"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(1));
    await line(store, "ab");
    await put(store, newJob("x", { type: "other" }), newJob("c"), newJob("y", { type: "other" }));
    await put(
      store,
      newJob("z", { type: "third" }),
      newJob("high", { type: "other", priority: 5 }),
    );
    assert.deepEqual(await takeIds(store), ["high", "a", "x", "y", "z"]);
    assert.deepEqual(await takeIds(store), []);
  },

  async "what is behind a key without room is claimed in its order, also of the same type"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, atOnce(1));
    await put(store, keyed("a", "k"), keyed("b", "k"), newJob("x"), keyed("c", "k"), newJob("y"));
    await put(store, keyed("d", "free"), keyed("e", "k", { type: "other" }));
    assert.deepEqual(await takeIds(store, 2), ["a", "x"]);
    assert.deepEqual(await takeIds(store), ["y", "d"]);
  },

  async "jobs of a key keep their order among themselves, whatever comes meanwhile"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, atOnce(1));
    await put(store, keyed("a", "k"), keyed("b", "k"), keyed("c", "k"));
    const seen: string[] = [];
    for (let i = 0; i < 6; i++) {
      const [job, ...others] = (await take(store)).values();
      assert.deepEqual(others, [], "one at a time");
      seen.push(job!.id);
      if (i === 0) await put(store, keyed("high", "k", { priority: 3 }));
      if (i === 1) await put(store, keyed("d", "k"), keyed("first", "k", { atFront: true }));
      await end(store, job);
    }
    assert.deepEqual(seen, ["a", "high", "first", "b", "c", "d"]);
  },

  async "each key of a type has the limit by itself, and jobs without a key have none"(h) {
    const store = await h.open();
    await limit(store, eachKey, atOnce(1));
    await put(
      store,
      keyed("a1", "a"),
      keyed("a2", "a"),
      keyed("b1", "b"),
      newJob("x"),
      keyed("a3", "a"),
    );
    await put(store, keyed("o1", "a", { type: "other" }), newJob("y"), keyed("b2", "b"));
    const first = await take(store);
    assert.deepEqual([...first.keys()], ["a1", "b1", "x", "o1", "y"]);
    await end(store, first.get("b1"));
    const second = await take(store);
    assert.deepEqual([...second.keys()], ["b2"]);
    await end(store, first.get("a1"), first.get("o1"));
    assert.deepEqual(await takeIds(store), ["a2"]);
  },

  async "a rule of a key goes before that of each key of the type, and holds for all types"(h) {
    const store = await h.open();
    await limit(store, eachKey, atOnce(1));
    await limit(store, { key: "big" }, atOnce(3));
    await put(store, keyed("a", "big"), keyed("b", "big", { type: "other" }), keyed("c", "big"));
    await put(store, keyed("d", "big"), keyed("e", "small"), keyed("f", "small"));
    assert.deepEqual(await takeIds(store), ["a", "b", "c", "e"]);
    assert.equal((await rowOf(store, { key: "big" }))?.running, 3);
    await limit(store, { key: "big" }, null);
    assert.deepEqual(await takeIds(store), [], "two of 'work' run with this key");
  },

  async "a job needs room at the rule of its type and at that of its key"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(2));
    await limit(store, { key: "k" }, atOnce(1));
    await put(store, keyed("a", "k"), keyed("b", "k"), newJob("c"), newJob("d"));
    await put(store, keyed("o", "k", { type: "other" }));
    const first = await take(store);
    assert.deepEqual([...first.keys()], ["a", "c"]);
    await end(store, first.get("a"));
    // The type has room for one, the key for one: `b` takes both.
    assert.deepEqual(await takeIds(store), ["b"]);
    await end(store, first.get("c"));
    assert.deepEqual(await takeIds(store), ["d"]);
  },

  async "a key without room at a type lets its jobs of other types go"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(1));
    await limit(store, { key: "k" }, atOnce(2));
    await put(store, newJob("full"));
    assert.deepEqual(await takeIds(store), ["full"]);
    await put(
      store,
      keyed("a", "k"),
      keyed("b", "k", { type: "other" }),
      keyed("c", "k", { type: "other" }),
    );
    await put(store, keyed("d", "k", { type: "other" }));
    const got = await take(store);
    assert.deepEqual([...got.keys()], ["b", "c"]);
    await end(store, got.get("b"));
    assert.deepEqual(await takeIds(store), ["d"]);
  },

  async "whatever ends a claim frees its slot"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(1));
    await limit(store, { key: "k" }, atOnce(1));
    const verdicts = [complete(), retryIn(60_000), deadLetter(), cancel()];
    for (const [i, verdict] of verdicts.entries()) {
      await put(store, keyed(`${i}`, "k"), keyed(`${i}next`, "k"));
      const job = (await take(store)).get(`${i}`)!;
      assert.deepEqual(await takeIds(store), []);
      const { claimed } = await store.settle({
        outcomes: [outcome(job, verdict)],
        claim: claimRequest(all),
      });
      assert.deepEqual(claimed?.jobs.map(({ id }) => id), [`${i}next`], verdict.kind);
      await end(store, claimed.jobs[0]);
    }
    assert.equal((await rowOf(store, work))?.running, 0);
    assert.equal((await rowOf(store, { key: "k" }))?.running, 0);
  },

  async "a job that is given back goes to its old place, before those that were kept out"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, atOnce(1));
    await put(store, keyed("a", "k"), keyed("b", "k"), keyed("c", "k"));
    const got = await take(store);
    assert.deepEqual([...got.keys()], ["a"]);
    assert.equal(await settle(store, got.get("a")!, release), "ok");
    assert.deepEqual(await takeIds(store), ["a"]);
    assert.deepEqual(await takeIds(store), []);
  },

  async "a reaped job and a canceled one free their slots"(h) {
    const store = await h.open();
    for (const target of [work, eachKey, { key: "k" }]) await limit(store, target, atOnce(1));
    await put(store, keyed("a", "k"), keyed("b", "k"), keyed("c", "k"));
    const fields = { ...all, leaseMs: 100 };
    assert.deepEqual(await claimIds(store, fields), ["a"]);
    await h.advance(200);
    assert.deepEqual(await claimIds(store, fields), [], "a lapsed lease counts until it is reaped");
    await store.reap({ limit: 10, maxDeliveries: 1 });
    assert.deepEqual(await claimIds(store, fields), ["b"]);
    await h.advance(200);
    await store.reap({ limit: 10, maxDeliveries: 9 });
    assert.deepEqual(await claimIds(store), ["b"], "back at its place");
    await store.act(["b"], { kind: "cancel", reason: "no" });
    assert.deepEqual(await claimIds(store), ["c"]);
  },

  async "jobs that wait for a limit are ready: counted, listed, and open to every action"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, atOnce(1));
    const ids = ["run", "cancel", "remove", "edit", "low", "high", "last"];
    await put(store, ...ids.map((id) => keyed(id, "k")));
    assert.deepEqual(await takeIds(store), ["run"]);
    assert.equal((await tally(store))["default/work/ready"], 6);
    const listed = await store.list({ status: "ready", limit: 100 });
    assert.deepEqual(listed.jobs.map(({ id }) => id), ids.slice(1).reverse());
    assert.ok(
      listed.jobs.every(({ status, settings }) => status === "ready" && settings.limitKey === "k"),
    );
    await store.act(["cancel"], { kind: "cancel", reason: "no" });
    await store.act(["remove"], { kind: "remove" });
    await store.act(["edit"], { kind: "edit", payload: '"new"' });
    await store.act(["low"], { kind: "prioritize", priority: -1 });
    await store.act(["high"], { kind: "prioritize", priority: 1 });
    assert.equal((await tally(store))["default/work/ready"], 4);
    await limit(store, { key: "k" }, null);
    assert.deepEqual(await takeIds(store), ["high", "edit", "last", "low"]);
  },

  async "a claim that meets only what is kept out sleeps until something happens"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, atOnce(1));
    await limit(store, { type: "other" }, atOnce(1));
    await put(store, ...Array.from({ length: 50 }, (_, i) => keyed(`k${i}`, "k")));
    await put(store, ...Array.from({ length: 50 }, (_, i) => newJob(`o${i}`, { type: "other" })));
    assert.deepEqual(await takeIds(store), ["k0", "o0"]);
    for (let i = 0; i < 3; i++) assert.equal(await sleepMs(store), null);
  },

  async "the next job of a key stands in for one that goes before it was claimed"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, atOnce(1));
    await put(store, ...["a", "b", "c", "d", "e", "f"].map((id) => keyed(id, "k")));
    const got = await take(store);
    await end(store, got.get("a"));
    await store.act(["b"], { kind: "cancel", reason: "no" });
    await store.act(["c"], { kind: "remove" });
    await store.act(["d"], { kind: "prioritize", priority: -2 });
    assert.deepEqual(await takeIds(store), ["e"]);
  },

  async "a job that expires while it is kept out is canceled"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, atOnce(1));
    const expireAt = h.now() + 1000;
    await put(
      store,
      keyed("a", "k"),
      keyed("late", "k", { settings: { expireAt } }),
      keyed("c", "k"),
    );
    const got = await take(store);
    await h.advance(2000);
    await store.expire(10);
    await end(store, got.get("a"));
    assert.deepEqual(await takeIds(store), ["c"]);
  },

  async "a queue in which all is kept out takes no share"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(1));
    await line(store, "abc", { queue: "q1" });
    await line(store, "12345678", { queue: "q2", type: "other" });
    assert.deepEqual((await takeIds(store, 2)).sort(), ["1", "a"]);
    assert.deepEqual(await takeIds(store, 4), ["2", "3", "4", "5"]);
  },
});
