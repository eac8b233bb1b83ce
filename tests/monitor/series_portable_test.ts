/** Eight days of work, as the monitor shows them. */

import assert from "node:assert/strict";
import { testWithMonitor } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface Point {
  readonly at_ms: number;
  readonly completed: number;
  readonly run_ms: { readonly count: number; readonly p50: number } | null;
  readonly depth: { readonly ready: number } | null;
}

testWithMonitor("a series goes back seven days, by the hour", async (world) => {
  const { store, clock } = world;
  const enqueue = (id: string, queue: string): Promise<unknown> =>
    store.enqueue([[{ id, type: "work", queue, payload: "{}", priority: 0, settings: {} }]]);
  const read = async (query: string): Promise<Point[]> => {
    const response = await world.fetch(`/api/v1/series?${query}`);
    assert.equal(response.status, 200);
    return (await response.json()).data.points;
  };
  await clock.advance(HOUR_MS - clock.now() % HOUR_MS);
  await enqueue("waits", "other");
  for (let hour = 0; hour < 8 * 24; hour++) {
    await store.sample();
    for (const minute of [5, 35]) {
      await clock.advance(minute * MINUTE_MS - clock.now() % HOUR_MS);
      await enqueue(`${hour}-${minute}`, "default");
      const { jobs } = await store.claim({
        ...{ server: "s", pool: "p", limit: 1, leaseMs: HOUR_MS },
        sources: [{ queue: "default", types: ["work"], share: 1 }],
      });
      const outcomes = jobs.map(({ id, holder: { fence } }) => ({
        ...{ id, fence, ranMs: hour, verdict: { kind: "complete", result: null } as const },
      }));
      await store.settle({ outcomes });
    }
    await clock.advance(HOUR_MS - clock.now() % HOUR_MS);
  }
  await store.sample();
  const week = await read("window=7d");
  assert.equal(week.length, 168);
  assert.equal(week.at(-1)?.at_ms, clock.now());
  assert.deepEqual(week.map(({ completed }) => completed), [...Array(167).fill(2), 0]);
  assert.deepEqual(new Set(week.map(({ depth }) => depth?.ready)), new Set([1]));
  for (const [i, { run_ms }] of week.slice(0, -1).entries()) {
    const ran = 8 * 24 - 167 + i;
    assert.equal(run_ms?.count, 2);
    assert.ok(run_ms!.p50 >= 0.8 * ran && run_ms!.p50 <= 1.25 * ran, `${run_ms!.p50} is ${ran}`);
  }
  const other = await read("window=7d&queue=other");
  assert.deepEqual(new Set(other.map(({ completed }) => completed)), new Set([0]));
  assert.deepEqual(new Set(other.map(({ depth }) => depth?.ready)), new Set([1]));
  const sixHours = await read("window=6h");
  assert.equal(sixHours.reduce((sum, { completed }) => sum + completed, 0), 12);
  assert.equal(sixHours.filter(({ completed }) => completed === 1).length, 12);
  assert.deepEqual((await read("window=15m")).filter(({ completed }) => completed > 0), []);
  const { data } = await (await world.fetch("/api/v1/overview")).json();
  assert.equal(data.oldest.id, "waits");
  assert.equal(data.oldest.age_ms, 8 * 24 * HOUR_MS);
});

testWithMonitor("jobs that run are told with how long they have", async (world) => {
  const { store, clock } = world;
  for (const id of ["a", "b", "c"]) {
    await store.enqueue([[{
      ...{ id, type: "work", queue: "default", payload: "{}", priority: 0, settings: {} },
    }]]);
    await store.claim({
      ...{ server: "s", pool: "p", limit: 1, leaseMs: HOUR_MS },
      sources: [{ queue: "default", types: ["work"], share: 1 }],
    });
    await clock.advance(1000);
  }
  const read = async (query: string): Promise<[string, number][]> => {
    const { data } = await (await world.fetch(`/api/v1/running?${query}`)).json();
    return data.map((job: { id: string; running_ms: number }) => [job.id, job.running_ms]);
  };
  assert.deepEqual(await read("limit=2"), [["a", 3000], ["b", 2000]]);
  assert.deepEqual(await read("limit=2&page=2"), [["c", 1000]]);
  assert.deepEqual(await read("order=newest"), [["c", 1000], ["b", 2000], ["a", 3000]]);
});
