/**
 * Graph: every way in which a parent can end, with every policy.
 *
 * @module
 */

import assert from "node:assert/strict";
import { edgePolicies, type JobSettings } from "../../job/job.ts";
import type { NewJob, Store } from "../../store/store.ts";
import {
  cancel,
  claimIds,
  claimOne,
  complete,
  deadLetter,
  newJob,
  pick,
  put,
  read,
  retryIn,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, childOf, relayAll, run } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";

/** How a parent ends. */
interface Way {
  /** Fields of the parent. */
  readonly fields?: Partial<NewJob> | ((h: ConformanceHarness) => Partial<NewJob>);
  /** Brings the parent, which was just enqueued, to where it can end so. */
  readonly before?: (store: Store, h: ConformanceHarness) => Promise<unknown>;
  /** Ends the parent "p". */
  readonly end: (store: Store, h: ConformanceHarness) => Promise<unknown>;
  /** What the child is told: `Parent 'p' ${told}`; absent if it completed. */
  readonly told?: string;
  /** Whether the parent's record is gone afterwards. */
  readonly gone?: boolean;
}

const settings = (value: JobSettings): Partial<NewJob> => ({ settings: value });
const toRetry = (store: Store): Promise<unknown> => run(store, "p", retryIn(60_000));
const hold = (store: Store): Promise<unknown> =>
  claimOne(store, { sources: [{ queue: "default", types: ["parent"], share: 1 }], leaseMs: 10 });
const remove = (store: Store): Promise<unknown> => actOn(store, "p", { kind: "remove" });
const call = (store: Store): Promise<unknown> => actOn(store, "p", callOff);
const expiring = (h: ConformanceHarness): Partial<NewJob> => settings({ expireAt: h.now() + 100 });
const grandparent: Partial<NewJob> = childOf("p", "g");

const canceled = "ended as canceled";
const dead = "ended as dead_letter";
const removed = "was removed";

const ways: Readonly<Record<string, Way>> = {
  "completes": { end: (store) => run(store, "p", complete('"r"')) },
  "completes and is not kept": {
    fields: settings({ retention: { completedMs: 0 } }),
    end: (store) => run(store, "p", complete()),
    gone: true,
  },
  "is dead-lettered": { end: (store) => run(store, "p", deadLetter()), told: dead },
  "is dead-lettered and not kept": {
    fields: settings({ retention: { failedMs: 0 } }),
    end: (store) => run(store, "p", deadLetter()),
    told: dead,
    gone: true,
  },
  "fails with deadLetter: false": {
    fields: settings({ deadLetter: false }),
    end: (store) => run(store, "p", deadLetter()),
    told: dead,
    gone: true,
  },
  "is dead-lettered by reap()": {
    before: hold,
    end: async (store, h) => {
      await h.advance(10);
      assert.equal((await store.reap({ limit: 10, maxDeliveries: 1 })).moved, 1);
    },
    told: dead,
  },
  "is canceled by its handler": { end: (store) => run(store, "p", cancel()), told: canceled },
  "is canceled while ready": { end: call, told: canceled },
  "is canceled while scheduled": { fields: { delayMs: 60_000 }, end: call, told: canceled },
  "is canceled while in retry": { before: toRetry, end: call, told: canceled },
  "is canceled while processing": { before: hold, end: call, told: canceled },
  "is canceled while deferred": { fields: grandparent, end: call, told: canceled },
  "is canceled and not kept": {
    fields: settings({ retention: { failedMs: 0 } }),
    end: call,
    told: canceled,
    gone: true,
  },
  "is removed while ready": { end: remove, told: removed, gone: true },
  "is removed while scheduled": {
    fields: { delayMs: 60_000 },
    end: remove,
    told: removed,
    gone: true,
  },
  "is removed while in retry": { before: toRetry, end: remove, told: removed, gone: true },
  "is removed while deferred": { fields: grandparent, end: remove, told: removed, gone: true },
  "expires": {
    fields: expiring,
    end: async (store, h) => {
      await h.advance(100);
      assert.equal((await store.expire(10)).moved, 1);
    },
    told: canceled,
  },
  "is found expired by claim()": {
    fields: expiring,
    end: async (store, h) => {
      await h.advance(100);
      const sources = [{ queue: "default", types: ["parent"], share: 1 }];
      assert.deepEqual(await claimIds(store, { sources }), []);
    },
    told: canceled,
  },
};

