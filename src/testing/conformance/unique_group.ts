/**
 * Unique: groups, several groups of one call, and the owner of a key that is retried.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claimIds,
  claimOne,
  complete,
  deadLetter,
  newJob,
  put,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, childOf, run } from "./graph_builders.ts";
import { byId, created, duplicate, enqueueOne, keyed, unique } from "./unique_builders.ts";

/** What uniqueness promises to groups, handles and retries. */
export const uniqueGroupCases: readonly ConformanceCase[] = stageCases("unique", {
  async "a group with a key in use is refused whole"(h) {
    const store = await h.open();
    await put(store, keyed("owner", "finished"));
    const group = [
      newJob("a"),
      unique("b", { key: "free", until: "finished" }),
      keyed("c", "finished"),
      childOf("d", "a"),
    ];
    assert.deepEqual(await store.enqueue([group]), [
      { outcome: "duplicate", index: 2, id: "owner", status: "ready" },
    ]);
    await assertStatuses(store, { a: null, b: null, c: null, d: null });
    assert.deepEqual(await tally(store), { "default/work/ready": 1 });
    const later = unique("b", { key: "free", until: "finished" });
    assert.deepEqual(await enqueueOne(store, later), created, "its other keys are free");
  },

  async "a group owns its keys together"(h) {
    const store = await h.open();
    const group = ["a", "b"].map((key) => unique(key, { key, until: "finished" }));
    assert.equal((await store.enqueue([group]))[0]?.outcome, "created");
    for (const key of ["a", "b"]) {
      const again = unique(`${key}2`, { key, until: "finished" });
      assert.deepEqual(await enqueueOne(store, again), duplicate(key, "ready"));
    }
  },

  async "of two groups of one call with the same key the first wins"(h) {
    const store = await h.open();
    const replies = await store.enqueue([
      [newJob("x"), keyed("a", "finished")],
      [newJob("y"), keyed("b", "finished")],
      [newJob("z")],
    ]);
    assert.deepEqual(replies, [
      { outcome: "created", statuses: ["ready", "ready"] },
      { outcome: "duplicate", index: 1, id: "a", status: "ready" },
      created,
    ]);
    await assertStatuses(store, { x: "ready", a: "ready", y: null, b: null, z: "ready" });
  },

  async "a duplicate goes before a missing parent"(h) {
    const store = await h.open();
    await put(store, keyed("owner", "finished"));
    const group = [childOf("a", "nobody"), keyed("b", "finished")];
    assert.deepEqual(await store.enqueue([group]), [
      { outcome: "duplicate", index: 1, id: "owner", status: "ready" },
    ]);
  },

  async "a key keeps others out whatever their queue and type, and no other key"(h) {
    const store = await h.open();
    await put(store, keyed("a", "finished"));
    const elsewhere = keyed("b", "finished", undefined, { queue: "q", type: "t" });
    assert.deepEqual(await enqueueOne(store, elsewhere), duplicate("a", "ready"));
    for (const key of ["K", "k.", "k:1", "a", "x".repeat(300)]) {
      const other = unique(`o${key.slice(0, 9)}`, { key, until: "finished" });
      assert.deepEqual(await enqueueOne(store, other), created, key);
    }
  },

  async "a deferred job is the owner of its key, and frees it when its parent cancels it"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    const { settings } = keyed("a", "finished");
    await put(store, childOf("a", "p", "cancel", { settings }));
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), duplicate("a", "deferred"));
    await run(store, "p", deadLetter());
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), created);
  },

  async "a job that is canceled at once does not keep others out until finished"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    await run(store, "p", deadLetter());
    const { settings } = keyed("a", "finished");
    const reply = await enqueueOne(store, childOf("a", "p", "cancel", { settings }));
    assert.deepEqual(reply, { outcome: "created", statuses: ["canceled"] });
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), created);
  },

  async "a job that is given to a lapsed holder keeps its key until it is final"(h) {
    const store = await h.open();
    await put(store, keyed("a", "finished"));
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), duplicate("a", "ready"));
    await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 2 });
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), created);
  },

  async "an expired owner frees its key"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 10 };
    await put(store, keyed("a", "finished", undefined, { settings }));
    await h.advance(10);
    assert.equal((await store.expire(10)).moved, 1);
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), created);
  },

  async "retry of a job whose key has another owner is refused, and possible after it"(h) {
    const store = await h.open();
    await put(store, keyed("a", "finished"));
    await run(store, "a", deadLetter());
    await put(store, keyed("b", "finished"));
    assert.deepEqual(await actOn(store, "a", { kind: "retry" }), {
      outcome: "refused",
      status: "dead_letter",
      reason: "duplicate",
      by: "b",
    });
    await assertStatuses(store, { a: "dead_letter", b: "ready" });
    await run(store, "b", complete());
    assert.deepEqual(await actOn(store, "a", { kind: "retry" }), {
      outcome: "done",
      status: "ready",
    });
    assert.deepEqual(await enqueueOne(store, keyed("c", "finished")), duplicate("a", "ready"));
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "retry of a job that has its key still is done"(h) {
    const store = await h.open();
    await put(store, keyed("a", "removed"));
    await actOn(store, "a", callOff);
    const done = { outcome: "done", status: "ready" };
    assert.deepEqual(await actOn(store, "a", { kind: "retry" }), done);
    assert.deepEqual(await enqueueOne(store, keyed("b", "removed")), duplicate("a", "ready"));
    await settle(store, await claimOne(store), complete());
    assert.deepEqual(await enqueueOne(store, keyed("b", "removed")), duplicate("a", "completed"));
  },
});

/** What uniqueness promises to several handles. */
export const uniqueSharedCases: readonly ConformanceCase[] = stageCases("unique", {
  async "of handles that enqueue the same work at once, one wins"(h) {
    const stores = [await h.open(), await h.openSecond(), await h.openSecond()];
    for (let i = 0; i < 20; i++) {
      const rule = { key: `k${i}`, until: "finished" } as const;
      const replies = await Promise.all(
        stores.map((store, n) => enqueueOne(store, unique(`j${i}-${n}`, rule))),
      );
      const winner = replies.findIndex(({ outcome }) => outcome === "created");
      const expected = stores.map((_, n) =>
        n === winner ? created : duplicate(`j${i}-${winner}`, "ready")
      );
      assert.deepEqual(replies, expected, `round ${i}`);
    }
    assert.deepEqual(await tally(stores[0]!), { "default/work/ready": 20 });
  },

  async "of handles that make room for an id at once, one wins"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("a"));
    for (let i = 0; i < 10; i++) {
      await settle(one, await claimOne(one), complete());
      const replies = await Promise.all(
        [one, two].map((store) => enqueueOne(store, byId("a", "finished"))),
      );
      assert.deepEqual(replies.map(({ outcome }) => outcome).sort(), ["created", "duplicate"]);
      assert.deepEqual(await tally(two), { "default/work/ready": 1 });
    }
  },
}, "shared");
