/**
 * Control: lines that are paused, and resumed.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PauseTarget, Store } from "../../store/store.ts";
import {
  claim,
  claimIds,
  claimOne,
  claimRequest,
  complete,
  newJob,
  outcome,
  put,
  retryIn,
  settle,
  source,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { assertStatuses, callOff, childOf, run } from "./graph_builders.ts";
import { NOTICE_MS, wokenBy } from "./wait.ts";

const queue = (name: string): PauseTarget => ({ queue: name, type: null });
const type = (name: string): PauseTarget => ({ queue: null, type: name });
const both = (queue: string, type: string): PauseTarget => ({ queue, type });

async function pausedLines(store: Store): Promise<string[]> {
  return (await store.paused()).map((one) => `${one.queue ?? "*"}/${one.type ?? "*"}`).sort();
}

/** Two queues with two types each, a job in each line, named for its line. */
async function fillLines(store: Store): Promise<void> {
  for (const q of ["q1", "q2"]) {
    for (const t of ["t1", "t2"]) await put(store, newJob(`${q}${t}`, { queue: q, type: t }));
  }
}

const types = ["t1", "t2"] as const;
const unnamed = { sources: [source(null, types)] } as const;
const named = { sources: [source("q1", types), source("q2", types)] } as const;

/** What a pause leaves to be claimed. */
const effects: readonly (readonly [string, readonly PauseTarget[], readonly string[]])[] = [
  ["a queue", [queue("q1")], ["q2t1", "q2t2"]],
  ["a type", [type("t2")], ["q1t1", "q2t1"]],
  ["a type of a queue", [both("q1", "t2")], ["q1t1", "q2t1", "q2t2"]],
  ["a queue and a type", [queue("q1"), type("t2")], ["q2t1"]],
  ["all of a queue by its types", [both("q1", "t1"), both("q1", "t2")], ["q2t1", "q2t2"]],
  ["everything", [queue("q1"), queue("q2")], []],
  ["what is not there", [queue("q3"), type("t3"), both("q1", "t3")], [
    "q1t1",
    "q1t2",
    "q2t1",
    "q2t2",
  ]],
];

