/**
 * What ended: hours, which are made of minutes.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SeriesQuery, SeriesReply, SeriesRow, Store } from "../../store/store.ts";
import { claim, complete, deadLetter, newJob, outcome, put, runJob, source } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";
import {
  byName,
  DAY_MS,
  expectRows,
  HOUR_MS,
  MINUTE_MS,
  minutes,
  noJobs,
  times,
} from "./insight_builders.ts";

/** Lets time pass until an hour begins. */
async function nextHour(h: ConformanceHarness): Promise<void> {
  await h.advance(HOUR_MS - h.now() % HOUR_MS);
}

function readHours(
  store: Store,
  h: ConformanceHarness,
  query: Partial<SeriesQuery> = {},
): Promise<SeriesReply> {
  return store.series({ fromAt: 0, toAt: h.now(), unit: "hour", ...query });
}

/** All hours, each as `queue/type`, and its hour counted from one. */
async function hours(
  store: Store,
  h: ConformanceHarness,
  begun: number,
  query: Partial<SeriesQuery> = {},
): Promise<Record<string, SeriesRow>> {
  const { rows } = await readHours(store, h, query);
  return byName(rows, ({ queue, type, at }) => {
    assert.equal(at % HOUR_MS, 0, "an hour begins at an hour");
    return `${queue}/${type} ${(at - (begun - begun % HOUR_MS)) / HOUR_MS}`;
  });
}

const PAIRS = 25;

/** Fills an hour of more pairs and minutes than one step makes hours of. */
async function fillHour(store: Store, h: ConformanceHarness): Promise<void> {
  const types = Array.from({ length: PAIRS }, (_, i) => `t${i}`);
  for (let minute = 0; minute < 60; minute++) {
    await put(store, ...types.map((type) => newJob(`${type}-${minute}`, { type })));
    const jobs = await claim(store, { sources: [source("default", types)], limit: PAIRS });
    await store.settle({ outcomes: jobs.map((job) => outcome(job, complete(), minute)) });
    await h.advance(MINUTE_MS);
  }
}

async function expectFilled(store: Store, h: ConformanceHarness, begun: number): Promise<void> {
  const runs = times(...Array.from({ length: 60 }, (_, minute) => minute));
  const expected = Array.from({ length: PAIRS }, (_, i) => {
    return [`default/t${i} 0`, { completed: 60, runs }] as const;
  });
  expectRows(await hours(store, h, begun), Object.fromEntries(expected));
}

