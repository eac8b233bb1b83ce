import { assert, assertEquals } from "@std/assert";
import { bucketOf } from "../../../src/insight/buckets.ts";
import { toPoints } from "../../../src/insight/points.ts";
import type { Depth, SeriesRow } from "../../../src/store/store.ts";

const MINUTE_MS = 60_000;
const noJobs: Depth = { ready: 0, scheduled: 0, deferred: 0, processing: 0, retry: 0 };

function row(at: number, fields: Partial<SeriesRow>): SeriesRow {
  const ends = { completed: 0, retried: 0, dead: 0, canceled: 0, lost: 0 };
  return { queue: "q", type: "t", at, ...ends, runs: [], waits: [], depth: null, ...fields };
}

Deno.test("toPoints adds up queues, types and minutes of a step, and merges their times", () => {
  const rows = [
    row(0, { completed: 98, retried: 1, runs: [[bucketOf(10), 99]] }),
    row(MINUTE_MS, { dead: 1, lost: 2, type: "u", runs: [[bucketOf(5000), 1]] }),
    row(2 * MINUTE_MS, { canceled: 1, waits: [[bucketOf(2 ** 31), 1]] }),
  ];
  const now = 2.5 * MINUTE_MS;
  const span = { fromAt: 1, toAt: now, stepMs: 2 * MINUTE_MS };
  const [first, second, ...rest] = toPoints({ rows, sampledAt: [], now }, span);
  assertEquals(rest, []);
  assertEquals([first?.completed, first?.failures, first?.lost], [98, 2, 2]);
  assertEquals(first?.throughput, 98 / 120);
  const { count, p50, p95, p99, max } = first!.runMs!;
  assertEquals(count, 100);
  assert(p50 >= 10 && p95 <= 12 && p99 <= 12, `${p50}, ${p95}, ${p99}`);
  assertEquals(max, 5120);
  assertEquals(first?.waitMs, null);
  assertEquals([second?.at, second?.canceled, second?.runMs], [2 * MINUTE_MS, 1, null]);
  assertEquals(second?.waitMs?.max, Infinity);
});

Deno.test("toPoints counts throughput by the part of the step that has passed", () => {
  const rows = [row(MINUTE_MS, { completed: 5 })];
  const now = MINUTE_MS + 10_000;
  const points = toPoints({ rows, sampledAt: [], now }, {
    fromAt: MINUTE_MS,
    toAt: now,
    stepMs: MINUTE_MS,
  });
  assertEquals(points.map(({ throughput }) => throughput), [0.5]);
});

Deno.test("toPoints gives the depth of the last sample of a step: none at all if nobody sampled", () => {
  const rows = [
    row(0, { depth: { ...noJobs, ready: 9 } }),
    row(MINUTE_MS, { depth: { ...noJobs, ready: 1, retry: 2 } }),
    row(MINUTE_MS, { type: "u", depth: { ...noJobs, ready: 3 } }),
  ];
  const span = { fromAt: 0, toAt: 5 * MINUTE_MS, stepMs: 2 * MINUTE_MS };
  const sampledAt = [0, MINUTE_MS, 2 * MINUTE_MS];
  const points = toPoints({ rows, sampledAt, now: 5 * MINUTE_MS }, span);
  assertEquals(points.map(({ depth }) => depth), [{ ...noJobs, ready: 4, retry: 2 }, noJobs, null]);
});
