/**
 * Inspect: jobs that have children.
 *
 * @module
 */

import assert from "node:assert/strict";
import { InvalidOptionError } from "../../errors.ts";
import type { PartQuery, Store } from "../../store/store.ts";
import { complete, deadLetter, newJob, newJobs, put } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, childOf, relayAll, run } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { numbered } from "./pages.ts";

/** Ids of a page with the numbers of their children, and how many there are. */
async function listed(
  store: Store,
  query: Partial<PartQuery> = {},
): Promise<{ ids: [string, number][]; total: number }> {
  const { parents, total } = await store.parents({ offset: 0, limit: 100, ...query });
  return { ids: parents.map(({ job, children }) => [job.id, children]), total };
}

/** Asserts that these are all parents, the newest first. */
async function assertParents(store: Store, ...ids: string[]): Promise<void> {
  const found = await listed(store);
  assert.deepEqual(found.ids.map(([id]) => id), ids);
  assert.equal(found.total, ids.length);
}

/** Enqueues one parent after the other, the first with one child, the second with two and so on. */
async function putFamilies(h: ConformanceHarness, store: Store, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const fields = { queue: `q${i % 2}`, type: `t${i % 3}` };
    await put(store, newJob(`p${i}`, fields));
    for (let c = 0; c <= i; c++) await put(store, childOf(`c${i}-${c}`, `p${i}`, "cancel", fields));
    await h.advance(1);
  }
}

/** What parents promises. */
export const parentsCases: readonly ConformanceCase[] = stageCases("inspect", {
  async "parents() of a store without children is empty"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    assert.deepEqual(await listed(store), { ids: [], total: 0 });
    assert.deepEqual(await listed(store, { offset: 5 }), { ids: [], total: 0 });
  },

  async "parents() gives pages of the jobs with children, from both ends"(h) {
    const store = await h.open();
    await putFamilies(h, store, 7);
    const all = Array.from({ length: 7 }, (_, i): [string, number] => [`p${6 - i}`, 7 - i]);
    for (const order of ["newest", "oldest"] as const) {
      const ids = order === "newest" ? all : all.toReversed();
      for (const offset of [0, 1, 3, 5, 7]) {
        const expected = { ids: ids.slice(offset, offset + 3), total: 7 };
        assert.deepEqual(await listed(store, { offset, limit: 3, order }), expected);
      }
    }
  },

  async "parents() takes only the queues and the type asked for"(h) {
    const store = await h.open();
    await putFamilies(h, store, 6);
    const ids = async (query: Partial<PartQuery>): Promise<string[]> =>
      (await listed(store, query)).ids.map(([id]) => id);
    assert.deepEqual(await ids({ queues: ["q1"] }), ["p5", "p3", "p1"]);
    assert.deepEqual(await ids({ queues: ["q1", "q0"], type: "t1" }), ["p4", "p1"]);
    assert.deepEqual(await ids({ queues: ["q1"], offset: 1, order: "oldest" }), ["p3", "p5"]);
    assert.deepEqual(await ids({ queues: [] }), []);
    assert.equal((await listed(store, { type: "t0" })).total, 2);
  },

  async "parents() has a job from its first child until it is removed, whatever becomes of both"(
    h,
  ) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    await h.advance(1);
    await put(store, childOf("child", "a"));
    await assertParents(store, "a");
    await run(store, "a", complete());
    await assertParents(store, "a");
    await actOn(store, "child", { kind: "remove" });
    await assertParents(store, "a");
    await run(store, "b", deadLetter());
    await put(store, childOf("late", "b", "ignore"));
    assert.deepEqual(new Set((await listed(store)).ids.map(([id]) => id)), new Set(["a", "b"]));
    await actOn(store, "b", { kind: "retry" });
    await actOn(store, "a", { kind: "remove" });
    await assertParents(store, "b");
    await actOn(store, "b", { kind: "remove" });
    await assertParents(store);
  },

  async "parents() has no job that retention took, or that another with its id replaced"(h) {
    const store = await h.open({ retention: { completedMs: 1000 } });
    const own = (completedMs: number) => ({ settings: { retention: { completedMs } } });
    await put(store, newJob("plain"), newJob("own", own(500)), newJob("gone", own(0)));
    const parents = ["plain", "own", "gone"];
    await put(store, ...parents.map((id) => childOf(`${id}-child`, id)));
    for (const id of parents) await run(store, id, complete());
    assert.equal((await listed(store)).total, 2);
    await h.advance(1000);
    await store.prune(10);
    await assertParents(store);
    await put(store, ...parents.map((id) => newJob(id)));
    await assertParents(store);
  },

  async "parents() has a job that was removed before it ran no more"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b", { delayMs: 1000 }), newJob("root"));
    await put(store, childOf("a1", "a"), childOf("b1", "b"), childOf("middle", "root"));
    await put(store, childOf("leaf", "middle"));
    for (const id of ["a", "b", "middle"]) await actOn(store, id, { kind: "remove" });
    await assertParents(store, "root");
  },

  async "parents() has those of a large graph, and a parent with very many children once"(h) {
    const store = await h.open();
    await put(store, newJob("before"));
    await h.advance(1);
    const chain = numbered("chain", 0, 699).map((id, i) =>
      i === 0 ? newJob(id) : childOf(id, `chain${i - 1}`)
    );
    assert.equal((await store.enqueue([chain]))[0]?.outcome, "created");
    const fan = newJobs(700, "fan").map(({ id }) => childOf(id, "before"));
    assert.equal((await store.enqueue([fan]))[0]?.outcome, "created");
    const { parents, total } = await store.parents({ offset: 0, limit: 1, order: "oldest" });
    assert.equal(total, 700);
    assert.deepEqual(parents.map(({ job, children }) => [job.id, children]), [["before", 700]]);
    const ids: string[] = [];
    for (let offset = 0; offset < total; offset += 90) {
      ids.push(...(await listed(store, { offset, limit: 90 })).ids.map(([id]) => id));
    }
    const expected = ["before", ...numbered("chain", 0, 698)];
    assert.deepEqual(ids.sort(), expected.sort());
    await actOn(store, "before", { kind: "remove" });
    await relayAll(store);
    assert.equal((await listed(store)).total, 699);
  },

  async "parents() refuses a query that breaks a rule"(h) {
    const store = await h.open();
    for (const fields of [{ limit: 0 }, { offset: -1 }, { status: "ready" }, { order: "up" }]) {
      const query = { offset: 0, limit: 1, ...fields } as PartQuery;
      await assert.rejects(async () => await store.parents(query), InvalidOptionError);
    }
  },
});