/** What stores promise of hours. */
export const insightHourCases: readonly ConformanceCase[] = stageCases("insight", {
  async "sample() makes hours of the minutes of hours that are over"(h) {
    const store = await h.open();
    await nextHour(h);
    const begun = h.now();
    await runJob(store, newJob("a"), complete());
    await put(store, newJob("waits", { delayMs: 9 * DAY_MS }));
    await store.sample();
    await h.advance(20 * MINUTE_MS);
    await runJob(store, newJob("b"), deadLetter());
    await runJob(store, newJob("c", { queue: "other" }), complete());
    await put(store, newJob("waitsToo", { delayMs: 9 * DAY_MS }));
    await store.sample();
    await h.advance(10 * MINUTE_MS);
    await runJob(store, newJob("d"), complete());
    const before = await readHours(store, h);
    assert.deepEqual(before.rows, []);
    assert.ok(before.rolledTo! <= begun, "the hour is not over");
    await h.advance(30 * MINUTE_MS);
    await runJob(store, newJob("e"), complete());
    assert.deepEqual((await readHours(store, h)).rows, []);
    await store.sample();
    const expected = {
      "default/work 0": {
        completed: 2,
        dead: 1,
        runs: times(0, 0, 0),
        depth: { ...noJobs, scheduled: 2 },
      },
      "other/work 0": { completed: 1, runs: times(0) },
    };
    for (let i = 0; i < 3; i++) {
      expectRows(await hours(store, h, begun), expected);
      const { rolledTo, sampledAt, now } = await readHours(store, h);
      assert.deepEqual([rolledTo, sampledAt, now], [begun + HOUR_MS, [begun], h.now()]);
      await h.advance(MINUTE_MS);
      await store.sample();
    }
    assert.equal(Object.keys(await minutes(store, h, begun)).length, 8, "minutes stay");
  },

  async "hours are made whole however long nobody sampled"(h) {
    const store = await h.open();
    await nextHour(h);
    const begun = h.now();
    await runJob(store, newJob("a"), complete());
    await h.advance(5 * MINUTE_MS);
    await runJob(store, newJob("b"), complete());
    await h.advance(2 * HOUR_MS);
    await runJob(store, newJob("c"), complete());
    await h.advance(DAY_MS + 2 * HOUR_MS);
    // New minutes come before the sample.
    for (let i = 0; i < 5; i++) {
      await runJob(store, newJob(`d${i}`), complete());
      await h.advance(MINUTE_MS);
      await store.totals();
    }
    await store.sample();
    expectRows(await hours(store, h, begun), {
      "default/work 0": { completed: 2, runs: times(0, 0) },
      "default/work 2": { completed: 1, runs: times(0) },
    });
    const { rolledTo, sampledAt } = await readHours(store, h);
    assert.deepEqual([rolledTo, sampledAt], [begun + 28 * HOUR_MS, []]);
    assert.equal(Object.keys(await minutes(store, h, begun)).length, 5);
  },

  async "hours go after 8 days"(h) {
    const store = await h.open();
    await nextHour(h);
    const begun = h.now();
    await runJob(store, newJob("a"), complete());
    await store.sample();
    await h.advance(HOUR_MS);
    await store.sample();
    await h.advance(8 * DAY_MS - 2 * HOUR_MS);
    await store.sample();
    const row = { completed: 1, runs: times(0) };
    expectRows(await hours(store, h, begun), { "default/work 0": row });
    assert.deepEqual((await readHours(store, h)).sampledAt.slice(0, 2), [begun, begun + HOUR_MS]);
    await h.advance(HOUR_MS);
    assert.deepEqual((await readHours(store, h)).rows, []);
    await store.sample();
    await h.advance(HOUR_MS);
    await store.sample();
    assert.deepEqual((await readHours(store, h)).rows, []);
  },

  async "sample() does nothing for what ended more than 8 days before"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), complete());
    await store.sample();
    await h.advance(20 * DAY_MS);
    await store.sample();
    const { rows, rolledTo } = await readHours(store, h);
    assert.deepEqual([rows, rolledTo], [[], h.now() - h.now() % HOUR_MS]);
  },

  async "series() gives hours of the queue or the type that was asked for, page by page"(h) {
    const store = await h.open();
    const begun = h.now();
    for (const queue of ["q1", "q2"]) {
      for (const type of ["work", "play"]) {
        await runJob(store, newJob(`${queue}-${type}`, { queue, type }), complete());
      }
    }
    await nextHour(h);
    await store.sample();
    const names = async (query: Partial<SeriesQuery>): Promise<string[]> =>
      Object.keys(await hours(store, h, begun, query)).sort();
    assert.deepEqual(await names({ queue: "q1" }), ["q1/play 0", "q1/work 0"]);
    assert.deepEqual(await names({ type: "work" }), ["q1/work 0", "q2/work 0"]);
    assert.deepEqual(await names({ fromAt: h.now() }), []);
    assert.deepEqual(await names({ toAt: begun - HOUR_MS }), []);
    assert.equal((await names({ fromAt: -HOUR_MS })).length, 4);
    const seen: SeriesRow[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      assert.ok(page < 5, "pages come to an end");
      const reply = await readHours(store, h, { limit: 3, ...cursor && { cursor } });
      seen.push(...reply.rows);
      cursor = reply.cursor;
    }
    assert.equal(new Set(seen.map(({ queue, type }) => `${queue}/${type}`)).size, 4);
    assert.equal(seen.length, 4);
    const unit = "day" as "hour";
    await assert.rejects(readHours(store, h, { unit }), /Cannot read series as 'unit' must/);
  },

  async "sample() makes hours of many pairs in steps, and tells of none before it is whole"(h) {
    const store = await h.open();
    await nextHour(h);
    const begun = h.now();
    await fillHour(store, h);
    for (let steps = 0;; steps++) {
      assert.ok(steps < 100, "steps come to an end");
      const { nextInMs } = await store.sample();
      if (nextInMs !== 0) break;
      const { rows, rolledTo } = await readHours(store, h);
      assert.deepEqual(rows, []);
      assert.ok(rolledTo! <= begun);
    }
    await expectFilled(store, h, begun);
  },
});

/** What durable stores promise of hours. */
export const insightHourDurableCases: readonly ConformanceCase[] = stageCases("insight", {
  async "hours that are being made are made once, whoever goes on with them"(h) {
    const store = await h.open();
    await nextHour(h);
    const begun = h.now();
    await fillHour(store, h);
    await store.sample();
    const other = await h.reopen();
    // Time goes on meanwhile, and so does work.
    await h.advance(HOUR_MS);
    await runJob(other, newJob("later"), complete());
    for (let steps = 0; (await other.sample()).nextInMs === 0; steps++) {
      assert.ok(steps < 100, "steps come to an end");
    }
    await h.advance(MINUTE_MS);
    await other.sample();
    await expectFilled(other, h, begun);
    assert.equal((await readHours(other, h)).rolledTo, begun + 2 * HOUR_MS);
  },
}, "durable");
