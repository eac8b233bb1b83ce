/**
 * Memos: texts that are kept for a time.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type KeptMemo,
  MAX_MEMO_LENGTH,
  MAX_MEMO_MS,
  MAX_MEMO_TOTAL,
  MAX_MEMOS,
  type Memo,
} from "../../store/desk_stage.ts";
import type { Store } from "../../store/store.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** All characters that a key may have. */
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:@/+=~-";
const SECRET = "9f86d081884c7d65";
const MOST_PAGES = 100;

/** A memo that is kept for a second. */
function memo(key: string, value: string = `value of ${key}`, ttlMs: number = 1000): Memo {
  return { key, value, ttlMs };
}

async function valueOf(store: Store, key: string): Promise<string | null> {
  const [value] = await store.memos([key]);
  return value!;
}

/** Memos of all pages, and how many pages there were. */
async function allUnder(
  store: Store,
  prefix: string,
  limit: number,
): Promise<{ memos: KeptMemo[]; pages: number }> {
  const memos: KeptMemo[] = [];
  let cursor: string | undefined;
  for (let pages = 1; pages < MOST_PAGES; pages++) {
    const reply = await store.memosUnder(prefix, {
      limit,
      ...cursor === undefined ? {} : { cursor },
    });
    assert.ok(reply.memos.length <= limit, "no page is too long");
    memos.push(...reply.memos);
    cursor = reply.cursor;
    if (cursor === undefined) return { memos, pages };
  }
  assert.fail("memosUnder() must come to an end");
}

async function keysUnder(store: Store, prefix: string, limit: number = 100): Promise<string[]> {
  return (await allUnder(store, prefix, limit)).memos.map(({ key }) => key);
}

