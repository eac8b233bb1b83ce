/**
 * Trails: lists of which the newest entries are kept.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_TRAIL_ENTRIES, MAX_TRAIL_PAGE, MAX_TRAIL_TEXT } from "../../store/desk_stage.ts";
import type { Store, TrailEntry } from "../../store/store.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const SECRET = "9f86d081884c7d65";

/** Texts of a name and numbers, from one on. */
function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `entry ${from + i}`);
}

/** All entries of a trail, page by page. */
async function entriesOf(store: Store, name: string, limit: number): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = cursor === undefined ? { limit } : { limit, cursor };
    const reply = await store.trail(name, page);
    assert.ok(reply.entries.length <= limit, "no page is too long");
    assert.ok(entries.length <= MAX_TRAIL_ENTRIES, "pages come to an end");
    entries.push(...reply.entries);
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return entries;
}

/** What stores promise of trails. */
export const deskTrailCases: readonly ConformanceCase[] = stageCases("desk", {
  async "a trail has its entries, the newest first, each with a number and the store's time"(h) {
    const store = await h.open();
    assert.deepEqual(await store.trail("audit", { limit: 10 }), { entries: [] });
    const firstAt = h.now();
    await store.addToTrail("audit", ["one", "two"], { most: 10 });
    await h.advance(5);
    await store.addToTrail("audit", ["three"], { most: 10 });
    await store.addToTrail("other", ["x"], { most: 10 });
    assert.deepEqual(await store.trail("audit", { limit: 10 }), {
      entries: [
        { number: 3, at: firstAt + 5, text: "three" },
        { number: 2, at: firstAt, text: "two" },
        { number: 1, at: firstAt, text: "one" },
      ],
    });
  },

  async "trail() gives each entry once, page by page, though others are added"(h) {
    const store = await h.open();
    await store.addToTrail("t", texts(1, 25), { most: 100 });
    for (const limit of [1, 6, 24, 25, 26, MAX_TRAIL_PAGE]) {
      const entries = await entriesOf(store, "t", limit);
      assert.deepEqual(entries.map(({ text }) => text), texts(1, 25).reverse());
    }
    const { entries, cursor } = await store.trail("t", { limit: 10 });
    assert.equal(entries.at(-1)!.number, 16);
    await store.addToTrail("t", texts(26, 40), { most: 100 });
    const next = await store.trail("t", { limit: 10, ...cursor === undefined ? {} : { cursor } });
    assert.deepEqual(next.entries.map(({ number }) => number), [
      15,
      14,
      13,
      12,
      11,
      10,
      9,
      8,
      7,
      6,
    ]);
    assert.deepEqual(await store.trail("t", { limit: 10, cursor: "1" }), { entries: [] });
    const all = await store.trail("t", { limit: 2, cursor: "999" });
    assert.deepEqual(all.entries.map(({ number }) => number), [40, 39]);
  },

  async "of a trail the newest entries are kept, whose numbers go on rising"(h) {
    const store = await h.open();
    for (let i = 0; i < 7; i++) {
      await store.addToTrail("t", texts(i * 3 + 1, i * 3 + 3), { most: 5 });
    }
    const numbers = async (): Promise<number[]> =>
      (await entriesOf(store, "t", 2)).map(({ number }) => number);
    assert.deepEqual(await numbers(), [21, 20, 19, 18, 17]);
    await store.addToTrail("t", [], { most: 2 });
    assert.deepEqual(await numbers(), [21, 20]);
    await store.addToTrail("t", texts(22, 30), { most: 1 });
    assert.deepEqual(await numbers(), [30]);
    await store.addToTrail("t", ["x"], { most: 100 });
    assert.deepEqual(await numbers(), [31, 30]);
    await store.addToTrail("none", [], { most: 100 });
    assert.deepEqual(await store.trail("none", { limit: 1 }), { entries: [] });
  },

  async "entries do not go by themselves, and what they say is given back as it was"(h) {
    const store = await h.open();
    const said = [
      "",
      "1|2|3",
      '{"a":"b"}',
      "line\n\u0000",
      "é 😀",
      "x".repeat(MAX_TRAIL_TEXT),
    ];
    await store.addToTrail("t", said, { most: MAX_TRAIL_ENTRIES });
    await h.advance(800 * 86_400_000);
    await store.prune(100);
    const { entries } = await store.trail("t", { limit: 10 });
    assert.deepEqual(entries.map(({ text }) => text), said.toReversed());
  },

  async "a trail holds as many entries as it may, and pages reach the oldest"(h) {
    const store = await h.open();
    const most = 1000;
    for (let from = 1; from <= 1200; from += MAX_TRAIL_PAGE) {
      await store.addToTrail("t", texts(from, from + MAX_TRAIL_PAGE - 1), { most });
    }
    const entries = await entriesOf(store, "t", MAX_TRAIL_PAGE);
    assert.equal(entries.length, most);
    assert.deepEqual([entries[0]?.number, entries.at(-1)?.number], [1200, 201]);
  },

  async "addToTrail() and trail() refuse what is not as it must be, and no error tells a text"(h) {
    const store = await h.open();
    const calls: (() => Promise<unknown>)[] = [];
    for (const name of ["", "a b", "k".repeat(201), "é", undefined] as string[]) {
      calls.push(
        () => store.addToTrail(name, [SECRET], { most: 5 }),
        () => store.trail(name, { limit: 5 }),
      );
    }
    const long = SECRET + "x".repeat(MAX_TRAIL_TEXT);
    for (const text of [long, `${SECRET}\ud800`, undefined, 5] as string[]) {
      calls.push(() => store.addToTrail("t", [SECRET, text], { most: 5 }));
    }
    for (const most of [0, -1, 1.5, MAX_TRAIL_ENTRIES + 1]) {
      calls.push(() => store.addToTrail("t", [SECRET], { most }));
    }
    calls.push(
      () => store.addToTrail("t", texts(0, MAX_TRAIL_PAGE), { most: 5 }),
      () => store.trail("t", { limit: 0 }),
      () => store.trail("t", { limit: MAX_TRAIL_PAGE + 1 }),
      () => store.trail("t", { limit: 5, cursor: "x" }),
    );
    for (const call of calls) {
      await assert.rejects(call(), (error: Error & { code?: string }) => {
        assert.equal(error.code, "INVALID_OPTION", `${error}`);
        assert.match(error.message, /^Cannot (add to|read) trail as /);
        assert.ok(!error.message.includes(SECRET));
        return true;
      });
    }
    assert.deepEqual(await store.trail("t", { limit: 5 }), { entries: [] });
  },
});