/** What pause promises. */
export const pauseCases: readonly ConformanceCase[] = stageCases("pause", {
  ...Object.fromEntries(effects.map(([name, targets, left]) => [
    `pause() of ${name} keeps claims from it until it is resumed, and from nothing else`,
    async (h: Parameters<ConformanceCase["run"]>[0]): Promise<void> => {
      const store = await h.open();
      for (const fields of [unnamed, named]) {
        await fillLines(store);
        for (const target of targets) await store.pause(target, true);
        const before = (await claim(store, fields)).map(({ id }) => id);
        assert.deepEqual(before.sort(), left, "while paused");
        assert.equal((await tally(store))["q1/t1/ready"] ?? 0, left.includes("q1t1") ? 0 : 1);
        for (const target of targets) await store.pause(target, false);
        const rest = await claimIds(store, fields);
        assert.deepEqual([...before, ...rest].sort(), ["q1t1", "q1t2", "q2t1", "q2t2"]);
        await store.act([...before, ...rest], callOff);
        await store.act([...before, ...rest], { kind: "remove" });
      }
    },
  ])),

  async "paused() names what is paused, once, however often it was said"(h) {
    const store = await h.open();
    assert.deepEqual(await store.paused(), []);
    for (let i = 0; i < 2; i++) {
      await store.pause(queue("q"), true);
      await store.pause(type("t"), true);
      await store.pause(both("q", "t"), true);
      await store.pause(both("other.q-1", "some:t"), true);
    }
    assert.deepEqual(await pausedLines(store), ["*/t", "other.q-1/some:t", "q/*", "q/t"]);
    for (let i = 0; i < 2; i++) await store.pause(type("t"), false);
    await store.pause(both("nothing", "such"), false);
    assert.deepEqual(await pausedLines(store), ["other.q-1/some:t", "q/*", "q/t"]);
    const found = (await store.paused()).find(({ queue, type }) => queue === "q" && type === null);
    assert.deepEqual(found, { queue: "q", type: null });
  },

  async "a line is paused until all that pauses it is resumed"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const targets = [queue("default"), type("work"), both("default", "work")];
    for (const target of targets) await store.pause(target, true);
    for (const target of targets) {
      assert.deepEqual(await claimIds(store), []);
      await store.pause(target, false);
    }
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "a queue may be paused before it is there, and stays so when its jobs have gone"(h) {
    const store = await h.open({ retention: { completedMs: 0 } });
    await store.pause(queue("default"), true);
    await put(store, newJob("a"));
    assert.deepEqual(await claimIds(store), []);
    await store.act(["a"], { kind: "remove" });
    assert.deepEqual(await store.counts(), []);
    await put(store, newJob("b"));
    assert.deepEqual(await claimIds(store), []);
    assert.deepEqual(await pausedLines(store), ["default/*"]);
  },

  async "what is due, let go, given back or reaped becomes ready in a paused line, and waits"(h) {
    const store = await h.open();
    const elsewhere = { queue: "other" };
    await put(store, newJob("held"), newJob("retrying"), newJob("p", elsewhere));
    await claimOne(store, { sources: [source("default")], leaseMs: 100 });
    const retrying = await claimOne(store, { sources: [source("default")] });
    await put(store, newJob("due", { delayMs: 50 }), childOf("child", "p"));
    await store.pause(queue("default"), true);
    await put(store, newJob("new"));
    assert.equal(await settle(store, retrying, retryIn(50)), "ok", "what runs goes on");
    await run(store, "p", complete());
    await h.advance(100);
    await store.reap({ limit: 10, maxDeliveries: 5 });
    await store.promote(10);
    assert.deepEqual(await claimIds(store), []);
    await assertStatuses(store, {
      held: "ready",
      retrying: "ready",
      due: "ready",
      child: "ready",
      new: "ready",
    });
    await store.pause(queue("default"), false);
    const ids = (await claimIds(store)).sort();
    assert.deepEqual(ids, ["child", "due", "held", "new", "retrying"]);
  },

  async "settle() claims nothing from a paused line"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c", { queue: "other" }));
    const job = await claimOne(store, { sources: [source("default")] });
    await store.pause(queue("default"), true);
    const { claimed } = await store.settle({
      outcomes: [outcome(job, complete())],
      claim: claimRequest(),
    });
    assert.deepEqual(claimed?.jobs.map(({ id }) => id), ["c"]);
  },

  async "jobs of a paused line keep their order, also among those that come later"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("x", { type: "other" }), newJob("b"));
    await store.pause(type("work"), true);
    await put(store, newJob("c"), newJob("high", { priority: 1 }), newJob("y", { type: "other" }));
    const sources = [source("default", ["work", "other"])];
    assert.deepEqual(await claimIds(store, { sources, limit: 1 }), ["x"]);
    await store.pause(type("work"), false);
    assert.deepEqual(await claimIds(store, { sources }), ["high", "a", "b", "c", "y"]);
  },

  async "a waiting pool is woken when its line is resumed"(h) {
    const store = await h.open();
    for (const target of [queue("default"), type("work"), both("default", "work")]) {
      await store.pause(target, true);
      await put(store, newJob("a"));
      assert.deepEqual(await wokenBy(h, store, () => store.pause(target, false)), ["a"]);
      const sources = [source("default")];
      await store.act(["a"], callOff);
      await store.act(["a"], { kind: "retry" });
      await store.pause(target, true);
      const woken = await wokenBy(h, store, () => store.pause(target, false), { sources });
      assert.deepEqual(woken, ["a"]);
      await store.act(["a"], callOff);
      await store.act(["a"], { kind: "remove" });
    }
  },

  async "a pool that sleeps beside a paused line is woken by other lines"(h) {
    const store = await h.open();
    await store.pause(queue("paused"), true);
    await put(store, newJob("a", { queue: "paused" }));
    const cause = (): Promise<void> => put(store, newJob("b"));
    assert.deepEqual(await wokenBy(h, store, cause), ["b"]);
  },
});

/** What pause promises to other handles. */
export const pauseSharedCases: readonly ConformanceCase[] = stageCases("pause", {
  async "a line that one handle pauses and resumes is so for the other, and wakes its pool"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await two.pause(queue("default"), true);
    await put(one, newJob("a"));
    assert.deepEqual(await pausedLines(one), ["default/*"]);
    assert.deepEqual(await claimIds(one), []);
    const options = { stepMs: NOTICE_MS };
    const cause = (): Promise<void> => two.pause(queue("default"), false);
    assert.deepEqual(await wokenBy(h, one, cause, options), ["a"]);
    assert.deepEqual(await one.paused(), []);
  },
}, "shared");

/** What pause promises after a reopen. */
export const pauseDurableCases: readonly ConformanceCase[] = stageCases("pause", {
  async "what is paused is so after a reopen"(h) {
    let store = await h.open();
    await store.pause(queue("q"), true);
    await store.pause(both("default", "work"), true);
    await put(store, newJob("a"), newJob("b", { type: "other" }));
    store = await h.reopen();
    assert.deepEqual(await pausedLines(store), ["default/work", "q/*"]);
    assert.deepEqual(await claimIds(store, { sources: [source(null, ["work", "other"])] }), ["b"]);
    await store.pause(both("default", "work"), false);
    store = await h.reopen();
    assert.deepEqual(await pausedLines(store), ["q/*"]);
    assert.deepEqual(await claimIds(store), ["a"]);
  },
}, "durable");