/** What stores promise of memos. */
export const deskMemoCases: readonly ConformanceCase[] = stageCases("desk", {
  async "a memo is there until its time is over"(h) {
    const store = await h.open();
    await store.putMemos([memo("a", "one", 1000), memo("b", "two", 2000)]);
    assert.deepEqual(await store.memos(["a", "none", "b", "a"]), ["one", null, "two", "one"]);
    await h.advance(999);
    assert.deepEqual(await store.memos(["a", "b"]), ["one", "two"]);
    await h.advance(1);
    assert.deepEqual(await store.memos(["a", "b"]), [null, "two"]);
    await h.advance(1000);
    assert.deepEqual(await store.memos(["a", "b"]), [null, null]);
    assert.deepEqual(await store.memosUnder("a", { limit: 10 }), { memos: [] });
    assert.deepEqual(await store.memos([]), []);
  },

  async "putMemos() writes the last of a key, whose time begins anew, and removes"(h) {
    const store = await h.open();
    await store.putMemos([memo("a", "old"), memo("b"), memo("c")]);
    await h.advance(900);
    await store.putMemos([
      memo("a", "between"),
      { key: "b", value: null },
      memo("a", "new", 500),
      { key: "none", value: null },
      memo("d"),
      { key: "d", value: null },
    ]);
    assert.deepEqual(await store.memos(["a", "b", "c", "d"]), ["new", null, "value of c", null]);
    assert.deepEqual(await keysUnder(store, "b"), []);
    await h.advance(499);
    assert.deepEqual(await store.memos(["a", "c"]), ["new", null]);
    await h.advance(1);
    assert.equal(await valueOf(store, "a"), null);
    await store.putMemos([]);
  },

  async "a memo is given back as it was, whatever is in it"(h) {
    const store = await h.open();
    const values = [
      "",
      "|",
      "1|2|3",
      "=",
      "null",
      '"quoted" \\ back',
      "line\nline\r\n\u0000after",
      "é 日本 😀 \u2028",
      "x".repeat(MAX_MEMO_LENGTH),
      "😀".repeat(MAX_MEMO_LENGTH / 2),
    ];
    const keys = values.map((_, i) => `value:${i}`);
    await store.putMemos(values.map((value, i) => memo(keys[i]!, value)));
    assert.deepEqual(await store.memos(keys), values);
    const { memos } = await store.memosUnder("value:", { limit: 100 });
    assert.deepEqual(
      memos,
      values.map((value, i) => ({
        key: keys[i],
        value,
        endsAt: h.now() + 1000,
      })),
    );
    for (const [i, value] of values.entries()) {
      assert.equal(await store.addMemo(memo(`added:${i}`, value)), null);
      assert.equal(await store.addMemo(memo(`added:${i}`, "other")), value);
    }
  },

  async "addMemo() gives a key to one of those who ask for it at once"(h) {
    const store = await h.open();
    const names = Array.from({ length: 20 }, (_, i) => `caller ${i}`);
    const replies = await Promise.all(names.map((name) => store.addMemo(memo("claim", name))));
    const winner = names.filter((_, i) => replies[i] === null);
    assert.equal(winner.length, 1);
    assert.equal(await valueOf(store, "claim"), winner[0]);
    assert.deepEqual(new Set(replies), new Set([null, winner[0]]));
  },

  async "addMemo() leaves a memo and its time alone, and writes when that is over"(h) {
    const store = await h.open();
    assert.equal(await store.addMemo(memo("a", "first", 1000)), null);
    await h.advance(600);
    assert.equal(await store.addMemo(memo("a", "second", 1000)), "first");
    await h.advance(399);
    assert.equal(await store.addMemo(memo("a", "third", 1000)), "first");
    await h.advance(1);
    assert.equal(await store.addMemo(memo("a", "fourth", 1000)), null);
    assert.equal(await valueOf(store, "a"), "fourth");
    await store.putMemos([memo("a", "put")]);
    assert.equal(await store.addMemo(memo("a", "fifth")), "put");
    await store.putMemos([{ key: "a", value: null }]);
    assert.equal(await store.addMemo(memo("a", "sixth")), null);
  },

  async "memosUnder() gives the memos of a prefix in the order of their keys, page by page"(h) {
    const store = await h.open();
    const own = Array.from({ length: 25 }, (_, i) => `user:ada:${i}`).sort();
    const others = ["user:ad", "user:ada", "user:ada9", "user:adam:1", "User:ada:1", "usez", "~"];
    await store.putMemos([...own, ...others].map((key) => memo(key)).reverse());
    for (const limit of [1, 7, 24, 25, 26, 100]) {
      const { memos, pages } = await allUnder(store, "user:ada:", limit);
      assert.deepEqual(memos.map(({ key }) => key), own);
      assert.ok(pages <= Math.ceil(own.length / limit) + 1, "pages are as full as they may be");
    }
    const reply = await store.memosUnder("user:ada:", { limit: 1 });
    assert.deepEqual(reply.memos, [{
      key: "user:ada:0",
      value: "value of user:ada:0",
      endsAt: h.now() + 1000,
    }]);
    assert.deepEqual(
      await keysUnder(store, "user:ada"),
      ["user:ada", ...own, "user:ada9", "user:adam:1"].sort(),
    );
    assert.deepEqual(await keysUnder(store, "none"), []);
    assert.deepEqual(await keysUnder(store, "~"), ["~"]);
  },

  async "memosUnder() tells keys of all characters apart, in the order of their codes"(h) {
    const store = await h.open();
    const keys = [...ALPHABET].map((char) => `k${char}`);
    await store.putMemos(keys.map((key) => memo(key)));
    const sorted = keys.toSorted((a, b) => a < b ? -1 : 1);
    assert.deepEqual(await keysUnder(store, "k", 10), sorted);
    for (const key of keys) assert.deepEqual(await keysUnder(store, key), [key]);
    assert.deepEqual(await store.memos(sorted), sorted.map((key) => `value of ${key}`));
  },

  async "memosUnder() comes to an end over memos whose time is over, and over those that go"(h) {
    const store = await h.open();
    const keys = Array.from({ length: 30 }, (_, i) => `k${String(i).padStart(2, "0")}`);
    await store.putMemos(keys.map((key, i) => memo(key, "x", i % 3 === 0 ? 5000 : 10)));
    await h.advance(10);
    const left = keys.filter((_, i) => i % 3 === 0);
    assert.deepEqual(await keysUnder(store, "k", 4), left);
    const { cursor } = await store.memosUnder("k", { limit: 4 });
    await store.putMemos(left.map((key) => ({ key, value: null })));
    if (cursor !== undefined) {
      assert.deepEqual((await store.memosUnder("k", { limit: 100, cursor })).memos, []);
    }
  },

  async "memos go when their time is over, some with each write and the rest with prune()"(h) {
    const store = await h.open();
    const late = Array.from({ length: 300 }, (_, i) => memo(`late:${i}`, "x", 1000 + i));
    for (let i = 0; i < 300; i += MAX_MEMOS) await store.putMemos(late.slice(i, i + MAX_MEMOS));
    await store.putMemos([memo("stays", "x", MAX_MEMO_MS)]);
    await h.advance(1300);
    await store.putMemos([memo("new")]);
    assert.equal(await store.addMemo(memo("late:299", "again", 10)), null);
    for (let i = 0; i < 5; i++) await store.prune(100);
    assert.deepEqual(await keysUnder(store, "late:"), ["late:299"]);
    assert.deepEqual(await store.memos(["late:0", "stays", "new"]), [null, "x", "value of new"]);
    await h.advance(MAX_MEMO_MS - 1301);
    assert.equal(await valueOf(store, "stays"), "x");
    await h.advance(1);
    assert.equal(await valueOf(store, "stays"), null);
    assert.deepEqual(await store.prune(100), { moved: 0, nextInMs: null });
  },

  async "memos are no jobs: nothing else of the store tells of them"(h) {
    const store = await h.open();
    await store.putMemos([memo("a"), memo("b", "x", 1)]);
    await store.hit("a", { limit: 1, windowMs: 1 });
    await store.addToTrail("a", ["x"], { most: 1 });
    await h.advance(1);
    assert.deepEqual(await store.counts(), []);
    assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: null });
    const { findings, cursor } = await store.check({ repair: false, limit: 10_000 });
    assert.deepEqual([findings, cursor], [[], undefined]);
    assert.equal(await valueOf(store, "a"), "value of a");
  },

  async "what is not as it must be is refused whole, and no error tells a value"(h) {
    const store = await h.open();
    const calls: (() => Promise<unknown>)[] = [];
    const keys = ["", "k".repeat(201), "a b", "a|b", "a\n", "a*", "é", "😀", "\u0000", null, 5];
    for (const key of keys as string[]) {
      calls.push(
        () => store.putMemos([memo("good", SECRET), { key, value: SECRET, ttlMs: 5 }]),
        () => store.putMemos([memo("good", SECRET), { key, value: null }]),
        () => store.addMemo({ key, value: SECRET, ttlMs: 5 }),
        () => store.memos(["good", key]),
        () => store.memosUnder(key, { limit: 5 }),
      );
    }
    const long = SECRET + "x".repeat(MAX_MEMO_LENGTH - SECRET.length + 1);
    for (const value of [long, `${SECRET}\ud800`, undefined, 5, [SECRET]] as string[]) {
      calls.push(
        () => store.putMemos([memo("good", SECRET), { key: "b", value, ttlMs: 5 }]),
        () => store.addMemo({ key: "b", value, ttlMs: 5 }),
      );
    }
    for (const ttlMs of [0, -1, 1.5, NaN, MAX_MEMO_MS + 1, "5"] as number[]) {
      calls.push(
        () => store.putMemos([memo("good", SECRET), { key: "b", value: SECRET, ttlMs }]),
        () => store.addMemo({ key: "b", value: SECRET, ttlMs }),
      );
    }
    const many = Array.from({ length: MAX_MEMOS + 1 }, (_, i) => `k${i}`);
    const large = "x".repeat(MAX_MEMO_TOTAL / 16);
    calls.push(
      () => store.putMemos(many.map((key) => memo(key, SECRET))),
      () =>
        store.putMemos([...many.slice(0, 16).map((key) => memo(key, large)), memo("good", SECRET)]),
      () => store.memos(many),
      () => store.memosUnder("a", { limit: 0 }),
      () => store.memosUnder("a", { limit: 101 }),
      () => store.memosUnder("a", { limit: 5, cursor: "b" }),
      () => store.memosUnder("a", { limit: 5, cursor: "a b" }),
    );
    for (const [i, call] of calls.entries()) {
      await assert.rejects(call(), (error: Error & { code?: string; value?: unknown }) => {
        assert.equal(error.code, "INVALID_OPTION", `call ${i}: ${error}`);
        assert.match(error.message, /^Cannot (write|add|read|list) memos? as /);
        assert.ok(!`${error.message} ${JSON.stringify(error.value)}`.includes(SECRET));
        return true;
      });
    }
    assert.deepEqual(await store.memos(["good", "b", "k0"]), [null, null, null]);
    const longest = "k".repeat(200);
    await store.putMemos([memo(longest)]);
    assert.deepEqual(await keysUnder(store, longest), [longest]);
  },
});
