/**
 * What ended: minutes, days and samples.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { DayRow, SeriesQuery, SeriesRow } from "../../store/store.ts";
import {
  claim,
  claimOne,
  complete,
  deadLetter,
  newJob,
  newJobs,
  put,
  retryIn,
  runJob,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import {
  byName,
  DAY_MS,
  expectRows,
  expectTotals,
  HOUR_MS,
  MINUTE_MS,
  minutes,
  nextMinute,
  noJobs,
  times,
  totals,
} from "./insight_builders.ts";

/** What stores promise of minutes, days and samples. */
export const insightTimeCases: readonly ConformanceCase[] = stageCases("insight", {
  async "series() gives the queue or the type that was asked for, page by page"(h) {
    const store = await h.open();
    const begun = h.now();
    for (const queue of ["q1", "q2"]) {
      for (const type of ["work", "play"]) {
        await runJob(store, newJob(`${queue}-${type}`, { queue, type }), complete());
      }
    }
    const names = async (query: Partial<SeriesQuery>): Promise<string[]> =>
      Object.keys(await minutes(store, h, begun, query)).sort();
    assert.deepEqual(await names({ queue: "q1" }), ["q1/play 0", "q1/work 0"]);
    assert.deepEqual(await names({ type: "work" }), ["q1/work 0", "q2/work 0"]);
    assert.deepEqual(await names({ queue: "q2", type: "play" }), ["q2/play 0"]);
    assert.deepEqual(await names({ queue: "q3" }), []);
    const seen: SeriesRow[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      assert.ok(page < 5, "pages come to an end");
      const from = cursor === undefined ? {} : { cursor };
      const reply = await store.series({ fromAt: 0, toAt: h.now(), limit: 3, ...from });
      seen.push(...reply.rows);
      cursor = reply.cursor;
    }
    assert.equal(new Set(seen.map(({ queue, type }) => `${queue}/${type}`)).size, 4);
    assert.equal(seen.length, 4);
    for (const query of [{ limit: 0 }, { limit: 50_001 }, { cursor: "" }]) {
      await assert.rejects(store.series({ fromAt: 0, toAt: 0, ...query }), /Cannot read series/);
    }
  },

  async "days() sums up what ended in each queue on each day"(h) {
    const store = await h.open();
    const midnight = h.now() - h.now() % DAY_MS;
    await runJob(store, newJob("a", { queue: "q1", type: "work" }), complete());
    await runJob(store, newJob("b", { queue: "q1", type: "play" }), complete());
    await runJob(store, newJob("c", { queue: "q2", type: "work" }), deadLetter());
    await store.sample();
    await h.advance(midnight + DAY_MS - h.now());
    await runJob(store, newJob("d", { queue: "q1", type: "work" }), complete());
    const day = async (count: number): Promise<Record<string, DayRow>> =>
      byName(await store.days(count), ({ queue, at }) => `${queue} ${(at - midnight) / DAY_MS}`);
    const today = { "q1 1": { queue: "q1", at: midnight + DAY_MS, completed: 1, dead: 0 } };
    assert.deepEqual(await day(1), today);
    assert.deepEqual(await day(2), {
      ...today,
      "q1 0": { queue: "q1", at: midnight, completed: 2, dead: 0 },
      "q2 0": { queue: "q2", at: midnight, completed: 0, dead: 1 },
    });
    for (const count of [0, 91, 1.5]) await assert.rejects(store.days(count), /Cannot read days/);
  },

  async "minutes go after a day, days after 90, totals never"(h) {
    const store = await h.open();
    const begun = h.now();
    await runJob(store, newJob("a"), complete());
    await store.sample();
    await h.advance(DAY_MS - MINUTE_MS);
    await store.sample();
    expectRows(await minutes(store, h, begun), {
      "default/work 0": { completed: 1, runs: times(0) },
    });
    await h.advance(MINUTE_MS);
    assert.deepEqual(await minutes(store, h, begun), {});
    await store.sample();
    assert.deepEqual(await minutes(store, h, begun), {});
    await h.advance(88 * DAY_MS);
    await store.sample();
    assert.equal((await store.days(90)).length, 1);
    await h.advance(DAY_MS);
    await store.sample();
    assert.deepEqual(await store.days(90), []);
    expectTotals(await totals(store), { "default/work": { completed: 1 } });
  },

  async "sample() counts what has not ended, once in a minute"(h) {
    const store = await h.open();
    await nextMinute(h);
    const begun = h.now();
    const dependsOn = [{ id: "a0", onFailure: "continue" }] as const;
    await runJob(store, newJob("r"), retryIn(HOUR_MS));
    await runJob(store, newJob("c"), complete());
    await put(store, ...newJobs(3, "a"), newJob("d", { delayMs: HOUR_MS, priority: 3 }));
    await put(store, newJob("e", { settings: { dependsOn } }), newJob("p", { queue: "other" }));
    await claimOne(store, { sources: [source("default")] });
    assert.deepEqual(await store.sample(), { moved: 2, nextInMs: MINUTE_MS });
    const depth = { ready: 2, scheduled: 1, deferred: 1, processing: 1, retry: 1 };
    const rows = {
      "default/work 0": { completed: 1, retried: 1, runs: times(0, 0), depth },
      "other/work 0": { depth: { ...noJobs, ready: 1 } },
    };
    expectRows(await minutes(store, h, begun), rows);
    await put(store, newJob("f"));
    await h.advance(MINUTE_MS - 10);
    assert.deepEqual(await store.sample(), { moved: 0, nextInMs: 10 });
    expectRows(await minutes(store, h, begun), rows);
    await h.advance(10);
    assert.deepEqual(await store.sample(), { moved: 2, nextInMs: MINUTE_MS });
    const later = await minutes(store, h, begun);
    assert.deepEqual(later["default/work 1"]?.depth, { ...depth, ready: 3 });
    const { sampledAt } = await store.series({ fromAt: 0, toAt: h.now() });
    assert.deepEqual(sampledAt, [begun, begun + MINUTE_MS]);
    const first = await store.series({ fromAt: 0, toAt: begun, type: "play" });
    assert.deepEqual(first, { rows: [], sampledAt: [begun], now: h.now() });
    expectTotals(await totals(store), { "default/work": { completed: 1, retried: 1 } });
  },

  async "what ends after a sample adds to its minute"(h) {
    const store = await h.open();
    const begun = h.now();
    await runJob(store, newJob("a"), complete());
    await put(store, newJob("b"));
    await store.sample();
    await settle(store, await claimOne(store), complete(), 2);
    expectRows(await minutes(store, h, begun), {
      "default/work 0": { completed: 2, runs: times(0, 2), depth: { ...noJobs, ready: 1 } },
    });
    expectTotals(await totals(store), { "default/work": { completed: 2 } });
  },

  async "what ends in a minute that is over by the clock, as it was set back, still counts"(h) {
    const store = await h.open();
    const begun = h.now();
    await put(store, newJob("a"), newJob("b"), newJob("c"));
    const jobs = await claim(store, { leaseMs: HOUR_MS });
    await settle(store, jobs[0]!, complete(), 1);
    h.jump(MINUTE_MS);
    await store.sample();
    await settle(store, jobs[1]!, complete(), 2);
    h.jump(-MINUTE_MS);
    await settle(store, jobs[2]!, complete(), 3);
    h.jump(MINUTE_MS);
    const { rows } = await store.series({ fromAt: begun, toAt: h.now() });
    assert.equal(rows.reduce((sum, { completed }) => sum + completed, 0), 3);
    const [today] = await store.days(2);
    assert.equal(today?.completed, 3);
    expectTotals(await totals(store), { "default/work": { completed: 3 } });
  },
});

