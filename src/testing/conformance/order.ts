/**
 * Claim: which job comes first, and from where.
 *
 * @module
 */

import assert from "node:assert/strict";
import { seededRng } from "../../rng.ts";
import { claim, claimIds, claimOne, newJob, newJobs, put, settle, source } from "./builders.ts";
import { complete, release, retryIn } from "./builders.ts";
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

/** What claim promises about order and sources. */
export const orderCases: readonly ConformanceCase[] = stageCases("claim", {
  async "claim() takes jobs in the order in which they became ready, whatever their types"(h) {
    const store = await h.open();
    const types = ["x", "y", "z"];
    const jobs = Array.from({ length: 12 }, (_, i) => newJob(`j${i}`, { type: types[i * 7 % 3]! }));
    for (const job of jobs) await put(store, job);
    const sources = [source("default", types)];
    const first = await claimIds(store, { sources, limit: 5 });
    const rest = await claimIds(store, { sources, limit: 100 });
    assert.deepEqual([...first, ...rest], jobs.map((job) => job.id));
  },

  async "claim() takes the jobs of one call, and of one group, in their order"(h) {
    const store = await h.open();
    await store.enqueue([[newJob("a"), newJob("b"), newJob("c")], [newJob("d")], [
      newJob("e"),
      newJob("f"),
    ]]);
    assert.deepEqual(await claimIds(store), ["a", "b", "c", "d", "e", "f"]);
  },

  async "claim() takes higher priorities first, and equals in order"(h) {
    const store = await h.open();
    for (
      const [id, priority] of Object.entries({ a: 0, b: -30, c: 30, d: 0, e: 1, f: -1, g: 30 })
    ) {
      await put(store, newJob(id, { priority }));
    }
    assert.deepEqual(await claimIds(store), ["c", "g", "e", "a", "d", "f", "b"]);
  },

  async "claim() takes priority before order across types"(h) {
    const store = await h.open();
    await put(store, newJob("a", { type: "x" }), newJob("b", { type: "y", priority: 2 }));
    await put(store, newJob("c", { type: "x", priority: 2 }), newJob("d", { type: "y" }));
    const sources = [source("default", ["x", "y"])];
    assert.deepEqual(await claimIds(store, { sources }), ["b", "c", "a", "d"]);
  },

  async "claim() takes a new job of higher priority before an old one of lower"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "old"));
    assert.equal((await claimOne(store)).id, "old0");
    await put(store, newJob("new", { priority: 1 }));
    assert.deepEqual(await claimIds(store), ["new", "old1", "old2"]);
  },

  async "claim() takes 2000 jobs of 61 priorities in exact order"(h) {
    const store = await h.open();
    const rng = seededRng(7);
    const jobs = newJobs(2000, "j").map((job, i) => ({
      ...job,
      priority: Math.floor(rng() * 61) - 30,
      type: i % 2 === 0 ? "even" : "odd",
    }));
    await put(store, ...jobs.slice(0, 1000));
    await put(store, ...jobs.slice(1000));
    const expected = jobs.toSorted((a, b) => b.priority - a.priority).map((job) => job.id);
    const got: string[] = [];
    for (let left = 2000; left > 0; left -= 100) {
      got.push(...await claimIds(store, { limit: 100, sources: [source(null, ["odd", "even"])] }));
    }
    assert.deepEqual(got, expected);
    assert.deepEqual(await claimIds(store, { sources: [source(null, ["odd", "even"])] }), []);
  },

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

  async "claim() takes no more than its limit, and the next ones when repeated"(h) {
    const store = await h.open();
    await put(store, ...newJobs(5, "j"));
    assert.deepEqual(await claimIds(store, { limit: 2 }), ["j0", "j1"]);
    assert.deepEqual(await claimIds(store, { limit: 2 }), ["j2", "j3"]);
    assert.deepEqual(await claimIds(store, { limit: 2 }), ["j4"]);
    assert.deepEqual(await claimIds(store, { limit: 2 }), []);
  },

  async "claim() finds released jobs at their old places, and retried ones at the end"(h) {
    const store = await h.open();
    await put(store, ...newJobs(6, "j"));
    const [j0, j1, j2, j3] = await claim(store, { limit: 4 });
    await settle(store, j2!, release);
    await settle(store, j0!, release);
    await settle(store, j1!, retryIn(0));
    await settle(store, j3!, complete());
    assert.deepEqual(await claimIds(store), ["j0", "j2", "j4", "j5", "j1"]);
  },

  ...shareCases(),
});
