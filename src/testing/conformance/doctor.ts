/**
 * Checking: a store in order gives no findings, and is left as it is.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { NewJob, Store } from "../../store/store.ts";
import {
  cancel,
  claim,
  claimOne,
  complete,
  deadLetter,
  holdOf,
  newJob,
  newJobs,
  outcome,
  put,
  read,
  release,
  retryIn,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { callOff, childOf, relayAll } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { keyed } from "./unique_builders.ts";

/** More children than one step tells of the end of their parent. */
const CHILDREN = 600;
/** Steps after which a walk counts as never done. */
const MAX_STEPS = 100_000;

const large = JSON.stringify("x".repeat(5000));

/** Walks through a store; nothing may be found. Returns how many entries were looked at. */
export async function assertHealthy(store: Store, repair: boolean, limit: number): Promise<number> {
  let checked = 0;
  let cursor: string | undefined;
  for (let step = 0; step < MAX_STEPS; step++) {
    const reply = await store.check({ repair, limit, ...(cursor === undefined ? {} : { cursor }) });
    assert.deepEqual(reply.findings, [], `findings of step ${step}, with limit ${limit}`);
    checked += reply.checked;
    cursor = reply.cursor;
    if (cursor === undefined) return checked;
  }
  return assert.fail(`check() must come to an end within ${MAX_STEPS} steps`);
}

/** Brings jobs into every situation that the verbs of a store lead to. */
async function useInAllWays(store: Store, now: number): Promise<void> {
  await runJobs(store, now);
  await runFamilies(store);
  await runKeys(store);
  await store.pause({ queue: "idle", type: null }, true);
  await store.pause({ queue: null, type: "slow" }, true);
}

async function runJobs(store: Store, now: number): Promise<void> {
  await put(
    store,
    ...newJobs(3, "ready", { queue: "idle" }),
    newJob("front", { queue: "idle", atFront: true, priority: 3 }),
    newJob("large", { queue: "idle", payload: large }),
    newJob("later", { delayMs: 60_000, payload: large }),
    newJob("expires", { queue: "idle", settings: { expireAt: now + 60_000 } }),
  );
  const ends = [complete('"r"'), deadLetter(), cancel(), retryIn(60_000), retryIn(0), release];
  const settings = [
    {},
    { retention: { completedMs: 5000, failedMs: 5000 } },
    {
      retention: { completedMs: -1, failedMs: -1 },
    },
    { retention: { completedMs: 0 }, deadLetter: false },
    { expireAt: now + 50_000 },
  ];
  for (const [i, set] of settings.entries()) {
    for (const [k, verdict] of ends.entries()) {
      const payload = k % 2 === 0 ? large : "{}";
      const job = newJob(`run${i}-${k}`, { type: "run", payload, settings: set });
      await put(store, job);
      const claimed = await claimOne(store, { sources: [source("default", ["run"])] });
      await store.report([{ ...holdOf(claimed), progress: { value: 1 }, logs: ["a", "b"] }]);
      assert.equal(await settle(store, claimed, verdict), "ok");
    }
  }
  await store.act(["run0-1"], { kind: "retry", payload: large });
  await store.act(["run1-1"], { kind: "retry" });
  await store.act(["run1-2"], { kind: "remove" });
  await store.act(["ready0", "large"], { kind: "prioritize", priority: 9 });
  await store.act(["ready1"], { kind: "edit", payload: large });
  await store.act(["later"], { kind: "edit", payload: "1" });
  await put(store, ...newJobs(4, "held", { type: "hold", payload: large }));
  const held = await claim(store, { sources: [source("default", ["hold"])], limit: 4 });
  await store.act([held[0]!.id], callOff);
  await settle(store, held[1]!, release);
}

