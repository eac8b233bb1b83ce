/**
 * Graph: what one end means for children of children.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  cancel,
  claimIds,
  complete,
  deadLetter,
  newJob,
  pick,
  put,
  read,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, childOf, relayAll, run } from "./graph_builders.ts";

/** What ends promise to the jobs behind the children. */
export const graphCascadeCases: readonly ConformanceCase[] = stageCases("graph", {
  async "a group with edges within it is written in one call, and runs in their order"(h) {
    const store = await h.open();
    const group = [
      newJob("a"),
      childOf("b", "a"),
      childOf("c", "a"),
      childOf("d", ["b", "c"]),
      newJob("e"),
    ];
    assert.deepEqual(await store.enqueue([group]), [{
      outcome: "created",
      statuses: ["ready", "deferred", "deferred", "deferred", "ready"],
    }]);
    await assertStatuses(store, { a: "ready", b: "deferred", c: "deferred", d: "deferred" });
    await run(store, "a", complete());
    await assertStatuses(store, { b: "ready", c: "ready", d: "deferred" });
    await run(store, "c", complete());
    await assertStatuses(store, { d: "deferred" });
    await run(store, "b", complete());
    await assertStatuses(store, { d: "ready" });
    assert.deepEqual((await claimIds(store)).sort(), ["d", "e"]);
  },

  async "a group with an id in use leaves no edge and no job behind"(h) {
    const store = await h.open();
    await put(store, newJob("p"), newJob("taken"));
    const group = [newJob("a"), childOf("b", ["a", "p"]), childOf("taken", "a")];
    assert.deepEqual(await store.enqueue([group]), [
      { outcome: "duplicate", index: 2, id: "taken", status: "ready" },
    ]);
    await assertStatuses(store, { a: null, b: null, taken: "ready" });
    await put(store, newJob("b"));
    assert.equal((await read(store, "b")).status, "ready");
    await run(store, "p", deadLetter());
    await assertStatuses(store, { b: "ready" });
  },

  async "relay() has nothing to do where no job has ended"(h) {
    const store = await h.open();
    assert.deepEqual(await store.relay(500), { moved: 0, nextInMs: null });
    await put(store, newJob("p"), childOf("c", "p"));
    assert.deepEqual(await store.relay(500), { moved: 0, nextInMs: null });
    await assertStatuses(store, { p: "ready", c: "deferred" });
  },

  async "a chain runs one after the other"(h) {
    const store = await h.open();
    const ids = Array.from({ length: 12 }, (_, i) => `j${i}`);
    await store.enqueue([ids.map((id, i) => i === 0 ? newJob(id) : childOf(id, ids[i - 1]!))]);
    for (const id of ids) {
      assert.equal((await tally(store))["default/work/ready"], 1, `only '${id}' is ready`);
      await run(store, id, complete());
    }
    assert.deepEqual(await tally(store), { "default/work/completed": 12 });
  },

  async "a job behind a diamond is let go once, after both sides"(h) {
    const store = await h.open();
    await store.enqueue([[
      newJob("top"),
      childOf("left", "top"),
      childOf("right", "top", "cancel", { delayMs: 1000 }),
      childOf("bottom", ["left", "right"]),
    ]]);
    await run(store, "top", complete());
    await run(store, "left", complete());
    await assertStatuses(store, { right: "scheduled", bottom: "deferred" });
    await h.advance(1000);
    await store.promote(10);
    await run(store, "right", complete());
    await assertStatuses(store, { bottom: "ready" });
    await run(store, "bottom", complete());
    assert.deepEqual(await tally(store), { "default/work/completed": 4 });
  },

  async "a failure cancels all that wait behind it, each by its own parent"(h) {
    const store = await h.open();
    await store.enqueue([[
      newJob("a"),
      childOf("b", "a"),
      childOf("c", "b"),
      childOf("d", "c"),
      newJob("x"),
      childOf("y", "x"),
    ]]);
    await run(store, "a", deadLetter());
    for (
      const [id, parent, how] of [
        ["b", "a", "dead_letter"],
        ["c", "b", "canceled"],
        ["d", "c", "canceled"],
      ] as const
    ) {
      assert.deepEqual(pick(await read(store, id), "status", "error", "canceledBy"), {
        status: "canceled",
        error: `Parent '${parent}' ended as ${how}`,
        canceledBy: parent,
      });
    }
    await assertStatuses(store, { x: "ready", y: "deferred" });
    assert.deepEqual(await tally(store), {
      "default/work/dead_letter": 1,
      "default/work/canceled": 3,
      "default/work/ready": 1,
      "default/work/deferred": 1,
    });
  },

  async "a job that goes on runs after the cancel of its parent, and its children after it"(h) {
    const store = await h.open();
    await store.enqueue([[
      newJob("a"),
      childOf("b", "a"),
      childOf("clean", "b", "continue"),
      childOf("after", "clean"),
      childOf("ignoring", "b", "ignore"),
      childOf("c", "b"),
    ]]);
    await run(store, "a", cancel());
    await assertStatuses(store, {
      b: "canceled",
      clean: "ready",
      after: "deferred",
      ignoring: "ready",
      c: "canceled",
    });
    await run(store, "clean", complete());
    await assertStatuses(store, { after: "ready" });
  },

  async "a diamond with a side that fails is canceled once, by that side"(h) {
    const store = await h.open();
    await store.enqueue([[
      newJob("top"),
      childOf("left", "top"),
      childOf("right", "top"),
      childOf("bottom", ["left", "right"]),
      childOf("last", "bottom"),
    ]]);
    await run(store, "top", complete());
    await run(store, "right", deadLetter());
    await assertStatuses(store, { left: "ready", bottom: "canceled", last: "canceled" });
    assert.equal((await read(store, "bottom")).canceledBy, "right");
    const before = await store.getJobs(["bottom", "last"]);
    await run(store, "left", deadLetter());
    assert.deepEqual(await store.getJobs(["bottom", "last"]), before);
  },

  async "a deferred job that a person cancels takes its children with it, its parents do not"(h) {
    const store = await h.open();
    await store.enqueue([[newJob("a"), childOf("b", "a"), childOf("c", "b"), childOf("d", "a")]]);
    assert.deepEqual(await actOn(store, "b", callOff), { outcome: "done", status: "canceled" });
    await assertStatuses(store, { a: "ready", b: "canceled", c: "canceled", d: "deferred" });
    assert.deepEqual(pick(await read(store, "b"), "error", "canceledBy", "pendingParents"), {
      error: "not needed",
      canceledBy: null,
      pendingParents: [],
    });
    const before = await store.getJobs(["b", "c"]);
    await h.advance(5);
    await run(store, "a", complete());
    assert.deepEqual(await store.getJobs(["b", "c"]), before);
    await assertStatuses(store, { d: "ready" });
  },

  async "a deferred job that is removed is forgotten by its parents"(h) {
    const store = await h.open();
    await put(store, newJob("a"), childOf("b", "a"), childOf("c", "a"), childOf("d", "b"));
    assert.deepEqual(await actOn(store, "b", { kind: "remove" }), {
      outcome: "done",
      status: null,
    });
    assert.equal((await read(store, "d")).error, "Parent 'b' was removed");
    await put(store, newJob("hold"), childOf("b", "hold"));
    await run(store, "a", complete());
    await assertStatuses(store, { b: "deferred", c: "ready", d: "canceled" });
    await run(store, "hold", complete());
    await assertStatuses(store, { b: "ready" });
  },

  async "a deferred job expires, and its children fail with it"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, newJob("a"), childOf("b", "a", "cancel", { settings }));
    await put(store, childOf("c", "b"), childOf("d", "b", "continue"));
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: 100 });
    await h.advance(100);
    assert.equal((await store.expire(10)).moved, 1);
    await relayAll(store);
    assert.deepEqual(pick(await read(store, "b"), "status", "error", "canceledBy"), {
      status: "canceled",
      error: "expired",
      canceledBy: null,
    });
    assert.equal((await read(store, "c")).error, "Parent 'b' ended as canceled");
    await assertStatuses(store, { a: "ready", d: "ready" });
    await run(store, "a", complete());
    await assertStatuses(store, { b: "canceled", c: "canceled" });
  },

  async "a job that was let go and then expires fails for its children"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, newJob("a"), childOf("b", "a", "cancel", { settings }), childOf("c", "b"));
    await run(store, "a", complete());
    await h.advance(100);
    assert.deepEqual(await claimIds(store), []);
    await relayAll(store);
    await assertStatuses(store, { b: "canceled", c: "canceled" });
  },

  async "a failure that is not kept still cancels all that wait behind it"(h) {
    const store = await h.open({ retention: { failedMs: 0 } });
    const settings = { retention: { failedMs: -1 } };
    await put(store, newJob("a"), childOf("b", "a"), childOf("c", "b"));
    await put(store, childOf("d", "c", "cancel", { settings }), childOf("e", "c", "continue"));
    await run(store, "a", deadLetter());
    await assertStatuses(store, { a: null, b: null, c: null, d: "canceled", e: "ready" });
    assert.equal((await read(store, "d")).error, "Parent 'c' ended as canceled");
    assert.deepEqual(await tally(store), {
      "default/work/canceled": 1,
      "default/work/ready": 1,
    });
  },
});
