/**
 * Graph: jobs that are brought back after their parents failed.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ActionReply, JobAction } from "../../store/store.ts";
import {
  beginnings,
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
import { actOn, assertStatuses, callOff, childOf, run } from "./graph_builders.ts";

const retry: JobAction = { kind: "retry" };
const revive: JobAction = { kind: "retry", revive: true };
const done = (status: string): ActionReply => ({ outcome: "done", status }) as ActionReply;
const refusedBy = (by: string): ActionReply => ({
  outcome: "refused",
  status: "canceled",
  reason: "parent",
  by,
});

/** What retry promises to parents and children. */
export const graphRetryCases: readonly ConformanceCase[] = stageCases("graph", {
  async "retry of a job that its parent canceled is refused while that has failed"(h) {
    const store = await h.open();
    await put(store, newJob("p"), newJob("q"), childOf("c", ["q", "p"]), childOf("d", "c"));
    await run(store, "p", deadLetter());
    const before = await read(store, "c");
    assert.deepEqual(await actOn(store, "c", retry), refusedBy("p"));
    assert.deepEqual(await actOn(store, "d", retry), refusedBy("c"));
    assert.deepEqual(await actOn(store, "c", revive), refusedBy("p"));
    assert.deepEqual(await read(store, "c"), before);
    await actOn(store, "p", { kind: "remove" });
    assert.deepEqual(await actOn(store, "c", retry), refusedBy("p"), "while the parent is gone");
    assert.deepEqual(await read(store, "c"), before);
  },

  async "retry of a job that was canceled at once is refused like that of a deferred one"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    await run(store, "p", cancel());
    await store.enqueue([[childOf("c", "p")]]);
    assert.deepEqual(await actOn(store, "c", retry), refusedBy("p"));
    await actOn(store, "p", retry);
    assert.deepEqual(await actOn(store, "c", retry), done("deferred"));
    await run(store, "p", complete());
    await assertStatuses(store, { c: "ready" });
  },

  async "retry of a job that its parent canceled defers it while that is not final"(h) {
    const store = await h.open();
    await put(store, newJob("p"), newJob("q"), childOf("c", ["q", "p"]));
    await run(store, "p", deadLetter());
    assert.deepEqual(await actOn(store, "p", retry), done("ready"));
    await assertStatuses(store, { p: "ready", c: "canceled" });
    assert.deepEqual(await actOn(store, "c", retry), done("deferred"));
    const keys = ["status", "pendingParents", "error", "canceledBy", "finishedAt"] as const;
    assert.deepEqual(pick(await read(store, "c"), ...keys), {
      status: "deferred",
      pendingParents: ["q", "p"],
      error: null,
      canceledBy: null,
      finishedAt: null,
    });
    assert.deepEqual(await actOn(store, "c", retry), { outcome: "unchanged", status: "deferred" });
    await run(store, "p", complete());
    await assertStatuses(store, { c: "deferred" });
    await run(store, "q", complete());
    assert.deepEqual(await claimIds(store), ["c"]);
  },

  async "retry of a job that its parent canceled makes it ready once nothing holds it"(h) {
    const store = await h.open();
    await put(store, newJob("p"), newJob("q"), childOf("c", ["q", "p"]));
    await run(store, "p", deadLetter());
    await run(store, "q", complete());
    await actOn(store, "p", retry);
    await run(store, "p", complete());
    await assertStatuses(store, { c: "canceled" });
    assert.deepEqual(await actOn(store, "c", retry), done("ready"));
    assert.deepEqual(pick(await read(store, "c"), "canceledBy", "error", "pendingParents"), {
      canceledBy: null,
      error: null,
      pendingParents: [],
    });
    assert.deepEqual(await claimIds(store), ["c"]);
  },

  async "retry of a deferred job that a person canceled looks at its parents as they are"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), childOf("x", ["a", "b"]), childOf("y", "a"));
    await put(store, childOf("z", ["a", "b"]));
    for (const id of ["x", "y", "z"]) await actOn(store, id, callOff);
    assert.deepEqual(await actOn(store, "x", retry), done("deferred"));
    assert.deepEqual((await read(store, "x")).pendingParents, ["a", "b"]);
    await run(store, "a", complete());
    assert.deepEqual(await actOn(store, "y", retry), done("ready"));
    await run(store, "b", deadLetter());
    await assertStatuses(store, { x: "canceled", y: "ready", z: "canceled" });
    assert.equal((await read(store, "z")).canceledBy, null);
    assert.deepEqual(await actOn(store, "z", retry), refusedBy("b"));
  },

  async "retry with revive brings back children and theirs, as deferred"(h) {
    const store = await h.open();
    await store.enqueue([[
      newJob("a"),
      childOf("b", "a"),
      childOf("c", "b"),
      childOf("d", ["b", "c"]),
      childOf("e", "a", "cancel", { queue: "q", type: "t" }),
    ]]);
    await run(store, "a", deadLetter());
    await assertStatuses(store, { b: "canceled", c: "canceled", d: "canceled", e: "canceled" });
    assert.deepEqual(await actOn(store, "a", { ...revive, payload: "[2]" }), done("ready"));
    assert.equal((await read(store, "a")).payload, "[2]");
    const keys = Object.keys(beginnings) as (keyof typeof beginnings)[];
    for (const [id, pendingParents] of [["b", ["a"]], ["c", ["b"]], ["d", ["b", "c"]]] as const) {
      const expected = { ...beginnings, status: "deferred", pendingParents };
      assert.deepEqual(pick(await read(store, id), ...keys), expected, id);
    }
    assert.deepEqual(await tally(store), {
      "default/work/ready": 1,
      "default/work/deferred": 3,
      "q/t/deferred": 1,
    });
    for (const id of ["a", "b", "c", "d"]) await run(store, id, complete());
    await assertStatuses(store, { d: "completed", e: "ready" });
  },

  async "retry with revive leaves those alone that a person or another parent canceled"(h) {
    const store = await h.open();
    await store.enqueue([[
      newJob("a"),
      newJob("other"),
      childOf("b", "a"),
      childOf("person", "a"),
      childOf("both", ["a", "other"]),
      childOf("behind", "both"),
      childOf("goes", "a", "continue"),
    ]]);
    await actOn(store, "person", callOff);
    await run(store, "other", deadLetter());
    await run(store, "a", deadLetter());
    await assertStatuses(store, { both: "canceled", behind: "canceled", goes: "ready" });
    const before = await store.getJobs(["person", "both", "behind", "goes", "other"]);
    assert.deepEqual(await actOn(store, "a", revive), done("ready"));
    await assertStatuses(store, { a: "ready", b: "deferred" });
    const now = await store.getJobs(["person", "both", "behind", "goes", "other"]);
    assert.deepEqual(now, before);
    await run(store, "a", complete());
    await assertStatuses(store, { b: "ready", person: "canceled", both: "canceled" });
    assert.deepEqual(await actOn(store, "both", retry), refusedBy("other"));
  },

  async "retry without revive leaves all children canceled"(h) {
    const store = await h.open();
    await put(store, newJob("a"), childOf("b", "a"), childOf("c", "b"));
    await run(store, "a", deadLetter());
    const before = await store.getJobs(["b", "c"]);
    assert.deepEqual(await actOn(store, "a", retry), done("ready"));
    await run(store, "a", complete());
    assert.deepEqual(await store.getJobs(["b", "c"]), before);
    assert.deepEqual(await actOn(store, "b", revive), done("ready"));
    await assertStatuses(store, { b: "ready", c: "deferred" });
  },

  async "revived children are canceled again when their parent fails again"(h) {
    const store = await h.open();
    await put(store, newJob("a"), childOf("b", "a"), childOf("c", "b"));
    for (let round = 0; round < 3; round++) {
      await run(store, "a", deadLetter());
      await assertStatuses(store, { a: "dead_letter", b: "canceled", c: "canceled" });
      assert.equal((await read(store, "c")).canceledBy, "b");
      await actOn(store, "a", revive);
      await assertStatuses(store, { a: "ready", b: "deferred", c: "deferred" });
    }
    await run(store, "a", complete());
    await run(store, "b", complete());
    assert.deepEqual(await claimIds(store), ["c"]);
  },

  async "both sides of a diamond are revived, and what is behind them waits for both"(h) {
    const store = await h.open();
    await store.enqueue([[
      newJob("top"),
      childOf("left", "top"),
      childOf("right", "top"),
      childOf("bottom", ["left", "right"]),
    ]]);
    await run(store, "top", deadLetter());
    await actOn(store, "top", revive);
    assert.deepEqual((await read(store, "bottom")).pendingParents, ["left", "right"]);
    await run(store, "top", complete());
    await run(store, "left", complete());
    await assertStatuses(store, { right: "ready", bottom: "deferred" });
    await run(store, "right", complete());
    await assertStatuses(store, { bottom: "ready" });
  },

  async "the second end of a parent does not touch children that were let go by the first"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    for (const id of ["ready", "done", "off"]) await put(store, childOf(id, "p", "continue"));
    await run(store, "p", deadLetter());
    await run(store, "done", complete('"r"'));
    await actOn(store, "off", callOff);
    const before = await store.getJobs(["ready", "done", "off"]);
    for (const verdict of [cancel(), deadLetter(), complete()]) {
      await actOn(store, "p", revive);
      assert.deepEqual(await store.getJobs(["ready", "done", "off"]), before);
      await run(store, "p", verdict);
    }
    assert.deepEqual(
      (await store.getJobs(["ready", "done", "off"])).map((record) => record?.status),
      ["ready", "completed", "canceled"],
    );
    assert.deepEqual(await claimIds(store), ["ready"]);
  },

  async "a retried job that is deferred again does not expire"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, newJob("p"), childOf("c", "p", "cancel", { settings }));
    await run(store, "p", deadLetter());
    await actOn(store, "p", revive);
    await h.advance(200);
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: null });
    await run(store, "p", complete());
    assert.deepEqual(await claimIds(store), ["c"]);
  },
});
