/**
 * What ended: how each end is counted.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_PAIRS, OTHERS } from "../../store/insight_limits.ts";
import {
  cancel,
  claim,
  claimOne,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  release,
  retryIn,
  runJob,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import {
  expectRows,
  expectTotals,
  HOUR_MS,
  MINUTE_MS,
  minutes,
  nextMinute,
  times,
  totals,
} from "./insight_builders.ts";

/** What stores promise of what ended. */
export const insightCases: readonly ConformanceCase[] = stageCases("insight", {
  async "a store in which nothing ended has no rows"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    assert.deepEqual(await store.totals(), []);
    assert.deepEqual(await store.days(90), []);
    assert.deepEqual(await store.series({ fromAt: 0, toAt: h.now() }), {
      rows: [],
      sampledAt: [],
      now: h.now(),
    });
  },

  async "settle() counts each outcome by its verdict, with its times"(h) {
    const store = await h.open();
    const begun = h.now();
    await put(store, ...newJobs(6, "a"));
    const jobs = await claim(store);
    const verdicts = [
      complete(),
      complete('"r"'),
      retryIn(5000),
      deadLetter(),
      cancel(),
      release,
    ];
    const { results } = await store.settle({
      outcomes: jobs.map((job, i) => ({
        ...outcome(job, verdicts[i]!, 10 * i + 0.5),
        ...i === 3 ? {} : { waitedMs: 1000 },
      })),
    });
    assert.deepEqual(results, Array.from(jobs, () => "ok"));
    const ends = { completed: 2, retried: 1, dead: 1, canceled: 1 };
    expectRows(await minutes(store, h, begun), {
      "default/work 0": {
        ...ends,
        runs: times(0.5, 10.5, 20.5, 30.5, 40.5),
        waits: times(1000, 1000, 1000, 1000),
      },
    });
    expectTotals(await totals(store), { "default/work": ends });
  },

  async "settle() counts by queue and type, however many there are in a call"(h) {
    const store = await h.open();
    const begun = h.now();
    for (let i = 0; i < 12; i++) {
      const [queue, type] = [`q${i % 2}`, `t|${i % 3}`];
      await put(store, newJob(`a${i}`, { queue, type, priority: i % 4 }));
    }
    const types = ["t|0", "t|1", "t|2"];
    const jobs = await claim(store, { sources: [source(null, types)], limit: 12 });
    const runs = [0, 1, 3, 2 ** 10, 2 ** 20, 2 ** 31];
    const outcomes = jobs.map((job) => {
      const i = Number(job.id.slice(1));
      return { ...outcome(job, complete(), runs[i % 6]), waitedMs: runs[5 - i % 6]! };
    });
    await store.settle({ outcomes });
    const expected = runs.map((ran, i) => [`q${i % 2}/t|${i % 3} 0`, {
      completed: 2,
      runs: times(ran, ran),
      waits: times(runs[5 - i]!, runs[5 - i]!),
    }]);
    expectRows(await minutes(store, h, begun), Object.fromEntries(expected));
  },

  async "settle() adds nothing for an outcome that is repeated or lost"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const [a, b] = await claim(store);
    const outcomes = [outcome(a!, complete()), outcome(b!, retryIn(1000)), outcome(a!, complete())];
    await store.settle({ outcomes });
    await store.settle({ outcomes: [...outcomes, { ...outcomes[0]!, id: "nobody" }] });
    expectTotals(await totals(store), { "default/work": { completed: 1, retried: 1 } });
  },

  async "settle() counts in the minute and on the day of the store's clock"(h) {
    const store = await h.open();
    await nextMinute(h);
    const begun = h.now();
    await put(store, ...newJobs(4, "a"));
    const jobs = await claim(store, { leaseMs: HOUR_MS });
    await h.advance(MINUTE_MS - 1);
    await settle(store, jobs[0]!, complete(), 5);
    await h.advance(1);
    await settle(store, jobs[1]!, complete(), 6);
    await h.advance(2 * MINUTE_MS);
    await settle(store, jobs[2]!, deadLetter(), 7);
    await settle(store, jobs[3]!, complete(), 8);
    const rows = {
      "default/work 0": { completed: 1, runs: times(5) },
      "default/work 1": { completed: 1, runs: times(6) },
      "default/work 3": { completed: 1, dead: 1, runs: times(7, 8) },
    };
    expectRows(await minutes(store, h, begun), rows);
    const { "default/work 1": one } = rows;
    const query = { fromAt: begun + MINUTE_MS + 1, toAt: begun + MINUTE_MS };
    expectRows(await minutes(store, h, begun, query), { "default/work 1": one });
    const { "default/work 3": three } = rows;
    const lately = { fromAt: -MINUTE_MS, toAt: Number.MAX_SAFE_INTEGER };
    expectRows(await minutes(store, h, begun, lately), { "default/work 3": three });
  },

  async "reap() counts leases that ended, and the jobs that this dead-letters"(h) {
    const store = await h.open();
    const begun = h.now();
    await put(store, newJob("a"));
    for (let delivery = 1; delivery <= 2; delivery++) {
      await claimOne(store, { leaseMs: 1000 });
      await h.advance(1000);
      await store.reap({ limit: 10, maxDeliveries: 2 });
    }
    expectRows(await minutes(store, h, begun), { "default/work 0": { lost: 2, dead: 1 } });
    expectTotals(await totals(store), { "default/work": { lost: 2, dead: 1 } });
  },

  async "whatever cancels a job counts it once"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, newJob("late"), newJob("held"), newJob("waiting"), newJob("parent"));
    await put(store, newJob("expired", { settings }), newJob("passed", { settings }));
    const dependsOn = [{ id: "parent", onFailure: "cancel" }] as const;
    await put(store, newJob("child", { settings: { dependsOn } }));
    const jobs = await claim(store, { limit: 4 });
    const parent = jobs.find(({ id }) => id === "parent")!;
    await settle(store, parent, deadLetter());
    await put(store, newJob("arrived", { settings: { dependsOn } }));
    await store.relay(100);
    await store.act(["held", "held"], { kind: "cancel", reason: "no" });
    await h.advance(100);
    await store.expire(1);
    await claim(store);
    await store.expire(10);
    const expected = { dead: 1, canceled: 5 };
    expectTotals(await totals(store), { "default/work": expected });
  },

  async "what is not kept counts like what is"(h) {
    const store = await h.open({ retention: { completedMs: 0, failedMs: 0 } });
    await runJob(store, newJob("a"), complete('"r"'));
    await runJob(store, newJob("b"), deadLetter());
    await runJob(store, newJob("c", { settings: { deadLetter: false } }), deadLetter());
    await put(store, newJob("d"));
    await store.act(["d"], { kind: "remove" });
    expectTotals(await totals(store), { "default/work": { completed: 1, dead: 2 } });
  },

  async "queues and types beyond the thousandth count as others"(h) {
    const store = await h.open();
    const types = Array.from({ length: MAX_PAIRS + 2 }, (_, i) => `t${i}`);
    await put(store, ...types.map((type) => newJob(type, { type })));
    const jobs: Awaited<ReturnType<typeof claim>>[number][] = [];
    for (let from = 0; from < types.length; from += 200) {
      const some = types.slice(from, from + 200);
      jobs.push(...await claim(store, { sources: [source("default", some)], limit: 200 }));
    }
    const outcomes = jobs.map((job) => outcome(job, complete()));
    await store.settle({ outcomes: outcomes.slice(0, MAX_PAIRS) });
    await store.settle({ outcomes: outcomes.slice(MAX_PAIRS) });
    const rows = await totals(store);
    assert.equal(Object.keys(rows).length, MAX_PAIRS + 1);
    assert.equal(rows[`${OTHERS}/${OTHERS}`]?.completed, 2);
  },
});
