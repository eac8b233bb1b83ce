/**
 * Graph: ids used again, uneven diamonds, and jobs that are gone on arrival.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobAction } from "../../store/store.ts";
import { actOn, assertStatuses, childOf, claimJob, relayAll, run } from "./graph_builders.ts";
import { claimOne, complete, deadLetter, newJob, put, settle } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const retry: JobAction = { kind: "retry" };
const revive: JobAction = { kind: "retry", revive: true };

/** What graphs promise where paths meet. */
export const graphCornerCases: readonly ConformanceCase[] = stageCases("graph", {
  async "a child of a parent whose id another job has now is not retried"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("c", "p"));
    await run(store, "p", deadLetter());
    await actOn(store, "p", { kind: "remove" });
    await put(store, newJob("p"));
    assert.deepEqual(await actOn(store, "c", retry), {
      outcome: "refused",
      status: "canceled",
      reason: "parent",
      by: "p",
    });
    await run(store, "p", complete());
    await assertStatuses(store, { p: "completed", c: "canceled" });
  },

  async "revive brings back what stands behind an uneven diamond"(h) {
    const store = await h.open();
    await put(
      store,
      newJob("a"),
      childOf("b", "a"),
      childOf("c", "a"),
      childOf("e", "c"),
      childOf("d", ["b", "e"]),
    );
    await run(store, "a", deadLetter());
    await assertStatuses(store, { b: "canceled", c: "canceled", e: "canceled", d: "canceled" });
    await actOn(store, "a", revive);
    await assertStatuses(store, { a: "ready", b: "deferred", e: "deferred", d: "deferred" });
    for (const id of ["a", "b", "c", "e", "d"]) await run(store, id, complete());
    await assertStatuses(store, { d: "completed" });
  },

  async "a job whose parent came in the same group and was gone on arrival is canceled"(h) {
    const store = await h.open();
    await put(store, newJob("p"));
    await run(store, "p", deadLetter());
    const unkept = { settings: { retention: { failedMs: 0 } } };
    const [reply] = await store.enqueue([[
      childOf("c", "p", "cancel", unkept),
      childOf("g", "c"),
      childOf("k", "c", "continue"),
    ]]);
    await relayAll(store);
    assert.deepEqual(reply, { outcome: "created", statuses: ["canceled", "canceled", "ready"] });
    await assertStatuses(store, { c: null, g: "canceled", k: "ready" });
  },

  async "a job whose failed parent leaves the store while its group is written is canceled"(h) {
    const store = await h.open({ retention: { maxCount: 1 } });
    await put(store, newJob("p"));
    await run(store, "p", deadLetter());
    await put(store, childOf("f", "p"));
    // `c` takes the place of `f` among the canceled jobs that are kept.
    const [reply] = await store.enqueue([[childOf("c", "f"), childOf("d", "f")]]);
    assert.deepEqual(reply, { outcome: "created", statuses: ["canceled", "canceled"] });
    await assertStatuses(store, { d: "canceled" });
  },

  async "rerun keeps the policy of an edge to the owner that the job names itself"(h) {
    const store = await h.open();
    const unique = { key: "work:k", until: "finished" } as const;
    await put(store, newJob("one", { settings: { unique } }));
    const owner = await claimOne(store);
    const dependsOn = [{ id: "one", onFailure: "cancel" }] as const;
    const [reply] = await store.enqueue([[
      newJob("two", { onConflict: "rerun", settings: { unique, dependsOn } }),
    ]]);
    assert.deepEqual(reply, { outcome: "created", statuses: ["deferred"] });
    assert.equal(await settle(store, owner, deadLetter()), "ok");
    await relayAll(store);
    await assertStatuses(store, { one: "dead_letter", two: "canceled" });
  },

  async "a child that waits for a job and what that job adds runs after both"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const claimed = await claimJob(store, "a");
    const holder = { id: claimed.id, fence: claimed.holder.fence };
    const replies = await store.enqueue([
      [{ ...newJob("part"), holder }],
      [{ ...childOf("last", ["a", "part"]), holder }],
    ]);
    assert.deepEqual(replies.map(({ outcome }) => outcome), ["created", "created"]);
    assert.equal(await settle(store, claimed, complete()), "ok");
    await relayAll(store);
    await assertStatuses(store, { last: "deferred" });
    await run(store, "part", complete());
    await assertStatuses(store, { last: "ready" });
  },
});
