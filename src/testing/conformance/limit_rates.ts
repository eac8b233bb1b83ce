/**
 * Limits: how fast jobs start, and rules that change.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ClaimedJob } from "../../job/job.ts";
import {
  claim,
  claimIds,
  complete,
  newJob,
  outcome,
  put,
  release,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import {
  all,
  atOnce,
  eachKey,
  end,
  keyed,
  limit,
  perTime,
  rowOf,
  sleepMs,
  take,
  takeIds,
  work,
} from "./limit_builders.ts";
import { assertHealthy } from "./doctor.ts";
import { NOTICE_MS, wokenBy } from "./wait.ts";

const many = (count: number, key?: string) =>
  Array.from(
    { length: count },
    (_, i) => key === undefined ? newJob(`j${i}`) : keyed(`${key}${i}`, key),
  );

/** What is promised of rates. */
export const limitRateCases: readonly ConformanceCase[] = stageCases("limits", {
  async "a rate lets its burst start at once, and then as many as time brings"(h) {
    const store = await h.open();
    await limit(store, work, perTime(2, 1000, 3));
    await put(store, ...many(8), newJob("x", { type: "other" }));
    assert.deepEqual(await takeIds(store, 2), ["j0", "j1"]);
    assert.deepEqual(await takeIds(store), ["j2", "x"]);
    assert.equal(await sleepMs(store), 500);
    await h.advance(499);
    assert.equal(await sleepMs(store), 1);
    await h.advance(1);
    assert.deepEqual(await takeIds(store), ["j3"]);
    await h.advance(1000);
    assert.equal((await rowOf(store, work))?.tokens, 2);
    assert.deepEqual(await takeIds(store), ["j4", "j5"]);
    await h.advance(60_000);
    assert.equal((await rowOf(store, work))?.tokens, 3, "no more than the burst");
    assert.deepEqual(await takeIds(store), ["j6", "j7"]);
    assert.equal(await sleepMs(store), null);
  },

  async "a token is not given back"(h) {
    const store = await h.open();
    await limit(store, work, perTime(1, 1000));
    await put(store, ...many(2));
    const got = await take(store);
    assert.equal(await settle(store, got.get("j0")!, release), "ok");
    assert.equal(await sleepMs(store), 1000);
    await h.advance(1000);
    assert.deepEqual(await takeIds(store), ["j0"]);
  },

  async "each key of a type has a bucket of its own"(h) {
    const store = await h.open();
    await limit(store, eachKey, perTime(1, 1000));
    await put(store, ...many(3, "a"), ...many(2, "b"), newJob("free"));
    assert.deepEqual(await takeIds(store), ["a0", "b0", "free"]);
    assert.equal(await sleepMs(store), 1000);
    await h.advance(400);
    await put(store, keyed("c0", "c"), keyed("c1", "c"));
    assert.deepEqual(await takeIds(store), ["c0"]);
    assert.equal(await sleepMs(store), 600);
    await h.advance(600);
    assert.deepEqual(await takeIds(store), ["a1", "b1"]);
    await h.advance(400);
    assert.deepEqual(await takeIds(store), ["c1"]);
    await h.advance(600);
    assert.deepEqual(await takeIds(store), ["a2"]);
  },

  async "promote() tells when the next token comes to those who wait, and puts them back then"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, perTime(1, 1000));
    await put(store, ...many(3, "k"));
    assert.deepEqual(await takeIds(store), ["k0"]);
    assert.equal(await sleepMs(store), 1000);
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: 1000 });
    await h.advance(1000);
    const cause = async (): Promise<void> => void await store.promote(10);
    assert.deepEqual(await wokenBy(h, store, cause, all), ["k1"]);
  },

  async "a rate and a concurrency hold both"(h) {
    const store = await h.open();
    await limit(store, { key: "k" }, { ...atOnce(1), ...perTime(1, 1000) });
    await put(store, ...many(4, "k"));
    const first = await take(store);
    assert.deepEqual([...first.keys()], ["k0"]);
    await h.advance(5000);
    assert.equal(await sleepMs(store), null, "it waits for the slot");
    await end(store, first.get("k0"));
    const second = await take(store);
    assert.deepEqual([...second.keys()], ["k1"]);
    await end(store, second.get("k1"));
    assert.equal(await sleepMs(store), 1000, "it waits for the token");
  },

  async "a rule set while jobs run counts them"(h) {
    const store = await h.open();
    await put(store, ...many(2), ...many(3, "k"));
    const got = await take(store, 3);
    await limit(store, work, atOnce(4));
    await limit(store, { key: "k" }, atOnce(1));
    assert.equal((await rowOf(store, work))?.running, 3);
    assert.equal((await rowOf(store, { key: "k" }))?.running, 1);
    await put(store, newJob("x"), newJob("y"));
    assert.deepEqual(await takeIds(store), ["x"]);
    await end(store, got.get("k0"));
    assert.deepEqual(await takeIds(store), ["k1"]);
  },

  async "a rule that is lowered leaves what runs alone, and lets nothing start until it fits"(h) {
    const store = await h.open();
    await limit(store, work, atOnce(3));
    await put(store, ...many(6));
    const got = await take(store);
    await limit(store, work, atOnce(1));
    await end(store, got.get("j0"), got.get("j1"));
    assert.deepEqual(await takeIds(store), []);
    await end(store, got.get("j2"));
    assert.deepEqual(await takeIds(store), ["j3"]);
  },

  async "a rate that changes keeps the tokens that there are"(h) {
    const store = await h.open();
    await limit(store, work, perTime(4, 1000));
    await put(store, ...many(10));
    assert.equal((await takeIds(store, 3)).length, 3);
    await limit(store, work, perTime(1, 60_000, 5));
    assert.equal((await rowOf(store, work))?.tokens, 1);
    assert.equal((await takeIds(store)).length, 1);
    assert.equal(await sleepMs(store), 60_000);
    await limit(store, work, null);
    assert.equal((await takeIds(store)).length, 6);
  },

  async "a rate that is lowered fills the bucket no faster than it says"(h) {
    const store = await h.open();
    for (const target of [work, { key: "k" }]) {
      await limit(store, target, perTime(3, 300, 1));
      await put(store, keyed("a", "k"), keyed("b", "k"));
      assert.deepEqual(await takeIds(store, 1), ["a"]);
      await limit(store, target, perTime(3, 3000, 5));
      assert.equal(await sleepMs(store), 1000);
      await h.advance(500);
      await limit(store, { type: "third", perKey: true }, atOnce(1));
      assert.equal(await sleepMs(store), 500, "by the old rate the bucket were full");
      assert.equal((await rowOf(store, target))?.tokens, 0);
      await assertHealthy(store, false, 100);
      await h.advance(500);
      assert.deepEqual(await takeIds(store), ["b"]);
      await store.act(["a", "b"], { kind: "cancel", reason: "" });
      await store.act(["a", "b"], { kind: "remove" });
      await limit(store, target, null);
      // Nobody is left to look for.
      await h.advance(60_000);
      await store.promote(10);
    }
  },

  async "a rate that is raised brings the next token sooner to those who wait"(h) {
    const store = await h.open();
    for (const target of [work, { key: "k" }]) {
      await limit(store, target, perTime(1, 60_000));
      await put(store, keyed("a", "k"), keyed("b", "k"));
      assert.deepEqual(await takeIds(store, 1), ["a"]);
      assert.equal(await sleepMs(store), 60_000);
      await h.advance(6000);
      await limit(store, target, perTime(1, 1000));
      assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: 900 });
      await limit(store, target, perTime(1, 1000));
      await h.advance(900);
      const cause = async (): Promise<void> => void await store.promote(10);
      assert.deepEqual(await wokenBy(h, store, cause, all), ["b"]);
      await store.act(["a", "b"], { kind: "cancel", reason: "" });
      await store.act(["a", "b"], { kind: "remove" });
      await limit(store, target, null);
      // Nobody is left to look for.
      await h.advance(60_000);
      await store.promote(10);
    }
  },

  async "a rate per key that is lowered lets a key start by the old one once more, and tells when"(
    h,
  ) {
    const store = await h.open();
    await limit(store, eachKey, perTime(3, 300, 1));
    await put(store, ...many(4, "k"));
    assert.deepEqual(await takeIds(store, 1), ["k0"]);
    await limit(store, eachKey, perTime(1, 1000, 2));
    assert.equal(await sleepMs(store), 100);
    await h.advance(100);
    assert.deepEqual(await takeIds(store), ["k1", "k2"]);
    assert.equal(await sleepMs(store), 1000);
  },

  async "limits() names each rule once; a rule that is removed is gone"(h) {
    const store = await h.open();
    assert.deepEqual(await store.limits(), []);
    const rate = { count: 7, perMs: 2000, burst: 9 };
    for (let i = 0; i < 2; i++) {
      await limit(store, work, { concurrency: 2 });
      await limit(store, eachKey, { rate });
      await limit(store, { key: "work" }, { concurrency: 5, rate });
      await limit(store, { type: "a b|:é" }, { concurrency: 1 });
    }
    assert.equal((await store.limits()).length, 4);
    assert.deepEqual(await rowOf(store, work), {
      target: work,
      limits: { concurrency: 2 },
      running: 0,
      tokens: null,
    });
    assert.deepEqual(await rowOf(store, eachKey), {
      target: eachKey,
      limits: { rate },
      running: null,
      tokens: null,
    });
    assert.deepEqual(await rowOf(store, { key: "work" }), {
      target: { key: "work" },
      limits: { concurrency: 5, rate },
      running: 0,
      tokens: 9,
    });
    for (const { target } of await store.limits()) await limit(store, target, null);
    await limit(store, work, null);
    assert.deepEqual(await store.limits(), []);
  },

  async "a pool that waits is woken by a slot of its type, and by one of its key"(h) {
    const store = await h.open();
    for (const target of [work, { key: "k" }]) {
      const ends = [
        (job: ClaimedJob) => store.settle({ outcomes: [outcome(job, complete())] }),
        (job: ClaimedJob) => store.act([job.id], { kind: "cancel", reason: "no" }),
        async () => {
          await h.advance(200);
          await store.reap({ limit: 10, maxDeliveries: 1 });
        },
        () => limit(store, target, atOnce(2)),
        () => limit(store, target, null),
      ];
      for (const [i, cause] of ends.entries()) {
        await limit(store, target, atOnce(1));
        const name = `${JSON.stringify(target)} ${i}`;
        await put(store, keyed(`${name.length}a${i}`, "k"), keyed(`${name.length}b${i}`, "k"));
        const [job, ...others] = await claim(store, { ...all, leaseMs: 100 });
        assert.deepEqual([job?.id, others.length], [`${name.length}a${i}`, 0]);
        const woken = await wokenBy(h, store, async () => void await cause(job!), all);
        assert.deepEqual(woken, [`${name.length}b${i}`], name);
        await store.act([`${name.length}a${i}`, `${name.length}b${i}`], {
          kind: "cancel",
          reason: "",
        });
      }
      await limit(store, target, null);
    }
  },

  async "a pool that waits for a token claims when it comes"(h) {
    const store = await h.open();
    for (const target of [work, eachKey]) {
      await limit(store, target, perTime(1, 1000));
      await put(store, keyed("a", "k"), keyed("b", "k"));
      assert.deepEqual(await takeIds(store), ["a"]);
      const cause = () => h.advance(1000);
      assert.deepEqual(await wokenBy(h, store, cause, all), ["b"]);
      await store.act(["a", "b"], { kind: "cancel", reason: "" });
      await store.act(["a", "b"], { kind: "remove" });
      await limit(store, target, null);
    }
  },

  async "check() finds nothing wrong with jobs that limits keep out, nor with those that run"(h) {
    const store = await h.open();
    await put(store, ...many(6, "k"), ...many(4, "l"), ...many(3));
    const running = await take(store, 2);
    await limit(store, work, atOnce(8));
    await limit(store, eachKey, { ...atOnce(3), ...perTime(1, 1000, 2) });
    await limit(store, { key: "k" }, atOnce(3));
    for (let round = 0; round < 4; round++) {
      await take(store);
      await assertHealthy(store, round % 2 === 1, 3);
      if (running.has(`k${round}`)) await end(store, running.get(`k${round}`));
      if (round === 1) await store.act(["k3", "k4"], { kind: "prioritize", priority: 2 });
      await assertHealthy(store, false, 100);
      await h.advance(500);
      for (const [id, job] of await take(store, 1)) running.set(id, job);
    }
    await limit(store, { key: "k" }, null);
    await assertHealthy(store, true, 100);
  },

  async "rules of many keys that are raised let all of them go"(h) {
    const store = await h.open();
    await limit(store, eachKey, atOnce(1));
    const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
    for (const round of ["a", "b"]) {
      await put(store, ...keys.map((key) => keyed(`${round}${key}`, key)));
    }
    assert.equal((await takeIds(store, 300)).length, 300);
    assert.equal((await takeIds(store, 300)).length, 0);
    await limit(store, eachKey, null);
    let got = 0;
    for (let i = 0; i < 10 && got < 300; i++) got += (await takeIds(store, 300)).length;
    assert.equal(got, 300);
  },
});

