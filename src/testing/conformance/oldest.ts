/**
 * Who has waited longest.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { NewJob, OldestRow, Store } from "../../store/store.ts";
import {
  cancel,
  claim,
  claimOne,
  complete,
  newJob,
  newJobs,
  put,
  release,
  retryIn,
  runJob,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";
import { HOUR_MS, MINUTE_MS } from "./insight_builders.ts";

/** The rows by `queue/type`, as id and how many milliseconds it has waited. */
async function waits(store: Store, h: ConformanceHarness): Promise<Record<string, string>> {
  const rows = await store.oldest();
  const byLane = rows.map(({ queue, type, id, readyAt }: OldestRow) => {
    return [`${queue}/${type}`, `${id} ${h.now() - readyAt}`] as const;
  });
  assert.equal(new Set(byLane.map(([name]) => name)).size, rows.length, "each lane has one row");
  return Object.fromEntries(byLane);
}

/** Asserts that a job is the oldest one of its lane, and has waited so long, give or take a minute. */
async function waitsAbout(
  store: Store,
  h: ConformanceHarness,
  id: string,
  ms: number,
): Promise<void> {
  const row = (await store.oldest()).find((one) => one.id === id);
  assert.ok(row !== undefined, `${id} must be among the oldest`);
  const waited = h.now() - row.readyAt;
  assert.ok(Math.abs(waited - ms) <= MINUTE_MS, `${id} waits ${waited} ms, not ${ms}`);
}

/** What `oldest` promises. */
export const oldestCases: readonly ConformanceCase[] = stageCases("inspect", {
  async "oldest() has no row where nothing waits to be claimed"(h) {
    const store = await h.open();
    assert.deepEqual(await store.oldest(), []);
    const dependsOn = [{ id: "held", onFailure: "continue" }] as const;
    await runJob(store, newJob("done"), complete());
    await runJob(store, newJob("later"), retryIn(HOUR_MS));
    await put(store, newJob("held"));
    await claimOne(store);
    await put(store, newJob("child", { settings: { dependsOn } }));
    await put(store, newJob("delayed", { delayMs: HOUR_MS }));
    assert.deepEqual(await store.oldest(), []);
  },

  async "oldest() gives one job of each queue and type, whatever its priority, paused or not"(h) {
    const store = await h.open();
    for (const [i, queue] of ["q1", "q2"].entries()) {
      for (const type of ["work", "pl|ay"]) {
        for (const priority of [0, -3, 7, 30, -30]) {
          const id = `${i}${type.slice(0, 2)}${priority}`;
          await put(store, newJob(id, { queue, type, priority }));
          await h.advance(10);
        }
      }
    }
    await store.pause({ queue: "q2", type: null }, true);
    const all = { "q1/work": "0wo0 200", "q1/pl|ay": "0pl0 150" };
    assert.deepEqual(await waits(store, h), {
      ...all,
      "q2/work": "1wo0 100",
      "q2/pl|ay": "1pl0 50",
    });
    await store.act(["1wo0", "1wo-3"], { kind: "cancel", reason: "no" });
    await store.act(["1pl0"], { kind: "prioritize", priority: 9 });
    assert.deepEqual((await waits(store, h))["q2/work"], "1wo7 80");
    await store.act(["0wo0", "0wo-3", "0wo7", "0wo30", "0wo-30"], { kind: "remove" });
    assert.equal((await waits(store, h))["q1/work"], undefined);
  },

  async "oldest() looks past jobs that went to the front, and those that left their line"(h) {
    const store = await h.open();
    const ids = Array.from({ length: 40 }, (_, i) => `f${i}`);
    for (const id of ids.slice(0, 20)) {
      await put(store, newJob(id, { atFront: true }));
      await h.advance(10);
    }
    assert.deepEqual(await waits(store, h), { "default/work": "f0 200" });
    for (const id of ids.slice(20)) {
      await put(store, newJob(id));
      await h.advance(10);
    }
    assert.deepEqual(await waits(store, h), { "default/work": "f0 400" });
    await store.act(ids.slice(0, 7), { kind: "cancel", reason: "no" });
    assert.deepEqual(await waits(store, h), { "default/work": "f7 330" });
    await store.act(ids.slice(7, 31), { kind: "cancel", reason: "no" });
    assert.deepEqual(await waits(store, h), { "default/work": "f31 90" });
  },

  async "oldest() counts from when a job was due, whether it was made ready or not"(h) {
    const store = await h.open();
    const delayed = (delayMs: number): Partial<NewJob> => ({ delayMs, settings: { delayMs } });
    const runAt = h.now() + 1500;
    await put(store, newJob("b", delayed(2000)), newJob("a", delayed(1000)));
    await put(store, newJob("c", { queue: "other", runAt, settings: { runAt } }));
    await h.advance(999);
    assert.deepEqual(await waits(store, h), {});
    await h.advance(1);
    assert.deepEqual(await waits(store, h), { "default/work": "a 0" });
    await h.advance(5000);
    const late = { "default/work": "a 5000", "other/work": "c 4500" };
    assert.deepEqual(await waits(store, h), late);
    await store.promote(10);
    assert.deepEqual(await waits(store, h), late);
  },

  async "oldest() counts a job that is given back or lost from before"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await h.advance(100);
    await put(store, ...newJobs(3, "b"));
    const a = await claimOne(store);
    await h.advance(100);
    assert.deepEqual(await waits(store, h), { "default/work": "b0 100" });
    await settle(store, a, release);
    assert.deepEqual(await waits(store, h), { "default/work": "a 200" });
    await claimOne(store, { leaseMs: 1000 });
    await h.advance(1000);
    assert.deepEqual(await waits(store, h), { "default/work": "b0 1100" });
    await store.reap({ limit: 10, maxDeliveries: 9 });
    assert.deepEqual(await waits(store, h), { "default/work": "a 1200" });
  },

  async "oldest() counts a job that was tried before, or had parents, from about when it may run"(
    h,
  ) {
    const store = await h.open();
    const dependsOn = [{ id: "parent", onFailure: "continue" }] as const;
    await put(store, newJob("parent"));
    await put(store, newJob("child", { queue: "kids", settings: { dependsOn } }));
    const parent = await claimOne(store, { leaseMs: 9 * HOUR_MS });
    await runJob(store, newJob("tried"), retryIn(2 * HOUR_MS));
    await runJob(store, newJob("calledOff", { queue: "back" }), cancel());
    await h.advance(2 * HOUR_MS);
    await store.sample();
    await store.promote(10);
    await settle(store, parent, complete());
    await store.act(["calledOff"], { kind: "retry" });
    await h.advance(5 * MINUTE_MS);
    for (const id of ["tried", "child", "calledOff"]) {
      await waitsAbout(store, h, id, 5 * MINUTE_MS);
    }
  },

  async "oldest() finds a job that stands aside for a limit"(h) {
    const store = await h.open();
    await store.setLimit({ key: "k" }, { concurrency: 1 });
    await put(store, ...newJobs(2, "j", { settings: { limitKey: "k" } }));
    await h.advance(50);
    await put(store, newJob("last"));
    assert.equal((await claim(store, { limit: 1 })).length, 1);
    await claim(store, { limit: 1, sources: [source("default")] });
    assert.deepEqual(await waits(store, h), { "default/work": "j1 50" });
  },
});
