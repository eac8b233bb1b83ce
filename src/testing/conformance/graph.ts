/**
 * Graph: jobs that wait for others, and when they may go.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { EnqueueReply } from "../../store/store.ts";
import {
  beginnings,
  cancel,
  claimIds,
  complete,
  deadLetter,
  newJob,
  newJobs,
  pick,
  put,
  read,
  release,
  retryIn,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { after, assertStatuses, childOf, claimJob, relayAll, run } from "./graph_builders.ts";
import { listIds } from "./pages.ts";

const created = (...statuses: string[]): EnqueueReply =>
  ({ outcome: "created", statuses }) as EnqueueReply;

/** What parents mean for a job. */
export const graphCases: readonly ConformanceCase[] = stageCases("graph", {
  async "enqueue() defers a job whose parent is not final, and its end makes it ready"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    assert.deepEqual(await store.enqueue([[childOf("c", "p", "cancel", { payload: '"x"' })]]), [
      created("deferred"),
    ]);
    assert.deepEqual(await claimIds(store), ["p"], "only the parent can be claimed");
    await h.advance(60_000);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    await run(store, "p", complete());
    const record = await read(store, "c");
    assert.deepEqual(pick(record, "status", "pendingParents", "canceledBy", "runAt", "error"), {
      status: "ready",
      pendingParents: [],
      canceledBy: null,
      runAt: null,
      error: null,
    });
    assert.deepEqual(await claimIds(store), ["c"]);
    assert.equal((await read(store, "c")).payload, '"x"');
  },

  async "enqueue() writes a deferred job as it was given, with the parents it waits for"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "p"));
    const settings = { ...after(["p2", "p0", "p1"], "continue"), meta: { a: 1 }, maxRetry: 2 };
    const job = newJob("c", { queue: "q", type: "t", priority: 3, payload: "[1]", settings });
    await put(store, job);
    assert.deepEqual(await read(store, "c"), {
      ...beginnings,
      id: "c",
      queue: "q",
      type: "t",
      priority: 3,
      payload: "[1]",
      settings,
      createdAt: h.now(),
      status: "deferred",
      pendingParents: ["p2", "p0", "p1"],
    });
  },

  async "a job with several parents waits for all of them, whatever their order"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c"));
    await put(store, childOf("x", ["b", "c", "a"]));
    for (const [id, left] of [["a", ["b", "c"]], ["b", ["c"]], ["c", []]] as const) {
      assert.equal((await read(store, "x")).status, "deferred");
      await run(store, id, complete());
      assert.deepEqual((await read(store, "x")).pendingParents, left, `after '${id}'`);
    }
    assert.deepEqual(await claimIds(store), ["x"]);
  },

  async "a deferred job is in counts() and list() until it is ready"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("c", "p", "cancel", { queue: "q", type: "t" }));
    await put(store, childOf("d", "p"));
    assert.deepEqual(await tally(store), {
      "default/work/ready": 1,
      "q/t/deferred": 1,
      "default/work/deferred": 1,
    });
    assert.deepEqual((await listIds(store, { status: "deferred" })).sort(), ["c", "d"]);
    const { jobs } = await store.list({ status: "deferred", queue: "q", limit: 5 });
    assert.deepEqual(jobs, [await read(store, "c")]);
    assert.deepEqual(await listIds(store, { status: "deferred", type: "work" }), ["d"]);
    await run(store, "p", complete());
    assert.deepEqual(await listIds(store, { status: "deferred" }), []);
    assert.deepEqual((await listIds(store, { status: "ready" })).sort(), ["c", "d"]);
    assert.deepEqual(await tally(store), {
      "default/work/completed": 1,
      "q/t/ready": 1,
      "default/work/ready": 1,
    });
  },

  async "a retry, a release and a reap of a parent do not let its child go"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("c", "p"));
    await run(store, "p", retryIn(0));
    await store.promote(10);
    await assertStatuses(store, { p: "ready", c: "deferred" });
    await run(store, "p", release);
    await claimJob(store, "p");
    await h.advance(60_000);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    await relayAll(store);
    await assertStatuses(store, { p: "ready", c: "deferred" });
    await run(store, "p", complete());
    await assertStatuses(store, { p: "completed", c: "ready" });
  },

  async "a child enqueued after its parents have completed is ready at once, or scheduled"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    await run(store, "a", complete());
    await run(store, "b", complete());
    const replies = await store.enqueue([
      [childOf("c", ["a", "b"])],
      [childOf("d", ["a", "b"], "cancel", { delayMs: 50 })],
    ]);
    assert.deepEqual(replies, [created("ready"), created("scheduled")]);
    assert.deepEqual((await read(store, "c")).pendingParents, []);
    assert.equal((await read(store, "d")).runAt, h.now() + 50);
    assert.deepEqual(await claimIds(store), ["c"]);
  },

  async "a child enqueued while some of its parents are final waits for the others"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c"));
    await run(store, "b", complete());
    await put(store, childOf("x", ["a", "b", "c"]));
    assert.deepEqual((await read(store, "x")).pendingParents, ["a", "c"]);
    await run(store, "c", complete());
    await run(store, "a", complete());
    await assertStatuses(store, { x: "ready" });
  },

  async "a child enqueued after its parent failed is canceled at once if its policy says so"(h) {
    const store = await h.open();
    await put(store, newJob("dead"), newJob("off"), newJob("live"));
    await run(store, "dead", deadLetter());
    await run(store, "off", cancel());
    const replies = await store.enqueue([
      [childOf("a", "dead")],
      [childOf("b", ["live", "off"])],
      [childOf("c", "dead", "continue")],
      [childOf("d", "dead", "ignore", { delayMs: 10 })],
      [childOf("e", ["off", "live"], "continue")],
    ]);
    assert.deepEqual(replies, [
      created("canceled"),
      created("canceled"),
      created("ready"),
      created("scheduled"),
      created("deferred"),
    ]);
    const keys = ["status", "error", "canceledBy", "finishedAt", "pendingParents"] as const;
    assert.deepEqual(pick(await read(store, "a"), ...keys), {
      status: "canceled",
      error: "Parent 'dead' ended as dead_letter",
      canceledBy: "dead",
      finishedAt: h.now(),
      pendingParents: [],
    });
    assert.deepEqual(pick(await read(store, "b"), "error", "canceledBy"), {
      error: "Parent 'off' ended as canceled",
      canceledBy: "off",
    });
    assert.deepEqual((await read(store, "e")).pendingParents, ["live"]);
    assert.deepEqual((await listIds(store, { status: "canceled" })).sort(), ["a", "b", "off"]);
    await run(store, "live", complete());
    assert.deepEqual((await claimIds(store)).sort(), ["c", "e"]);
  },

  async "enqueue() refuses a group with a parent that is not there, and writes nothing"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    const replies = await store.enqueue([
      [newJob("a"), childOf("b", ["p", "nobody", "no-one"]), childOf("c", "nothing")],
      [newJob("z")],
    ]);
    assert.deepEqual(replies, [
      { outcome: "missing_parent", index: 1, id: "nobody" },
      created("ready"),
    ]);
    await assertStatuses(store, { a: null, b: null, c: null, z: "ready" });
    assert.deepEqual(await tally(store), { "default/work/ready": 2 });
    assert.deepEqual(await store.children("p", { limit: 10 }), { ids: [] });
    const own = await store.enqueue([[childOf("later", "d"), newJob("d")]]);
    assert.deepEqual(own, [{ outcome: "missing_parent", index: 0, id: "d" }]);
    await run(store, "p", complete());
    assert.deepEqual(await claimIds(store), ["z"]);
  },

  async "enqueue() takes a missing parent for one that lets go, when told so"(h) {
    const store = await h.open();
    const resolved = { onMissingParent: "resolved" } as const;
    await put(store, newJob("p"));
    const replies = await store.enqueue([
      [childOf("a", "nobody", "cancel", resolved)],
      [childOf("b", ["nobody", "p"], "cancel", resolved)],
    ]);
    assert.deepEqual(replies, [created("ready"), created("deferred")]);
    assert.deepEqual((await read(store, "b")).pendingParents, ["p"]);
    await run(store, "p", complete());
    assert.deepEqual((await claimIds(store)).sort(), ["a", "b"]);
  },
});