/** What is promised of limits across handles. */
export const limitSharedCases: readonly ConformanceCase[] = stageCases("limits", {
  async "a rule of one handle holds for the other, and a slot that it frees wakes the other's pool"(
    h,
  ) {
    const [one, two] = [await h.open(), await h.openSecond()];
    const options = { ...all, stepMs: NOTICE_MS };
    for (const target of [work, { key: "k" }]) {
      await limit(two, target, atOnce(1));
      await put(one, keyed("a", "k"), keyed("b", "k"));
      const [job] = await claim(one, { sources: [source(null)] });
      assert.deepEqual(await claimIds(two), []);
      assert.deepEqual(await wokenBy(h, two, () => end(one, job), options), ["b"]);
      await two.act(["a", "b"], { kind: "cancel", reason: "" });
      await two.act(["a", "b"], { kind: "remove" });
      await limit(one, target, null);
    }
  },
}, "shared");

/** What is promised of limits after a restart. */
export const limitDurableCases: readonly ConformanceCase[] = stageCases("limits", {
  async "rules, claims and jobs that were kept out are there after the store was opened again"(h) {
    let store = await h.open();
    await limit(store, { key: "k" }, { ...atOnce(1), ...perTime(1, 1000) });
    await put(store, ...many(3, "k"));
    const got = await take(store);
    assert.deepEqual(await takeIds(store), []);
    store = await h.reopen();
    assert.deepEqual(await takeIds(store), []);
    await end(store, got.get("k0"));
    assert.equal(await sleepMs(store), 1000);
    await h.advance(1000);
    assert.deepEqual(await takeIds(store), ["k1"]);
  },
}, "durable");
