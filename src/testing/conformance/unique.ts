/**
 * Unique: the same work, by its id or by a key, is there once.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  beginnings,
  claimOne,
  complete,
  deadLetter,
  holdOf,
  newJob,
  pick,
  put,
  read,
  retryIn,
  runJob,
  settle,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, claimJob } from "./graph_builders.ts";
import { bring, reachable } from "./status_builders.ts";
import { byId, created, duplicate, enqueueOne, keyed, unique } from "./unique_builders.ts";

/** What uniqueness promises. */
export const uniqueCases: readonly ConformanceCase[] = stageCases("unique", {
  async "by id until finished: a final job makes room, one that is not final does not"(h) {
    const store = await h.open();
    for (const status of reachable) {
      await bring(store, status, status);
      const final = ["completed", "dead_letter", "canceled", "stopped"].includes(status);
      const reply = await enqueueOne(store, byId(status, "finished"));
      assert.deepEqual(reply, final ? created : duplicate(status, status), status);
    }
    assert.deepEqual(await tally(store), {
      "default/work/ready": 5,
      "default/work/scheduled": 1,
      "default/work/deferred": 1,
      "default/work/processing": 1,
      "default/work/retry": 1,
      "default/parent/ready": 1,
    });
  },

  async "by id: the job that comes has nothing of the one that made room"(h) {
    const store = await h.open();
    const big = `"${"x".repeat(100_000)}"`;
    await runJob(store, newJob("a", { payload: big, priority: 5 }), retryIn(0));
    const claimed = await claimOne(store);
    await store.report([{ ...holdOf(claimed), progress: { value: 0.5 }, logs: ["old"] }]);
    await settle(store, claimed, complete('"old"'));
    await h.advance(10);
    assert.deepEqual(await enqueueOne(store, byId("a", "finished")), created);
    const record = await read(store, "a");
    const keys = Object.keys(beginnings) as (keyof typeof beginnings)[];
    assert.deepEqual(pick(record, ...keys), beginnings);
    assert.deepEqual(pick(record, "payload", "priority", "createdAt"), {
      payload: "{}",
      priority: 0,
      createdAt: h.now(),
    });
    assert.deepEqual(await tally(store), { "default/work/ready": 1 });
    assert.deepEqual(await enqueueOne(store, byId("a", "finished")), duplicate("a", "ready"));
  },

  async "by id until removed, with a ttlMs: a final job makes room when that is over"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), complete());
    await put(store, newJob("b"));
    await h.advance(99);
    assert.deepEqual(
      await enqueueOne(store, byId("a", "removed", 100)),
      duplicate("a", "completed"),
    );
    await h.advance(1);
    assert.deepEqual(await enqueueOne(store, byId("a", "removed")), duplicate("a", "completed"));
    assert.deepEqual(await enqueueOne(store, byId("a", "removed", 100)), created);
    const waits = await enqueueOne(store, byId("b", "removed", 100));
    assert.deepEqual(waits, duplicate("b", "ready"), "a job that waits makes no room");
  },

  async "by id until removed: only the removal makes room"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), deadLetter());
    await h.advance(86_400_000);
    assert.deepEqual(await enqueueOne(store, byId("a", "removed")), duplicate("a", "dead_letter"));
    await actOn(store, "a", { kind: "remove" });
    assert.deepEqual(await enqueueOne(store, byId("a", "removed")), created);
  },

  async "by key until started: others are kept out until the owner is claimed"(h) {
    const store = await h.open();
    assert.deepEqual(await enqueueOne(store, keyed("a", "started")), created);
    assert.deepEqual(await enqueueOne(store, keyed("b", "started")), duplicate("a", "ready"));
    const job = await claimJob(store, "a");
    assert.deepEqual(await enqueueOne(store, keyed("b", "started")), created);
    assert.deepEqual(await enqueueOne(store, keyed("c", "started")), duplicate("b", "ready"));
    await settle(store, job, retryIn(0));
    await store.promote(10);
    await actOn(store, "b", { kind: "remove" });
    await assertStatuses(store, { a: "ready", b: null });
    assert.deepEqual(await enqueueOne(store, keyed("c", "started")), created);
    await settle(store, await claimJob(store, "c"), retryIn(50));
    assert.deepEqual(await enqueueOne(store, keyed("d", "started")), created, "c has started");
  },

  async "by key until finished: others are kept out until the owner is final"(h) {
    const store = await h.open();
    await put(store, keyed("a", "finished", undefined, { delayMs: 10 }));
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), duplicate("a", "scheduled"));
    await h.advance(10);
    const job = await claimOne(store);
    assert.deepEqual(
      await enqueueOne(store, keyed("b", "finished")),
      duplicate("a", "processing"),
    );
    await settle(store, job, retryIn(5));
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), duplicate("a", "retry"));
    await h.advance(5);
    await settle(store, await claimOne(store), complete());
    assert.deepEqual(await enqueueOne(store, keyed("b", "finished")), created);
    await actOn(store, "b", callOff);
    assert.deepEqual(await enqueueOne(store, keyed("c", "finished")), created);
    await settle(store, await claimOne(store, { leaseMs: 10 }), deadLetter());
    assert.deepEqual(await enqueueOne(store, keyed("d", "finished")), created);
    assert.deepEqual(await statusesOf(store, "a", "b", "c", "d"), [
      "completed",
      "canceled",
      "dead_letter",
      "ready",
    ]);
  },

  async "by key until removed: others are kept out until the owner has gone"(h) {
    const store = await h.open({ retention: { completedMs: 100 } });
    await runJob(store, keyed("a", "removed"), complete());
    await h.advance(99);
    await store.prune(10);
    assert.deepEqual(await enqueueOne(store, keyed("b", "removed")), duplicate("a", "completed"));
    await h.advance(1);
    await store.prune(10);
    assert.deepEqual(await enqueueOne(store, keyed("b", "removed")), created);
    await actOn(store, "b", { kind: "remove" });
    assert.deepEqual(await enqueueOne(store, keyed("c", "removed")), created);
  },

  async "by key until removed: a job that is not kept, or that is trimmed, frees its key"(h) {
    const store = await h.open({ retention: { maxCount: 1 } });
    const settings = { retention: { completedMs: 0 } };
    await runJob(store, keyed("a", "removed", undefined, { settings }), complete());
    assert.deepEqual(await enqueueOne(store, keyed("b", "removed")), created);
    await settle(store, await claimOne(store), complete());
    assert.deepEqual(await enqueueOne(store, keyed("c", "removed")), duplicate("b", "completed"));
    await runJob(store, newJob("other"), complete());
    await store.prune(10);
    await assertStatuses(store, { b: null, other: "completed" });
    assert.deepEqual(await enqueueOne(store, keyed("c", "removed")), created);
  },

  async "by key with a ttlMs: the key is free when that is over, whatever the owner's status"(h) {
    const store = await h.open();
    for (const status of ["ready", "processing", "retry", "completed"] as const) {
      const rule = { key: status, until: "removed", ttlMs: 100 } as const;
      await bring(store, status, status, { settings: { unique: rule } });
    }
    await h.advance(99);
    for (const status of ["ready", "processing", "retry", "completed"]) {
      const rule = { key: status, until: "removed" } as const;
      assert.deepEqual(
        await enqueueOne(store, unique(`new-${status}`, rule)),
        duplicate(status, status),
      );
    }
    await h.advance(1);
    for (const status of ["ready", "processing", "retry", "completed"]) {
      const rule = { key: status, until: "removed" } as const;
      assert.deepEqual(await enqueueOne(store, unique(`new-${status}`, rule)), created, status);
      assert.deepEqual(
        await enqueueOne(store, unique(`third-${status}`, rule)),
        duplicate(`new-${status}`, "ready"),
      );
    }
  },

  async "by key: the owner's rule counts, not that of the job that comes"(h) {
    const store = await h.open();
    await put(store, keyed("a", "started"));
    await claimOne(store);
    assert.deepEqual(await enqueueOne(store, keyed("b", "removed")), created);
    await actOn(store, "b", callOff);
    assert.deepEqual(await enqueueOne(store, keyed("c", "started", 1)), duplicate("b", "canceled"));
  },

  async "by key: the newest job is its owner, and when it has gone nobody is"(h) {
    const store = await h.open();
    await put(store, keyed("a", "finished", 100));
    await h.advance(100);
    await put(store, keyed("b", "finished"));
    await actOn(store, "a", { kind: "remove" });
    assert.deepEqual(await enqueueOne(store, keyed("c", "finished")), duplicate("b", "ready"));
    await put(store, unique("o", { key: "other", until: "finished" }));
    await actOn(store, "b", { kind: "remove" });
    assert.deepEqual(await enqueueOne(store, keyed("c", "finished")), created);
  },
});