async function runFamilies(store: Store): Promise<void> {
  const parent = (id: string, fields: Partial<NewJob> = {}): NewJob =>
    newJob(id, { type: "parent", ...fields });
  const many = Array.from(
    { length: CHILDREN },
    (_, i) => childOf(`fan-child${i}`, "fan", "cancel"),
  );
  await put(store, parent("fan", { settings: { retention: { failedMs: 0 } } }));
  for (let at = 0; at < many.length; at += 300) await store.enqueue([many.slice(at, at + 300)]);
  await put(
    store,
    parent("waits"),
    childOf("waits-child", "waits"),
    childOf("waits-both", ["waits", "fan"], "continue", { delayMs: 60_000 }),
    childOf("waits-grandchild", "waits-child", "ignore"),
    parent("fails"),
    childOf("fails-child", "fails"),
    childOf("fails-grandchild", "fails-child"),
    childOf("fails-other", "fails", "ignore", { delayMs: 60_000 }),
    parent("back"),
    childOf("back-child", "back"),
    childOf("back-grandchild", ["back-child", "waits"]),
    parent("goes"),
    childOf("goes-child", "goes", "continue", { settings: { retention: { failedMs: 0 } } }),
  );
  await store.act(["fails", "back"], callOff);
  await relayAll(store);
  await store.act(["back"], { kind: "retry", revive: true });
  await store.act(["goes"], { kind: "remove" });
  await relayAll(store);
  await store.act(["goes-child"], callOff);
  // What is left of its children is for the relay.
  await store.act(["fan"], callOff);
}

async function runKeys(store: Store): Promise<void> {
  const key = (name: string, id: string, fields: Partial<NewJob> = {}): NewJob =>
    newJob(id, {
      type: "keyed",
      settings: { unique: { key: name, until: "finished" } },
      ...fields,
    });
  await put(store, key("waits", "key-waits"), key("removed", "key-removed"));
  await store.enqueue([[key("waits", "key-merged", { onConflict: "replace", payload: large })]]);
  await store.enqueue([[key("waits", "key-later", { onConflict: "debounce", delayMs: 60_000 })]]);
  await store.act(["key-removed"], { kind: "remove" });
  await put(store, key("again", "key-first"));
  const first = await claimOne(store, { sources: [source("default", ["keyed"])] });
  await put(store, key("again", "key-second", { onConflict: "rerun" }));
  await store.act(["key-second"], { kind: "remove" });
  await put(store, key("again", "key-third", { onConflict: "rerun" }));
  await store.settle({ outcomes: [outcome(first, complete())] });
  await put(store, keyed("key-kept", "removed", 1000));
  await store.enqueue([[keyed("key-kept", "removed", 1000)]]);
}

const sources = [source(null, ["work", "run", "hold", "parent", "keyed"])];

/** Brings what can run to its end. */
async function runAll(h: ConformanceHarness, store: Store): Promise<void> {
  await store.pause({ queue: "idle", type: null }, false);
  for (let round = 0; round < 12; round++) {
    await h.advance(20_000);
    await store.reap({ limit: 500, maxDeliveries: 3 });
    await store.expire(500);
    await relayAll(store);
    for (let jobs = await claim(store, { sources, limit: 200 }); jobs.length > 0;) {
      await store.settle({ outcomes: jobs.map((job) => outcome(job, complete("1"))) });
      jobs = await claim(store, { sources, limit: 200 });
    }
  }
}

const healthy = Object.fromEntries([1, 1000].map((limit) => [
  `a store that was used in all ways gives no findings, in steps of ${limit}`,
  async (h: ConformanceHarness): Promise<void> => {
    const store = await h.open();
    await useInAllWays(store, h.now());
    const few = await assertHealthy(store, false, limit);
    assert.ok(few >= CHILDREN, `at least every job must be looked at: current value is ${few}`);
    await assertHealthy(store, true, limit);
    await relayAll(store);
    await assertHealthy(store, true, limit);
    await runAll(h, store);
    await assertHealthy(store, true, limit);
    await h.advance(40 * 86_400_000);
    await store.prune(500);
    await assertHealthy(store, true, limit);
  },
]));

/** What `check` promises. */
export const doctorCases: readonly ConformanceCase[] = stageCases("doctor", {
  ...healthy,
  async "an empty store gives no findings, and an end"(h) {
    const store = await h.open();
    await assertHealthy(store, false, 1);
    await assertHealthy(store, true, 1000);
  },
  async "a repair of a store in order changes nothing"(h) {
    const store = await h.open();
    await useInAllWays(store, h.now());
    const ids = [
      "ready0",
      "later",
      "held1",
      "held2",
      "run0-3",
      "run0-0",
      "waits-both",
      "key-third",
    ];
    const before = await store.getJobs(ids);
    const counts = await store.counts();
    await assertHealthy(store, true, 100);
    assert.deepEqual(await store.getJobs(ids), before);
    assert.deepEqual(await store.counts(), counts);
    assert.equal((await read(store, "waits-both")).status, "deferred");
  },
});
