/**
 * Events: each move of a job is told once, in the order of its moves.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { EdgePolicy } from "../../job/job.ts";
import type { NewJob, Store } from "../../store/store.ts";
import {
  cancel,
  claim,
  claimOne,
  complete,
  deadLetter,
  holdOf,
  LEASE_MS,
  newJob,
  put,
  release,
  retryIn,
  runJob,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { inShort, toldBy } from "./hearing.ts";

/** A job that waits for others. */
function child(id: string, parents: readonly string[], fields: Partial<NewJob> = {}): NewJob {
  const dependsOn = parents.map((parent) => ({ id: parent, onFailure: "cancel" as EdgePolicy }));
  return newJob(id, { settings: { dependsOn }, ...fields });
}

/** What is told while something is done. */
async function told(store: Store, act: () => Promise<unknown>): Promise<string[]> {
  using feed = await store.watchEvents();
  await act();
  return inShort(await toldBy(store, feed));
}

/** What events tell of each move. */
export const eventMoveCases: readonly ConformanceCase[] = stageCases("events", {
  async "enqueue() tells of each job what it is when it has come"(h) {
    const store = await h.open();
    await runJob(store, newJob("failed"), deadLetter());
    const events = await told(store, async () => {
      await put(store, newJob("a"), newJob("b", { delayMs: 1000 }));
      await put(store, child("c", ["a"]), child("d", ["failed"]));
      await store.enqueue([[newJob("a")]]);
    });
    assert.deepEqual(events, [
      ...["a created ready", "b created scheduled", "c created deferred"],
      ...["d created deferred", "d canceled"],
    ]);
  },

  async "claim() and settle() tell how attempts begin and end"(h) {
    const store = await h.open();
    const verdicts = {
      a: complete("1"),
      b: retryIn(1000),
      c: deadLetter(),
      d: cancel(),
      e: release,
    };
    const events = await told(store, async () => {
      for (const [id, verdict] of Object.entries(verdicts)) {
        await runJob(store, newJob(id, { type: id }), verdict);
      }
    });
    assert.deepEqual(events, [
      ...["a created ready", "a started processing", "a completed"],
      ...["b created ready", "b started processing", "b retry"],
      ...["c created ready", "c started processing", "c dead_letter"],
      ...["d created ready", "d started processing", "d canceled"],
      ...["e created ready", "e started processing", "e released ready"],
    ]);
  },

  async "settle() tells of an end once when it is repeated, and of none when the job was lost"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const [a, b] = [await claimOne(store), await claimOne(store)];
    await store.act(["b"], { kind: "cancel", reason: "no" });
    const events = await told(store, async () => {
      for (let i = 0; i < 2; i++) await settle(store, a, complete());
      await settle(store, b, complete());
    });
    assert.deepEqual(events, ["a completed"]);
  },

  async "promote() and claim() tell that due jobs are ready"(h) {
    const store = await h.open();
    await put(store, newJob("a", { delayMs: 1000 }), newJob("b", { delayMs: 2000 }));
    await runJob(store, newJob("c"), retryIn(1500));
    const events = await told(store, async () => {
      await h.advance(1500);
      await store.promote(10);
      await h.advance(500);
      await claim(store, { limit: 1 });
    });
    assert.deepEqual(events, ["a ready", "c ready", "b ready", "a started processing"]);
  },

  async "reap() tells which jobs were lost, and which were given up"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await claimOne(store);
    await h.advance(LEASE_MS);
    using feed = await store.watchEvents();
    await store.reap({ limit: 10, maxDeliveries: 2 });
    await claimOne(store);
    await h.advance(LEASE_MS);
    await store.reap({ limit: 10, maxDeliveries: 2 });
    const events = await toldBy(store, feed);
    assert.deepEqual(inShort(events), ["a lost ready", "a started processing", "a dead_letter"]);
    const error = "Lease ended: server 'server-1' is presumed dead";
    assert.deepEqual(events.map((event) => "error" in event ? event.error : null), [
      ...[error, null, error],
    ]);
  },

  async "expire() and claim() tell of jobs that are canceled as they expired"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 1000 };
    await put(store, newJob("a", { settings }), newJob("b", { settings, type: "other" }));
    const events = await told(store, async () => {
      await h.advance(1000);
      await claim(store);
      await store.expire(10);
    });
    assert.deepEqual(events, ["a canceled", "b canceled"]);
  },

  async "settle() tells what the end of a job means for its children"(h) {
    const store = await h.open();
    await put(store, newJob("good"), newJob("bad"));
    await put(store, child("a", ["good"]), child("b", ["good"], { delayMs: 1000 }));
    await put(store, child("c", ["bad"]), child("d", ["c"]), child("e", ["good", "bad"]));
    const [good, bad] = [await claimOne(store), await claimOne(store)];
    const events = await told(store, async () => {
      await settle(store, good, complete());
      await settle(store, bad, deadLetter());
    });
    assert.deepEqual(events.slice(0, 4), [
      ...["good completed", "a ready", "b scheduled", "bad dead_letter"],
    ]);
    assert.deepEqual(events.slice(4).sort(), ["c canceled", "d canceled", "e canceled"]);
    assert.ok(events.indexOf("c canceled") < events.indexOf("d canceled"), "parents first");
  },

  async "act() tells what it did, and nothing where it did nothing"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b", { delayMs: 1000 }), newJob("c"), newJob("d"));
    const c = await claimOne(store, { sources: [{ queue: null, types: ["work"], share: 1 }] });
    const events = await told(store, async () => {
      await store.act([c.id], { kind: "cancel", reason: "enough" });
      await store.act([c.id], { kind: "cancel", reason: "again" });
      await store.act(["b"], { kind: "promote" });
      await store.act(["b"], { kind: "prioritize", priority: 5 });
      await store.act(["b"], { kind: "edit", payload: "2" });
      await store.act(["d", "nobody"], { kind: "remove" });
      await store.act([c.id], { kind: "retry" });
      await store.act([c.id], { kind: "cancel", reason: "after all" });
      await store.act([c.id], { kind: "remove" });
    });
    assert.deepEqual(events, [
      ...[`${c.id} canceled`, "b ready", "d removed null", `${c.id} revived ready`],
      ...[`${c.id} canceled`, `${c.id} removed null`],
    ]);
  },

  async "act() tells of children that it brings back"(h) {
    const store = await h.open();
    await put(store, newJob("a"), child("b", ["a"]), child("c", ["b"]));
    await settle(store, await claimOne(store), deadLetter());
    const events = await told(
      store,
      () => store.act(["a"], { kind: "retry", revive: true }),
    );
    assert.deepEqual(events, ["a revived ready", "b revived deferred", "c revived deferred"]);
  },

  async "enqueue() tells what becomes of a job that it changes"(h) {
    const store = await h.open();
    const settings = { unique: { key: "k", until: "finished" as const } };
    const again = (fields: Partial<NewJob>) =>
      store.enqueue([[newJob("other", { settings, ...fields })]]);
    await put(store, newJob("a", { settings }));
    const events = await told(store, async () => {
      await again({ onConflict: "replace", payload: "1" });
      await again({ onConflict: "debounce", delayMs: 1000 });
      await again({ onConflict: "debounce", delayMs: 2000 });
      await again({ onConflict: "debounce" });
      await again({});
    });
    assert.deepEqual(events, ["a scheduled", "a ready"]);
  },

  async "report() tells of progress, and not of what was lost or only logged"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    using feed = await store.watchEvents();
    await store.report([
      { ...holdOf(job), progress: { value: 0.25, message: 'a "quoted" one' } },
      { ...holdOf(job), logs: ["a line"] },
      { id: "a", fence: 1, progress: { value: 1 } },
    ]);
    await store.report([{ ...holdOf(job), progress: { value: -1e-7 } }]);
    const events = await toldBy(store, feed);
    assert.deepEqual(inShort(events), ["a progress processing", "a progress processing"]);
    assert.deepEqual(events.map((event) => "value" in event && event.value), [0.25, -1e-7]);
  },

  async "pause() tells what was paused and resumed, once"(h) {
    const store = await h.open();
    const targets = [
      { queue: "q", type: null },
      { queue: null, type: "t" },
      { queue: "q", type: "t" },
    ];
    const events = await told(store, async () => {
      for (const target of targets) {
        for (const paused of [true, true, false, false]) await store.pause(target, paused);
      }
    });
    assert.deepEqual(events, [
      ...["paused q/null", "resumed q/null", "paused null/t", "resumed null/t"],
      ...["paused q/t", "resumed q/t"],
    ]);
  },

  async "settle() tells of the end of a job that is not kept"(h) {
    const store = await h.open();
    const settings = { retention: { completedMs: 0 } };
    const events = await told(store, () => runJob(store, newJob("a", { settings }), complete()));
    assert.deepEqual(events, ["a created ready", "a started processing", "a completed"]);
  },
});
