/**
 * Graph: where and when a job runs that its parents let go, and who hears of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import {
  claimIds,
  claimOne,
  claimRequest,
  complete,
  deadLetter,
  newJob,
  outcome,
  pick,
  put,
  read,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, childOf, claimJob, relayAll, run } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { settleDown, stillWaits, within, wokenBy } from "./wait.ts";

/** All ids of `children()`, page by page. */
async function childIds(store: Store, id: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 100; page++) {
    const reply = await store.children(id, cursor === undefined ? { limit } : { limit, cursor });
    ids.push(...reply.ids);
    cursor = reply.cursor;
    if (cursor === undefined) return ids.sort();
  }
  return assert.fail("children() must come to an end within 100 pages");
}

const isCanceled = async (
  h: ConformanceHarness,
  waiting: ReturnType<Store["awaitFinal"]>,
): Promise<string | null | undefined> =>
  (await within(h, waiting, "the end of awaitFinal()"))?.error;

/** What a release promises. */
export const graphDueCases: readonly ConformanceCase[] = stageCases("graph", {
  async "a child's delayMs counts from its release"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("c", "p", "cancel", { delayMs: 100 }));
    assert.equal((await read(store, "c")).runAt, null, "no due time while deferred");
    await h.advance(5000);
    await store.promote(10);
    await run(store, "p", complete());
    assert.deepEqual(pick(await read(store, "c"), "status", "runAt"), {
      status: "scheduled",
      runAt: h.now() + 100,
    });
    await h.advance(99);
    assert.deepEqual(await claimIds(store), []);
    await h.advance(1);
    assert.deepEqual(await claimIds(store), ["c"]);
  },

  async "a child's runAt is kept: in the future it is scheduled, in the past it is ready"(h) {
    const store = await h.open();
    const [soon, late] = [h.now() + 100, h.now() + 5000];
    await put(store, newJob("p"));
    await put(store, childOf("past", "p", "cancel", { runAt: soon }));
    await put(store, childOf("future", "p", "cancel", { runAt: late }));
    await h.advance(1000);
    assert.equal((await store.promote(10)).moved, 0, "deferred jobs are not due");
    await run(store, "p", complete());
    await assertStatuses(store, { past: "ready", future: "scheduled" });
    assert.equal((await read(store, "future")).runAt, late);
    assert.deepEqual(await claimIds(store), ["past"]);
    await h.advance(late - h.now());
    assert.deepEqual(await claimIds(store), ["future"]);
  },

  async "children join the end of their line, by priority, or its front if so enqueued"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    const group = [
      childOf("low", "p", "cancel", { priority: -1 }),
      childOf("child", "p"),
      childOf("high", "p", "cancel", { priority: 1 }),
      childOf("front", "p", "cancel", { atFront: true }),
      newJob("before"),
    ];
    await store.enqueue([group]);
    await run(store, "p", complete());
    await put(store, newJob("after"));
    const order = await claimIds(store);
    assert.deepEqual(order, ["high", "front", "before", "child", "after", "low"]);
  },

  async "a child with a delay and atFront goes to the front when it is due"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    await put(store, childOf("c", "p", "cancel", { delayMs: 10, atFront: true }), newJob("x"));
    await run(store, "p", complete());
    await h.advance(10);
    await store.promote(10);
    assert.deepEqual(await claimIds(store), ["c", "x"]);
  },

  async "children may be of other queues and types than their parents"(h) {
    const store = await h.open();
    await put(store, newJob("a", { queue: "q1", type: "t1" }));
    await put(store, newJob("b", { queue: "q2", type: "t2", priority: 5 }));
    await put(store, childOf("x", ["a", "b"], "cancel", { queue: "q3", type: "t3" }));
    await put(store, childOf("y", "a", "cancel", { queue: "q3", type: "t4", priority: 2 }));
    await run(store, "a", complete());
    const sources = [source("q3", ["t3", "t4"])];
    assert.deepEqual(await claimIds(store, { sources }), ["y"]);
    await run(store, "b", complete());
    assert.deepEqual(await claimIds(store, { sources }), ["x"]);
  },

  async "a waiting pool is woken by a job that its parent lets go"(h) {
    const store = await h.open();
    await put(store, newJob("p", { type: "parent" }), childOf("c", "p"));
    await put(store, newJob("q", { type: "parent" }), childOf("d", "q", "continue"));
    const sources = [source("default")];
    const end = async (id: string, verdict = complete()): Promise<void> => {
      await settle(store, await claimJob(store, id), verdict);
      await relayAll(store);
    };
    assert.deepEqual(await wokenBy(h, store, () => end("p"), { sources }), ["c"]);
    assert.deepEqual(await wokenBy(h, store, () => end("q", deadLetter()), { sources }), ["d"]);
  },

  async "a waiting pool is woken when a job is let go that has a delay"(h) {
    const store = await h.open();
    const delayed = { delayMs: 200 };
    await put(store, newJob("p", { type: "parent" }), childOf("c", "p", "cancel", delayed));
    const job = await claimJob(store, "p");
    const cause = async (): Promise<void> => {
      await settle(store, job, complete());
      await relayAll(store);
    };
    const options = { sources: [source(null)], stepMs: 25 };
    assert.deepEqual(await wokenBy(h, store, cause, options), ["c"]);
  },

  async "settle() claims the job that it lets go, or leaves it to the next claim"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("c", "p"));
    const job = await claimOne(store);
    const reply = await store.settle({
      outcomes: [outcome(job, complete())],
      claim: claimRequest(),
    });
    assert.deepEqual(reply.results, ["ok"]);
    await relayAll(store);
    const claimed = (reply.claimed?.jobs ?? []).map(({ id }) => id);
    assert.deepEqual([...claimed, ...await claimIds(store)], ["c"]);
  },

  async "awaitFinal() returns jobs that are canceled with their parents"(h) {
    const store = await h.open();
    await put(store, newJob("a"), childOf("b", "a"), childOf("c", "b"));
    const [b, c] = [store.awaitFinal("b"), store.awaitFinal("c")];
    await settleDown();
    await run(store, "a", deadLetter());
    assert.equal(await isCanceled(h, b), "Parent 'a' ended as dead_letter");
    assert.equal(await isCanceled(h, c), "Parent 'b' ended as canceled");
  },

  async "awaitFinal() waits while a job is deferred, and through its release"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("c", "p"));
    const waiting = store.awaitFinal("c");
    await stillWaits(waiting, "awaitFinal() of a deferred job");
    await run(store, "p", complete());
    await stillWaits(waiting, "awaitFinal() of a released job");
    await run(store, "c", complete('"r"'));
    const record = await within(h, waiting, "the end of awaitFinal()");
    assert.equal(record?.result, '"r"');
  },

  async "awaitFinal() returns null when a job that waits is removed"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("c", "p"), newJob("s", { delayMs: 1000 }));
    for (const id of ["c", "s", "p"]) {
      const waiting = store.awaitFinal(id);
      await settleDown();
      await actOn(store, id, { kind: "remove" });
      assert.equal(await within(h, waiting, "the end of awaitFinal()"), null, id);
    }
  },

  async "children() names the jobs that were enqueued with a job as a parent"(h) {
    const store = await h.open();
    await put(store, newJob("p"), newJob("q"), newJob("none"));
    await put(store, childOf("a", "p"), childOf("b", ["q", "p"], "continue"), childOf("c", "q"));
    assert.deepEqual(await childIds(store, "p", 10), ["a", "b"]);
    assert.deepEqual(await childIds(store, "q", 1), ["b", "c"]);
    assert.deepEqual(await store.children("none", { limit: 10 }), { ids: [] });
    assert.deepEqual(await store.children("nobody", { limit: 10 }), { ids: [] });
    await run(store, "p", complete());
    await put(store, childOf("late", "p"));
    assert.deepEqual(await childIds(store, "p", 2), ["a", "b", "late"], "final jobs have theirs");
    await actOn(store, "a", { kind: "remove" });
    assert.deepEqual(await childIds(store, "p", 10), ["b", "late"], "without those removed");
    await run(store, "q", deadLetter());
    assert.deepEqual(await childIds(store, "q", 10), ["b", "c"]);
  },

  async "children() gives pages without repeats or gaps"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    await put(store, ...Array.from({ length: 60 }, (_, i) => childOf(`c${i}`, "p")));
    const all = Array.from({ length: 60 }, (_, i) => `c${i}`).sort();
    assert.deepEqual(await childIds(store, "p", 7), all);
    assert.deepEqual(await childIds(store, "p", 100), all);
  },
});
