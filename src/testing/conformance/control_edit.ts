/**
 * Control: jobs that wait get another payload or priority, or are due now.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claimIds,
  claimOne,
  complete,
  newJob,
  newJobs,
  pick,
  put,
  read,
  retryIn,
  runJob,
  settle,
  source,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, childOf, run } from "./graph_builders.ts";
import { wokenBy } from "./wait.ts";

const edit = (payload: string) => ({ kind: "edit", payload }) as const;
const prioritize = (priority: number) => ({ kind: "prioritize", priority }) as const;
const promote = { kind: "promote" } as const;
const done = (status: string) => ({ outcome: "done", status });

/** Texts of the sizes at which a store may keep them elsewhere. */
const texts: Readonly<Record<string, string>> = {
  "small": '{"n":12345678901234567890}',
  "of 5 kB": JSON.stringify("x".repeat(5000)),
  "of 100 kB": JSON.stringify("🦄".repeat(25_000)),
};

/** What edit, prioritize and promote promise. */
export const controlEditCases: readonly ConformanceCase[] = stageCases("control", {
  async "edit replaces a payload of any size by one of any size, before the next claim"(h) {
    const store = await h.open();
    for (const [from, payload] of Object.entries(texts)) {
      for (const [to, edited] of Object.entries(texts)) {
        const what = `from ${from} to ${to}`;
        await put(store, newJob("a", { payload }), newJob("b", { payload }));
        const before = await read(store, "a");
        assert.deepEqual(await actOn(store, "a", edit(edited)), done("ready"), what);
        const { payload: now, ...rest } = await read(store, "a");
        assert.ok(now === edited, what);
        assert.deepEqual({ ...rest, payload }, before, what);
        const [a, b] = [await claimOne(store), await claimOne(store)];
        assert.deepEqual([a.id, b.id], ["a", "b"], `the place is kept, ${what}`);
        assert.ok(a.payload === edited && b.payload === payload, `what is claimed, ${what}`);
        for (const job of [a, b]) {
          await settle(store, job, complete(edited));
          await actOn(store, job.id, { kind: "remove" });
        }
      }
    }
  },

  async "edit of scheduled, deferred and retrying jobs counts when they run"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("d", "p"), newJob("s", { delayMs: 10 }));
    await run(store, "p", complete());
    await put(store, newJob("q"), childOf("e", "q"));
    await settle(store, await claimOne(store), retryIn(10));
    for (const id of ["d", "s", "e"]) await actOn(store, id, edit(`"${id}"`));
    await run(store, "q", complete());
    await h.advance(10);
    await store.promote(10);
    for (let i = 0; i < 3; i++) {
      const job = await claimOne(store);
      assert.equal(job.payload, `"${job.id}"`);
    }
  },

  async "an edited job that is not kept leaves nothing to the next with its id"(h) {
    const store = await h.open({ retention: { completedMs: 100 } });
    await put(store, newJob("a"));
    await actOn(store, "a", edit(texts["of 100 kB"]!));
    await actOn(store, "a", prioritize(3));
    await run(store, "a", complete(texts["of 5 kB"]));
    await h.advance(100);
    await store.prune(10);
    assert.deepEqual(await store.counts(), []);
    await put(store, newJob("a", { payload: "1" }));
    assert.deepEqual(pick(await read(store, "a"), "payload", "priority", "result"), {
      payload: "1",
      priority: 0,
      result: null,
    });
  },

  async "prioritize puts a ready job at the end of its new line"(h) {
    const store = await h.open();
    await put(store, ...newJobs(4, "j"), newJob("high", { priority: 2 }));
    await put(store, newJob("front", { atFront: true }));
    assert.deepEqual(await actOn(store, "j2", prioritize(2)), done("ready"));
    assert.deepEqual(await actOn(store, "j0", prioritize(-1)), done("ready"));
    assert.deepEqual(await actOn(store, "front", prioritize(-1)), done("ready"));
    assert.deepEqual(await actOn(store, "j1", prioritize(1)), done("ready"));
    assert.deepEqual(await actOn(store, "j1", prioritize(0)), done("ready"));
    assert.deepEqual(await actOn(store, "j3", prioritize(0)), {
      outcome: "unchanged",
      status: "ready",
    });
    assert.equal((await read(store, "j2")).priority, 2);
    assert.deepEqual(await tally(store), { "default/work/ready": 6 });
    await put(store, newJob("low", { priority: -1 }));
    const order = await claimIds(store);
    assert.deepEqual(order, ["high", "j2", "j3", "j1", "j0", "front", "low"]);
  },

  async "prioritize of a ready job counts among several types and queues"(h) {
    const store = await h.open();
    for (let i = 0; i < 6; i++) {
      await put(store, newJob(`j${i}`, { type: `t${i % 2}`, queue: `q${i % 3}` }));
    }
    await actOn(store, "j4", prioritize(30));
    await actOn(store, "j1", prioritize(-30));
    const claims = (queue: string): Promise<string[]> =>
      claimIds(store, { sources: [source(queue, ["t0", "t1"])] });
    assert.deepEqual(await claims("q1"), ["j4", "j1"]);
    assert.deepEqual(await claims("q0"), ["j0", "j3"]);
  },

  async "prioritize of a job that is not ready counts when it is"(h) {
    const store = await h.open();
    await put(store, newJob("p"), childOf("d", "p"), newJob("s", { delayMs: 10 }), newJob("r"));
    await settle(store, await claimOne(store), complete());
    await settle(store, await claimOne(store), retryIn(10));
    await put(store, newJob("p2"), childOf("e", "p2", "cancel", { priority: 9 }));
    for (const [id, status] of [["e", "deferred"], ["s", "scheduled"], ["r", "retry"]] as const) {
      const priority = { e: -2, s: -1, r: 5 }[id];
      assert.deepEqual(await actOn(store, id, prioritize(priority)), done(status));
      assert.equal((await read(store, id)).priority, priority);
    }
    await h.advance(10);
    await store.promote(10);
    await run(store, "p2", complete());
    assert.deepEqual(await claimIds(store), ["r", "d", "s", "e"]);
  },

  async "a job that was given another priority keeps it through retries and reaps"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c"));
    await actOn(store, "c", prioritize(4));
    await settle(store, await claimOne(store), retryIn(0));
    await store.promote(10);
    assert.equal((await claimOne(store, { leaseMs: 10 })).id, "c");
    await h.advance(10);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    assert.deepEqual(await claimIds(store), ["c", "a", "b"]);
  },

  async "promote makes scheduled and retrying jobs ready now"(h) {
    const store = await h.open();
    await runJob(store, newJob("r"), retryIn(1000));
    await put(store, newJob("a"), newJob("s", { delayMs: 500 }));
    await put(store, newJob("front", { delayMs: 500, atFront: true }));
    for (const id of ["r", "s", "front"]) {
      assert.deepEqual(await actOn(store, id, promote), done("ready"));
      assert.equal((await read(store, id)).runAt, null);
    }
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: null });
    assert.equal((await read(store, "r")).retryCount, 1);
    assert.deepEqual(await claimIds(store), ["front", "a", "r", "s"]);
    await h.advance(2000);
    assert.deepEqual(await claimIds(store), []);
  },

  async "what is canceled, removed or promoted is not due any more"(h) {
    const store = await h.open();
    await put(store, ...newJobs(4, "s", { delayMs: 100 }));
    await actOn(store, "s0", callOff);
    await actOn(store, "s1", { kind: "remove" });
    await actOn(store, "s2", promote);
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: 100 });
    await actOn(store, "s3", callOff);
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: null });
    const { jobs, nextDueInMs } = await store.claim({
      server: "server-1",
      pool: "pool-1",
      sources: [source(null)],
      limit: 5,
      leaseMs: 1000,
    });
    assert.deepEqual([jobs.map(({ id }) => id), nextDueInMs], [["s2"], null]);
  },

  async "a promoted or removed job is gone from what may expire"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, newJob("a", { settings, delayMs: 50 }), newJob("b", { settings }));
    await actOn(store, "a", promote);
    await actOn(store, "b", { kind: "remove" });
    await h.advance(100);
    assert.deepEqual(await store.expire(10), { moved: 1, nextInMs: null });
    await assertStatuses(store, { a: "canceled", b: null });
  },

  async "a waiting pool is woken by a job whose line is new by its priority"(h) {
    const store = await h.open();
    await put(store, newJob("a", { type: "other" }), newJob("b", { delayMs: 86_400_000 }));
    await actOn(store, "b", prioritize(3));
    const cause = (): Promise<unknown> => actOn(store, "b", promote);
    assert.deepEqual(await wokenBy(h, store, cause), ["b"]);
  },
});
