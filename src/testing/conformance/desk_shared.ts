/**
 * Memos, hits and trails across handles, and after a restart.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Memo, Store } from "../../store/store.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

function memo(key: string, value: string, ttlMs: number = 1000): Memo {
  return { key, value, ttlMs };
}

/** What stores promise of them after a restart. */
export const deskDurableCases: readonly ConformanceCase[] = stageCases("desk", {
  async "memos, hits and trails are there after the store was opened again"(h) {
    let store = await h.open();
    await store.putMemos([memo("a", "kept", 5000), memo("b", "x", 10)]);
    await store.hit("user", { limit: 2, windowMs: 5000 });
    await store.addToTrail("audit", ["one", "two"], { most: 10 });
    store = await h.reopen();
    await h.advance(10);
    assert.deepEqual(await store.memos(["a", "b"]), ["kept", null]);
    assert.equal((await store.hit("user", { limit: 2, windowMs: 5000 })).used, 2);
    assert.equal((await store.hit("user", { limit: 2, windowMs: 5000 })).allowed, false);
    await store.addToTrail("audit", ["three"], { most: 10 });
    const { entries } = await store.trail("audit", { limit: 10 });
    assert.deepEqual(entries.map(({ number, text }) => [number, text]), [
      [3, "three"],
      [2, "two"],
      [1, "one"],
    ]);
  },
}, "durable");

/** What stores promise of them across handles. */
export const deskSharedCases: readonly ConformanceCase[] = stageCases("desk", {
  async "what one handle writes the other sees, and parallel calls of both count once each"(h) {
    const both = [await h.open(), await h.openSecond()];
    const [one, two] = both as [Store, Store];
    await one.putMemos([memo("a", "by one")]);
    assert.equal(await two.addMemo(memo("a", "by two")), "by one");
    await two.putMemos([{ key: "a", value: null }]);
    assert.deepEqual(await one.memos(["a"]), [null]);
    const calls = Array.from({ length: 10 }, (_, i) => both[i % 2]!);
    const claims = await Promise.all(calls.map((store, i) => store.addMemo(memo("c", `${i}`))));
    assert.equal(claims.filter((reply) => reply === null).length, 1);
    const rule = { limit: 7, windowMs: 60_000 };
    const hits = await Promise.all(calls.map((store) => store.hit("user", rule)));
    assert.equal(hits.filter(({ allowed }) => allowed).length, 7);
    await Promise.all(calls.map((store, i) => store.addToTrail("t", [`${i}`], { most: 100 })));
    const { entries } = await two.trail("t", { limit: 100 });
    assert.deepEqual(entries.map(({ number }) => number), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert.equal(new Set(entries.map(({ text }) => text)).size, 10);
  },
}, "shared");