/** What shared stores promise of them. */
export const insightSharedCases: readonly ConformanceCase[] = stageCases("insight", {
  async "handles count into the same minute, and one of them samples it"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    const begun = h.now();
    for (const [i, store] of [one, two, one, two].entries()) {
      await runJob(store, newJob(`a${i}`), complete());
    }
    await put(one, newJob("waits"));
    const samples = await Promise.all([one, two].map((store) => store.sample()));
    assert.deepEqual(samples.map(({ moved }) => moved).sort(), [0, 1]);
    for (const store of [one, two]) {
      expectRows(await minutes(store, h, begun), {
        "default/work 0": {
          completed: 4,
          runs: times(0, 0, 0, 0),
          depth: { ...noJobs, ready: 1 },
        },
      });
      expectTotals(await totals(store), { "default/work": { completed: 4 } });
    }
  },
}, "shared");

/** What durable stores promise of them. */
export const insightDurableCases: readonly ConformanceCase[] = stageCases("insight", {
  async "what was counted is there after a reopen"(h) {
    const begun = h.now();
    await runJob(await h.open(), newJob("a"), complete());
    const store = await h.reopen();
    await runJob(store, newJob("b"), complete());
    expectRows(await minutes(store, h, begun), {
      "default/work 0": { completed: 2, runs: times(0, 0) },
    });
    assert.equal((await store.days(1))[0]?.completed, 2);
    expectTotals(await totals(store), { "default/work": { completed: 2 } });
  },
}, "durable");