async function endsSo(h: ConformanceHarness, way: Way): Promise<void> {
  const store = await h.open();
  const { fields = {}, before, end, told, gone = false } = way;
  const own = typeof fields === "function" ? fields(h) : fields;
  await put(store, newJob("g"), newJob("p", { ...own, id: "p", type: "parent" }));
  await before?.(store, h);
  for (const policy of edgePolicies) await put(store, childOf(policy, "p", policy));
  await assertStatuses(store, { cancel: "deferred", continue: "deferred", ignore: "deferred" });
  await end(store, h);
  await relayAll(store);
  const failed = told !== undefined;
  await assertStatuses(store, {
    cancel: failed ? "canceled" : "ready",
    continue: "ready",
    ignore: "ready",
  });
  assert.equal((await store.getJobs(["p"]))[0] === null, gone, "whether the parent is gone");
  const keys = ["error", "canceledBy", "finishedAt", "pendingParents", "startedAt"] as const;
  assert.deepEqual(pick(await read(store, "cancel"), ...keys), {
    error: failed ? `Parent 'p' ${told}` : null,
    canceledBy: failed ? "p" : null,
    finishedAt: failed ? h.now() : null,
    pendingParents: [],
    startedAt: null,
  });
  for (const id of ["continue", "ignore"]) {
    assert.deepEqual(pick(await read(store, id), ...keys), {
      error: null,
      canceledBy: null,
      finishedAt: null,
      pendingParents: [],
      startedAt: null,
    }, id);
  }
  const expected = failed ? ["continue", "g", "ignore"] : ["cancel", "continue", "g", "ignore"];
  assert.deepEqual((await claimIds(store)).sort(), expected);
}

/** What the policies promise. */
export const graphPolicyCases: readonly ConformanceCase[] = stageCases("graph", {
  ...Object.fromEntries(
    Object.entries(ways).map(([name, way]) => [
      `children do as their policies say when their parent ${name}`,
      (h: ConformanceHarness) => endsSo(h, way),
    ]),
  ),

  async "a final parent that is removed or pruned changes nothing for its children"(h) {
    const store = await h.open({ retention: { completedMs: 100, failedMs: 100 } });
    const kept = settings({ retention: { failedMs: -1 } });
    await put(store, newJob("a"), newJob("b"), newJob("c"), newJob("live"));
    await put(store, childOf("x", ["a", "live"]), childOf("y", ["b", "live"], "continue"));
    await put(store, childOf("z", "c", "cancel", kept));
    await run(store, "a", complete());
    await run(store, "b", deadLetter());
    await run(store, "c", deadLetter());
    await actOn(store, "b", { kind: "remove" });
    await h.advance(100);
    await store.prune(10);
    await relayAll(store);
    await assertStatuses(store, { a: null, b: null, c: null, x: "deferred", y: "deferred" });
    assert.equal((await read(store, "z")).error, "Parent 'c' ended as dead_letter");
    await run(store, "live", complete());
    await assertStatuses(store, { x: "ready", y: "ready", z: "canceled" });
  },

  async "a new job with the id of a parent that has let go means nothing to the child"(h) {
    const store = await h.open();
    await put(store, newJob("p"), newJob("live"), childOf("x", ["p", "live"]));
    await put(store, childOf("y", ["p", "live"], "continue"));
    await run(store, "p", complete());
    await actOn(store, "p", { kind: "remove" });
    await put(store, newJob("p"));
    assert.deepEqual((await read(store, "x")).pendingParents, ["live"]);
    await run(store, "p", deadLetter());
    await assertStatuses(store, { x: "deferred", y: "deferred" });
    await run(store, "live", complete());
    await assertStatuses(store, { x: "ready", y: "ready" });
  },

  async "each of a job's parents has its own policy"(h) {
    const store = await h.open();
    const dependsOn = [
      { id: "a", onFailure: "continue" },
      { id: "b", onFailure: "cancel" },
      { id: "c", onFailure: "ignore" },
    ] as const;
    await put(store, newJob("a"), newJob("b"), newJob("c"));
    await put(store, newJob("x", settings({ dependsOn })), newJob("y", settings({ dependsOn })));
    await run(store, "a", deadLetter());
    assert.deepEqual((await read(store, "x")).pendingParents, ["b", "c"]);
    await run(store, "c", cancel());
    assert.deepEqual((await read(store, "x")).pendingParents, ["b"]);
    await run(store, "b", complete());
    await assertStatuses(store, { x: "ready", y: "ready" });
    await put(
      store,
      newJob("b2"),
      newJob(
        "z",
        settings({
          dependsOn: [...dependsOn, {
            id: "b2",
            onFailure: "cancel",
          }],
        }),
      ),
    );
    await run(store, "b2", deadLetter());
    await assertStatuses(store, { z: "canceled" });
  },

  async "the first parent that fails cancels a job, later ends do not touch it"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c"), childOf("x", ["a", "b", "c"]));
    await run(store, "b", deadLetter());
    const before = await read(store, "x");
    assert.deepEqual(pick(before, "status", "canceledBy"), {
      status: "canceled",
      canceledBy: "b",
    });
    await h.advance(5);
    await run(store, "a", deadLetter());
    await run(store, "c", complete());
    assert.deepEqual(await read(store, "x"), before);
  },
});
