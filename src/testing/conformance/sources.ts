/**
 * Claim: from which queues and types, and how many of each.
 *
 * @module
 */

import assert from "node:assert/strict";
import { claim, claimIds, newJob, newJobs, put, source, tally } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";

interface ShareRow {
  readonly name: string;
  readonly limit: number;
  /** Share, and jobs waiting, of queues "a", "b", "c". */
  readonly shares: readonly number[];
  readonly waiting: readonly number[];
  readonly expected: readonly number[];
}

const shareTable: readonly ShareRow[] = [
  { name: "each its share", limit: 3, shares: [2, 1], waiting: [5, 5], expected: [2, 1] },
  { name: "the rest in listed order", limit: 5, shares: [2, 1], waiting: [9, 9], expected: [4, 1] },
  {
    name: "the rest past an empty first",
    limit: 5,
    shares: [2, 1],
    waiting: [2, 9],
    expected: [2, 3],
  },
  {
    name: "all to the only one with work",
    limit: 6,
    shares: [1, 2, 3],
    waiting: [0, 9, 0],
    expected: [0, 6, 0],
  },
  {
    name: "shares above the limit in listed order",
    limit: 4,
    shares: [3, 3],
    waiting: [9, 9],
    expected: [3, 1],
  },
  {
    name: "a share of 0 only from what is left",
    limit: 4,
    shares: [0, 2],
    waiting: [9, 9],
    expected: [2, 2],
  },
  {
    name: "nothing for a share of 0 when nothing is left",
    limit: 2,
    shares: [0, 2],
    waiting: [9, 9],
    expected: [0, 2],
  },
  {
    name: "all that waits when there is room",
    limit: 10,
    shares: [1, 1, 1],
    waiting: [2, 3, 4],
    expected: [2, 3, 4],
  },
  { name: "three shares", limit: 6, shares: [3, 2, 1], waiting: [9, 9, 9], expected: [3, 2, 1] },
  {
    name: "strict order by shares as large as the limit",
    limit: 4,
    shares: [4, 4],
    waiting: [3, 9],
    expected: [3, 1],
  },
];

function shareCases(): Record<string, (h: ConformanceHarness) => Promise<void>> {
  const cases: Record<string, (h: ConformanceHarness) => Promise<void>> = {};
  for (const row of shareTable) {
    cases[`claim() gives sources their shares: ${row.name}`] = async (h) => {
      const store = await h.open();
      const queues = ["a", "b", "c"].slice(0, row.shares.length);
      for (const [i, queue] of queues.entries()) {
        await put(store, ...newJobs(row.waiting[i]!, queue, { queue }));
      }
      const ids = await claimIds(store, {
        limit: row.limit,
        sources: queues.map((queue, i) => source(queue, ["work"], row.shares[i]!)),
      });
      const got = queues.map((queue) => ids.filter((id) => id.startsWith(queue)));
      assert.deepEqual(got.map((list) => list.length), row.expected);
      for (const [i, list] of got.entries()) {
        assert.deepEqual(list, list.map((_, n) => `${queues[i]}${n}`), "order within a source");
      }
    };
  }
  return cases;
}

