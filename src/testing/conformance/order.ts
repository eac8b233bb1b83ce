/**
 * Claim: which job comes first.
 *
 * @module
 */

import assert from "node:assert/strict";
import { seededRng } from "../../rng.ts";
import {
  claim,
  claimIds,
  claimOne,
  complete,
  newJob,
  newJobs,
  put,
  release,
  retryIn,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What claim promises about order. */
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

  async "claim() takes jobs of 150 types in exact order"(h) {
    const store = await h.open();
    const types = Array.from({ length: 150 }, (_, i) => `type-${i}`);
    const jobs = newJobs(450, "j").map((job, i) => ({
      ...job,
      type: types[(i * 67) % 150]!,
      priority: i % 7 === 0 ? 1 : 0,
    }));
    await put(store, ...jobs);
    const expected = jobs.toSorted((a, b) => b.priority - a.priority).map((job) => job.id);
    const got: string[] = [];
    for (const queue of ["default", null, "default"]) {
      got.push(...await claimIds(store, { limit: 150, sources: [source(queue, types)] }));
    }
    assert.deepEqual(got, expected);
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
});
