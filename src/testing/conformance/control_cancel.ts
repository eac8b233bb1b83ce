/**
 * Control: canceling jobs, and telling those who run them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claimIds,
  claimOne,
  complete,
  holdOf,
  LEASE_MS,
  newJob,
  pick,
  put,
  read,
  release,
  retryIn,
  runJob,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, beat, callOff, canceledAs } from "./graph_builders.ts";

const reapAll = { limit: 100, maxDeliveries: 5 } as const;

/** What cancel promises. */
export const controlCancelCases: readonly ConformanceCase[] = stageCases("control", {
  async "cancel of a waiting job gives it the reason, and no attempt"(h) {
    const store = await h.open();
    await put(store, newJob("a", { delayMs: 100, payload: "[1]" }));
    await runJob(store, newJob("b"), retryIn(100, { message: "first" }));
    await h.advance(5);
    for (const id of ["a", "b"]) await actOn(store, id, { kind: "cancel", reason: `no ${id}` });
    const keys = ["status", "error", "finishedAt", "runAt", "canceledBy", "attemptsMade"] as const;
    const facts = { status: "canceled", finishedAt: h.now(), runAt: null, canceledBy: null };
    assert.deepEqual(pick(await read(store, "a"), ...keys), {
      ...facts,
      error: "no a",
      attemptsMade: 0,
    });
    assert.deepEqual(pick(await read(store, "b"), ...keys), {
      ...facts,
      error: "no b",
      attemptsMade: 1,
    });
    await h.advance(200);
    assert.equal((await store.promote(10)).moved, 0);
    assert.deepEqual(await claimIds(store), []);
  },

  async "cancel of a job that runs ends its attempt and its claim"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    const claimedAt = h.now();
    await h.advance(70);
    assert.deepEqual(await actOn(store, "a", callOff), { outcome: "done", status: "canceled" });
    const record = await read(store, "a");
    const facts = ["status", "error", "holder", "finishedAt", "attemptsMade", "result"] as const;
    assert.deepEqual(pick(record, ...facts), {
      status: "canceled",
      error: "not needed",
      holder: null,
      finishedAt: h.now(),
      attemptsMade: 1,
      result: null,
    });
    assert.deepEqual(record.attempts, [{
      attempt: 1,
      startedAt: claimedAt,
      finishedAt: h.now(),
      outcome: "canceled",
      server: "server-1",
      pool: "pool-1",
      error: { message: "not needed" },
    }]);
    assert.deepEqual(pick(record, "retryCount", "deliveries", "startedAt"), {
      retryCount: 0,
      deliveries: 0,
      startedAt: job.startedAt,
    });
  },

  async "the holder of a canceled job can neither settle it nor report on it"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await actOn(store, "a", callOff);
    const before = await read(store, "a");
    for (const verdict of [complete('"late"'), retryIn(0), release]) {
      assert.equal(await settle(store, job, verdict), "lost");
    }
    assert.deepEqual(await store.report([{ ...holdOf(job), logs: ["late"] }]), ["lost"]);
    await h.advance(LEASE_MS * 2);
    assert.deepEqual(await store.reap(reapAll), { moved: 0, nextInMs: null });
    assert.deepEqual(await read(store, "a"), before);
    assert.deepEqual(await tally(store), { "default/work/canceled": 1 });
  },

  async "heartbeat() names a canceled hold with the reason, not as lost"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const [a, b] = [await claimOne(store), await claimOne(store)];
    await actOn(store, "a", callOff);
    assert.deepEqual(await beat(store, [a, b]), canceledAs(a));
    assert.deepEqual(await beat(store, [b, a]), canceledAs(a), "again when asked again");
    assert.deepEqual(await beat(store, [b]), { lost: [], unknown: [], canceled: [] });
    assert.equal(await settle(store, b, complete()), "ok");
  },

  async "heartbeat() tells a hold that its job was canceled when another server asks for others"(
    h,
  ) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const a = await claimOne(store, { server: "server-1" });
    const b = await claimOne(store, { server: "server-2" });
    await actOn(store, "a", callOff);
    assert.deepEqual(await beat(store, [b], "server-2"), { lost: [], unknown: [], canceled: [] });
    assert.deepEqual(await beat(store, [a], "server-1"), canceledAs(a));
  },

  async "heartbeat() names an old hold of a canceled job that runs again as lost"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const old = await claimOne(store);
    await actOn(store, "a", callOff);
    await actOn(store, "a", { kind: "retry" });
    assert.deepEqual(await beat(store, [old]), { lost: [holdOf(old)], unknown: [], canceled: [] });
    const fresh = await claimOne(store);
    assert.ok(fresh.holder.fence > old.holder.fence);
    assert.deepEqual(await beat(store, [old, fresh]), {
      lost: [holdOf(old)],
      unknown: [],
      canceled: [],
    });
    assert.equal(await settle(store, old, complete()), "lost");
    assert.equal(await settle(store, fresh, complete()), "ok");
  },

  async "cancel of a job that is not kept removes it, and its holder stops"(h) {
    const store = await h.open();
    const settings = { retention: { failedMs: 0 } };
    await put(store, newJob("a", { settings }), newJob("b", { settings, delayMs: 10 }));
    const job = await claimOne(store);
    const gone = { outcome: "done", status: null };
    assert.deepEqual(await actOn(store, "a", callOff), gone);
    assert.deepEqual(await actOn(store, "b", callOff), gone);
    await assertStatuses(store, { a: null, b: null });
    assert.deepEqual(await store.counts(), []);
    const { lost, canceled, unknown } = await beat(store, [job]);
    assert.deepEqual([...lost, ...canceled].map(({ id }) => id), ["a"]);
    assert.deepEqual(unknown, []);
    assert.equal(await settle(store, job, complete()), "lost");
    assert.deepEqual(await actOn(store, "a", callOff), { outcome: "missing" });
    await h.advance(100);
    assert.deepEqual(await claimIds(store), []);
  },
});