/** What claim promises about its sources. */
export const sourceCases: readonly ConformanceCase[] = stageCases("claim", {
  async "claim() never takes a type that was not asked for, nor waits behind it"(h) {
    const store = await h.open();
    for (let i = 0; i < 150; i++) {
      await put(
        store,
        ...newJobs(3, `other${i}-`, { type: "other", priority: i % 3 }),
        newJob(`j${i}`),
      );
    }
    const ids = await claimIds(store, { limit: 1000 });
    assert.deepEqual(ids, Array.from({ length: 150 }, (_, i) => `j${i}`));
    assert.deepEqual(await claim(store), []);
    const others = await claim(store, { limit: 1000, sources: [source(null, ["other"])] });
    assert.equal(others.length, 450);
    const expected = [2, 1, 0].flatMap((priority) =>
      Array.from({ length: 50 }, (_, i) => [0, 1, 2].map((n) => `other${i * 3 + priority}-${n}`))
        .flat()
    );
    assert.deepEqual(others.map((job) => job.id), expected);
  },

  async "claim() takes only from the queues that are named"(h) {
    const store = await h.open();
    await put(
      store,
      newJob("a", { queue: "a" }),
      newJob("b", { queue: "b" }),
      newJob("c", { queue: "c" }),
    );
    assert.deepEqual(await claimIds(store, { sources: [source("b")] }), ["b"]);
    assert.deepEqual(await claimIds(store, { sources: [source("nowhere")] }), []);
    assert.deepEqual((await claimIds(store, { sources: [source("a"), source("c")] })).sort(), [
      "a",
      "c",
    ]);
  },

  async "claim() takes from each source only its own types"(h) {
    const store = await h.open();
    for (const queue of ["a", "b"]) {
      await put(
        store,
        newJob(`${queue}-x`, { queue, type: "x" }),
        newJob(`${queue}-y`, { queue, type: "y" }),
      );
    }
    const sources = [source("a", ["x"]), source("b", ["y"])];
    assert.deepEqual((await claimIds(store, { sources })).sort(), ["a-x", "b-y"]);
    assert.deepEqual(await claimIds(store, { sources }), []);
  },

  async "claim() takes from all queues for a source without a queue"(h) {
    const store = await h.open();
    const queues = ["a", "b", "default", "z:9"];
    await put(store, ...queues.map((queue) => newJob(`in-${queue.replace(":", "-")}`, { queue })));
    assert.deepEqual((await claimIds(store)).sort(), ["in-a", "in-b", "in-default", "in-z-9"]);
  },

  async "claim() leaves out the named queues for a source without a queue"(h) {
    const store = await h.open();
    for (const queue of ["a", "b"]) {
      await put(
        store,
        newJob(`${queue}-x`, { queue, type: "x" }),
        newJob(`${queue}-y`, { queue, type: "y" }),
      );
    }
    // "y" in queue "a" is for neither source.
    const sources = [source("a", ["x"]), source(null, ["x", "y"])];
    assert.deepEqual((await claimIds(store, { sources })).sort(), ["a-x", "b-x", "b-y"]);
    assert.deepEqual(await claimIds(store, { sources }), []);
  },

  async "claim() keeps order within each queue of a source without a queue"(h) {
    const store = await h.open();
    for (let i = 0; i < 10; i++) {
      await put(store, newJob(`a${i}`, { queue: "a" }), newJob(`b${i}`, { queue: "b" }));
    }
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(...await claimIds(store, { limit: 3 }));
    for (const queue of ["a", "b"]) {
      const own = ids.filter((id) => id.startsWith(queue));
      assert.deepEqual(own, Array.from({ length: 10 }, (_, i) => `${queue}${i}`));
    }
  },

  async "claim() starves no queue of a source without a queue"(h) {
    const store = await h.open();
    await put(store, ...newJobs(20, "flood", { queue: "a" }));
    await put(store, newJob("b0", { queue: "b" }), newJob("c0", { queue: "c" }));
    const got = new Set<string>();
    for (let i = 20; i < 80 && !(got.has("b0") && got.has("c0")); i++) {
      await put(store, newJob(`flood${i}`, { queue: "a" }));
      for (const id of await claimIds(store, { limit: 1 })) got.add(id);
    }
    assert.ok(
      got.has("b0"),
      "the job of queue 'b' must be claimed although queue 'a' is never empty",
    );
    assert.ok(
      got.has("c0"),
      "the job of queue 'c' must be claimed although queue 'a' is never empty",
    );
  },

  async "claim() takes nothing when it has no sources"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    assert.deepEqual(await claimIds(store, { sources: [] }), []);
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "claim() takes nothing from a source without types, which keeps its queue from the others"(
    h,
  ) {
    const store = await h.open();
    await put(store, newJob("a", { queue: "a" }), newJob("b", { queue: "b" }));
    assert.deepEqual(await claimIds(store, { sources: [source("a", []), source(null)] }), ["b"]);
    assert.deepEqual(await claimIds(store, { sources: [source("a", [])] }), []);
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "claim() takes a job once although its type is named twice"(h) {
    const store = await h.open();
    await put(store, ...newJobs(5, "j"));
    const sources = [source("default", ["work", "other", "work"])];
    assert.deepEqual(await claimIds(store, { sources, limit: 3 }), ["j0", "j1", "j2"]);
    assert.deepEqual(await claimIds(store, { sources, limit: 3 }), ["j3", "j4"]);
    assert.deepEqual(await tally(store), { "default/work/processing": 5 });
  },

  async "claim() takes each queue's jobs although another queue has thousands"(h) {
    const store = await h.open();
    for (let i = 0; i < 2; i++) await put(store, ...newJobs(1000, `bulk${i}-`, { queue: "bulk" }));
    await put(store, newJob("a", { queue: "mail" }));
    assert.deepEqual(await claimIds(store, { limit: 1, sources: [source("mail")] }), ["a"]);
    assert.deepEqual(await claimIds(store, { limit: 1, sources: [source("bulk")] }), ["bulk0-0"]);
  },

  ...shareCases(),
});
