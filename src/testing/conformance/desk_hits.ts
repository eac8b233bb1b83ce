/**
 * Hits: how often something happened in a window of time.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_HIT_WINDOW_MS, MAX_HITS } from "../../store/desk_stage.ts";
import type { HitRule, Store } from "../../store/store.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";

const MINUTE_MS = 60_000;

/** How many of some calls at once are allowed. */
async function allowed(store: Store, key: string, rule: HitRule, calls: number): Promise<number> {
  const all = Array.from({ length: calls }, () => store.hit(key, rule));
  return (await Promise.all(all)).filter((reply) => reply.allowed).length;
}

/** Hits until one is refused; gives when each that was allowed happened. */
async function hitFor(
  h: ConformanceHarness,
  store: Store,
  rule: HitRule,
  forMs: number,
  stepMs: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let ms = 0; ms < forMs; ms += stepMs) {
    if ((await store.hit("k", rule)).allowed) times.push(h.now());
    await h.advance(stepMs);
  }
  return times;
}

/** What stores promise of hits. */
export const deskHitCases: readonly ConformanceCase[] = stageCases("desk", {
  async "hit() allows as many as the limit says, and tells when there is room again"(h) {
    const store = await h.open();
    const rule = { limit: 3, windowMs: 50 };
    assert.deepEqual(await store.hit("k", rule), { allowed: true, used: 1, retryInMs: 0 });
    await h.advance(10);
    assert.deepEqual(await store.hit("k", rule), { allowed: true, used: 2, retryInMs: 0 });
    await h.advance(10);
    assert.deepEqual(await store.hit("k", rule), { allowed: true, used: 3, retryInMs: 0 });
    await h.advance(10);
    assert.deepEqual(await store.hit("k", rule), { allowed: false, used: 3, retryInMs: 20 });
    await h.advance(19);
    assert.deepEqual(await store.hit("k", rule), { allowed: false, used: 3, retryInMs: 1 });
    await h.advance(1);
    assert.deepEqual(await store.hit("k", rule), { allowed: true, used: 3, retryInMs: 0 });
    assert.deepEqual(await store.hit("k", rule), { allowed: false, used: 3, retryInMs: 10 });
    assert.deepEqual(await store.hit("other", rule), { allowed: true, used: 1, retryInMs: 0 });
  },

  async "a hit that is not allowed does not count"(h) {
    const store = await h.open();
    const rule = { limit: 2, windowMs: 40 };
    assert.equal(await allowed(store, "k", rule, 2), 2);
    for (let i = 0; i < 4; i++) {
      assert.equal(await allowed(store, "k", rule, 5), 0);
      await h.advance(10);
    }
    assert.equal(await allowed(store, "k", rule, 5), 2);
  },

  async "parallel hits never get past the limit"(h) {
    const store = await h.open();
    const rule = { limit: 5, windowMs: 5 * MINUTE_MS };
    assert.equal(await allowed(store, "login:ada", rule, 50), 5);
    const { used, retryInMs } = await store.hit("login:ada", rule);
    assert.equal(used, 5);
    assert.ok(retryInMs >= rule.windowMs && retryInMs <= rule.windowMs * 1.02);
  },

  async "no stretch as long as the window has more hits than the limit, nor far fewer"(h) {
    const store = await h.open();
    const rule = { limit: 7, windowMs: 10_000 };
    const times = await hitFor(h, store, rule, 40_000, 250);
    for (const [i, at] of times.entries()) {
      const within = times.slice(i).filter((time) => time < at + rule.windowMs).length;
      assert.ok(within <= rule.limit, `${within} hits from ${at}`);
      const next = times[i + rule.limit];
      if (next === undefined) continue;
      assert.ok(next - at <= rule.windowMs * 1.02 + 250, `room is found again: ${next - at}`);
    }
    assert.ok(times.length >= 3 * rule.limit);
  },

  async "what retryInMs names is when the hit is allowed"(h) {
    const store = await h.open();
    for (const [i, windowMs] of [1, 2, 49, 51, 99, 101, 1000, 12_345].entries()) {
      const key = `k${i}`;
      const rule = { limit: 4, windowMs };
      while ((await store.hit(key, rule)).allowed) await h.advance(Math.floor(windowMs / 9));
      const { retryInMs } = await store.hit(key, rule);
      assert.ok(retryInMs > 0);
      await h.advance(retryInMs - 1);
      assert.equal((await store.hit(key, rule)).allowed, false, `a window of ${windowMs}`);
      await h.advance(1);
      assert.equal((await store.hit(key, rule)).allowed, true, `a window of ${windowMs}`);
    }
  },

  async "several hits at once count all or not at all"(h) {
    const store = await h.open();
    const rule = { limit: 10, windowMs: 40 };
    assert.equal((await store.hit("k", { ...rule, count: 4 })).used, 4);
    await h.advance(10);
    assert.equal((await store.hit("k", { ...rule, count: 4 })).used, 8);
    await h.advance(10);
    const refused = { allowed: false, used: 8, retryInMs: 20 };
    assert.deepEqual(await store.hit("k", { ...rule, count: 3 }), refused);
    assert.deepEqual(await store.hit("k", { ...rule, count: 7 }), { ...refused, retryInMs: 30 });
    assert.equal((await store.hit("k", { ...rule, count: 2 })).used, 10);
    await h.advance(20);
    assert.equal((await store.hit("k", { ...rule, count: 4 })).used, 10);
  },

  async "unhit() gives the newest hits back, or all of them"(h) {
    const store = await h.open();
    const rule = { limit: 3, windowMs: 60 };
    await store.unhit("k");
    await store.unhit("k", 5);
    for (let i = 0; i < 3; i++) {
      await store.hit("k", rule);
      await h.advance(10);
    }
    assert.equal((await store.hit("k", rule)).allowed, false);
    await store.unhit("k", 1);
    assert.deepEqual(await store.hit("k", rule), { allowed: true, used: 3, retryInMs: 0 });
    assert.equal((await store.hit("k", rule)).retryInMs, 30, "the first is there as it was");
    await store.unhit("k", 2);
    assert.equal((await store.hit("k", { ...rule, count: 2 })).used, 3);
    await store.unhit("k");
    assert.equal((await store.hit("k", { ...rule, count: 3 })).used, 3);
    await store.unhit("k", 2);
    await store.unhit("k", MAX_HITS);
    assert.equal((await store.hit("k", rule)).used, 1);
    await store.hit("other", rule);
    assert.equal((await store.hit("k", rule)).used, 2);
  },

  async "a try that is given back makes room for one, however many were refused"(h) {
    const store = await h.open();
    const rule = { limit: 5, windowMs: 5 * MINUTE_MS };
    for (let login = 0; login < 20; login++) {
      assert.ok((await store.hit("ada", rule)).allowed);
      await store.unhit("ada", 1);
    }
    assert.equal(await allowed(store, "ada", rule, 9), 5);
    await store.unhit("ada", 1);
    assert.equal(await allowed(store, "ada", rule, 9), 1);
  },

  async "a key has the limit and the window of the call"(h) {
    const store = await h.open();
    assert.equal(await allowed(store, "k", { limit: 8, windowMs: 4000 }, 9), 8);
    const tighter = { limit: 3, windowMs: 4000 };
    assert.deepEqual(await store.hit("k", tighter), { allowed: false, used: 8, retryInMs: 4000 });
    assert.equal(await allowed(store, "k", { limit: 9, windowMs: 4000 }, 9), 1);
    const shorter = { limit: 3, windowMs: 50 };
    assert.deepEqual(await store.hit("k", shorter), { allowed: false, used: 9, retryInMs: 50 });
    await h.advance(49);
    assert.equal((await store.hit("k", shorter)).retryInMs, 1);
    await h.advance(1);
    assert.equal((await store.hit("k", shorter)).used, 1);
    await store.hit("k", { limit: 3, windowMs: 4000 });
    await h.advance(50);
    assert.equal((await store.hit("k", { limit: 3, windowMs: 4000 })).used, 2);
  },

  async "a clock that is set back keeps nobody out for longer than the window"(h) {
    const store = await h.open();
    const rule = { limit: 2, windowMs: 1000 };
    await allowed(store, "k", rule, 2);
    h.jump(-86_400_000);
    assert.equal((await store.hit("k", rule)).allowed, false);
    await h.advance(1020);
    assert.equal(await allowed(store, "k", rule, 3), 2);
  },

  async "hits of many keys and of the largest counts stay exact"(h) {
    const store = await h.open();
    const rule = { limit: MAX_HITS, windowMs: MAX_HIT_WINDOW_MS, count: MAX_HITS / 2 };
    assert.equal(await allowed(store, "large", rule, 5), 2);
    const { retryInMs } = await store.hit("large", { ...rule, count: MAX_HITS });
    assert.ok(retryInMs >= MAX_HIT_WINDOW_MS && retryInMs <= MAX_HIT_WINDOW_MS * 1.02);
    const keys = Array.from({ length: 200 }, (_, i) => `ip:${i}`);
    const short = { limit: 1, windowMs: 10 };
    for (const round of [1, 2]) {
      for (const key of keys) assert.equal(await allowed(store, key, short, 2), 1, `${round}`);
      await h.advance(10);
    }
    await store.prune(1000);
    assert.equal(await allowed(store, "large", rule, 1), 0);
    assert.equal(await allowed(store, "ip:0", short, 2), 1);
  },

  async "hit() and unhit() refuse what is not as it must be"(h) {
    const store = await h.open();
    const rule = { limit: 5, windowMs: 1000 };
    const calls: (() => Promise<unknown>)[] = [];
    for (const key of ["", "a b", "k".repeat(201), "é", undefined] as string[]) {
      calls.push(() => store.hit(key, rule), () => store.unhit(key));
    }
    const wrong: Partial<HitRule>[] = [
      ...[0, -1, 1.5, MAX_HITS + 1, NaN].map((limit) => ({ limit })),
      ...[0, -1, 1.5, MAX_HIT_WINDOW_MS + 1].map((windowMs) => ({ windowMs })),
      ...[0, -1, 1.5, 6].map((count) => ({ count })),
      { other: 1 } as Partial<HitRule>,
    ];
    for (const part of wrong) calls.push(() => store.hit("k", { ...rule, ...part }));
    for (const count of [0, -1, 1.5, MAX_HITS + 1]) calls.push(() => store.unhit("k", count));
    for (const call of calls) {
      await assert.rejects(call(), /^InvalidOptionError: Cannot (count hit|give back hits) as /);
    }
    assert.equal((await store.hit("k", rule)).used, 1);
  },
});
