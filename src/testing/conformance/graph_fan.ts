/**
 * Graph: many children of one job, many parents of one job.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import {
  claim,
  claimIds,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  read,
  runJob,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import {
  actOn,
  after,
  assertStatuses,
  childOf,
  claimJob,
  relayAll,
  run,
} from "./graph_builders.ts";
import { numbered } from "./pages.ts";

const FAN = 1200;

/** Writes a parent and many children of it, whose ids are `c0` and so on. */
async function fanOut(store: Store, queue: string = "default"): Promise<void> {
  await put(store, newJob("p", { type: "parent" }));
  const jobs = newJobs(FAN, "c", { queue, settings: after(["p"]) });
  for (let i = 0; i < FAN; i += 400) await put(store, ...jobs.slice(i, i + 400));
  const counted = await tally(store);
  assert.equal(counted[`${queue}/work/deferred`], FAN);
}

/** What many edges promise. */
export const graphFanCases: readonly ConformanceCase[] = stageCases("graph", {
  async "1200 children are let go once each, over as many steps of relay() as it takes"(h) {
    const store = await h.open();
    await fanOut(store);
    await settle(store, await claimJob(store, "p"), complete());
    await relayAll(store, 100);
    assert.deepEqual(await tally(store), {
      "default/parent/completed": 1,
      "default/work/ready": FAN,
    });
    assert.deepEqual(await store.relay(500), { moved: 0, nextInMs: null });
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(...await claimIds(store, { limit: 500 }));
    assert.equal(ids.length, FAN);
    assert.deepEqual(ids.sort(), numbered("c", 0, FAN - 1).sort());
  },

  async "1200 children are canceled once each, and so are jobs behind them"(h) {
    const store = await h.open();
    await fanOut(store);
    await put(store, childOf("behind", numbered("c", 100, 199)), childOf("last", "behind"));
    await put(store, childOf("anyway", numbered("c", 0, FAN - 1).slice(0, 1000), "continue"));
    await settle(store, await claimJob(store, "p"), deadLetter());
    await relayAll(store, 100);
    assert.deepEqual(await tally(store), {
      "default/parent/dead_letter": 1,
      "default/work/canceled": FAN + 2,
      "default/work/ready": 1,
    });
    for (const record of await store.getJobs(numbered("c", 0, FAN - 1))) {
      assert.deepEqual([record?.status, record?.canceledBy], ["canceled", "p"], record?.id);
    }
    assert.match((await read(store, "behind")).canceledBy ?? "", /^c1\d\d$/);
    assert.deepEqual(await claimIds(store), ["anyway"]);
  },

  async "1200 children in several queues, with delays and policies, all go on"(h) {
    const store = await h.open();
    await put(store, newJob("p", { type: "parent" }));
    const jobs = Array.from({ length: FAN }, (_, i) => {
      const policy = (["cancel", "continue", "ignore"] as const)[i % 3]!;
      const delayed = i % 2 === 0 ? { delayMs: 50 + i } : {};
      return childOf(`c${i}`, "p", policy, { queue: `q${i % 5}`, priority: i % 7, ...delayed });
    });
    await put(store, ...jobs);
    await run(store, "p", deadLetter());
    const totals: Record<string, number> = {};
    for (const { status, count } of await store.counts()) {
      totals[status] = (totals[status] ?? 0) + count;
    }
    assert.deepEqual(totals, { dead_letter: 1, canceled: 400, ready: 400, scheduled: 400 });
  },

  async "other jobs go on while children are let go"(h) {
    const store = await h.open();
    await fanOut(store, "fan");
    await settle(store, await claimJob(store, "p"), complete());
    await put(store, newJob("x", { type: "other" }), childOf("late", "p", "cancel"));
    await runJob(store, newJob("y", { type: "other2" }), complete());
    await relayAll(store, 100);
    await assertStatuses(store, { x: "ready", late: "ready", c0: "ready", c1199: "ready" });
    assert.equal((await tally(store))["fan/work/ready"], FAN);
  },

  async "a job with 300 parents runs after the last of them"(h) {
    const store = await h.open();
    await put(store, ...newJobs(300, "p"));
    const ids = numbered("p", 0, 299);
    await put(store, childOf("all", ids), childOf("some", ids.slice(0, 150), "continue"));
    assert.deepEqual((await read(store, "all")).pendingParents, ids);
    for (let i = 0; i < 3; i++) {
      await assertStatuses(store, { all: "deferred", some: i < 2 ? "deferred" : "ready" });
      const jobs = await claim(store, { limit: 100 });
      await store.settle({ outcomes: jobs.map((job) => outcome(job, complete())) });
      await relayAll(store);
      assert.deepEqual((await read(store, "all")).pendingParents, ids.slice((i + 1) * 100));
    }
    assert.deepEqual(await claimIds(store), ["some", "all"]);
  },

  async "parents that end in one settle let a job go once, or cancel it once"(h) {
    const store = await h.open();
    await put(store, ...newJobs(20, "p"));
    await put(store, childOf("all", numbered("p", 0, 19)), childOf("next", "all"));
    await put(store, childOf("good", numbered("p", 0, 9)));
    const jobs = await claim(store, { limit: 20 });
    await store.settle({
      outcomes: jobs.map((job, i) => outcome(job, i < 10 ? complete() : deadLetter())),
    });
    await relayAll(store);
    await assertStatuses(store, { all: "canceled", next: "canceled", good: "ready" });
    assert.match((await read(store, "all")).canceledBy ?? "", /^p1\d$/);
    assert.deepEqual(await tally(store), {
      "default/work/completed": 10,
      "default/work/dead_letter": 10,
      "default/work/canceled": 2,
      "default/work/ready": 1,
    });
  },

  async "a chain of 600 jobs is canceled to its end"(h) {
    const store = await h.open();
    const ids = numbered("j", 0, 599);
    await store.enqueue([ids.map((id, i) => i === 0 ? newJob(id) : childOf(id, ids[i - 1]!))]);
    await run(store, "j0", deadLetter());
    assert.deepEqual(await tally(store), {
      "default/work/dead_letter": 1,
      "default/work/canceled": 599,
    });
    assert.equal((await read(store, "j599")).canceledBy, "j598");
  },

  async "1200 children are revived once each"(h) {
    const store = await h.open();
    await put(store, newJob("p", { type: "parent" }));
    await put(store, ...newJobs(1200, "c", { settings: after(["p"]) }));
    await put(store, childOf("behind", numbered("c", 200, 299)));
    await run(store, "p", deadLetter());
    assert.equal((await tally(store))["default/work/canceled"], 1201);
    await actOn(store, "p", { kind: "retry", revive: true });
    assert.deepEqual(await tally(store), {
      "default/parent/ready": 1,
      "default/work/deferred": 1201,
    });
    await run(store, "p", complete());
    assert.deepEqual(await tally(store), {
      "default/parent/completed": 1,
      "default/work/deferred": 1,
      "default/work/ready": 1200,
    });
  },
});
