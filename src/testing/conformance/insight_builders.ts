/**
 * What the cases of what ended begin with: rows by name, and their comparison.
 *
 * @module
 */

import assert from "node:assert/strict";
import { bucketOf, type Histogram } from "../../insight/buckets.ts";
import type { Depth, SeriesQuery, SeriesRow, Store, TotalsRow } from "../../store/store.ts";
import type { ConformanceHarness } from "./harness.ts";

/** Milliseconds of a minute. */
export const MINUTE_MS = 60_000;
/** Milliseconds of an hour. */
export const HOUR_MS: number = 60 * MINUTE_MS;
/** Milliseconds of a day. */
export const DAY_MS: number = 24 * HOUR_MS;

/** What a case expects of a row: what it leaves out is 0, or nothing. */
type Expected<T> = Partial<Omit<T, "queue" | "type" | "at">>;

const noEnds = { completed: 0, retried: 0, dead: 0, canceled: 0, lost: 0 };
/** A depth of nothing. */
export const noJobs: Depth = { ready: 0, scheduled: 0, deferred: 0, processing: 0, retry: 0 };

/** All rows of the last day, each as `queue/type`, and its minute counted from one. */
export async function minutes(
  store: Store,
  h: ConformanceHarness,
  beginning: number,
  query: Partial<SeriesQuery> = {},
): Promise<Record<string, SeriesRow>> {
  const asked = { fromAt: 0, toAt: h.now(), ...query };
  const { rows, cursor } = await store.series(asked);
  assert.equal(cursor, undefined, "all rows are on one page");
  return byName(rows, ({ queue, type, at }) => {
    assert.equal(at % MINUTE_MS, 0, "a minute begins at a minute");
    return `${queue}/${type} ${(at - minuteAt(beginning)) / MINUTE_MS}`;
  });
}

function minuteAt(ms: number): number {
  return ms - ms % MINUTE_MS;
}

/** Lets time pass until a minute begins. */
export async function nextMinute(h: ConformanceHarness): Promise<void> {
  await h.advance(minuteAt(h.now()) + MINUTE_MS - h.now());
}

/** Rows by name; each must be there once. */
export function byName<T>(rows: readonly T[], nameOf: (row: T) => string): Record<string, T> {
  const named = Object.fromEntries(rows.map((row) => [nameOf(row), row]));
  assert.equal(Object.keys(named).length, rows.length, "each row is given once");
  return named;
}

/** Rows without their names, as a case expects them. */
export function expectRows(
  rows: Readonly<Record<string, SeriesRow>>,
  expected: Readonly<Record<string, Expected<SeriesRow>>>,
): void {
  const seen = Object.entries(rows).map(([name, { queue: _q, type: _t, at: _a, ...row }]) => [
    name,
    row,
  ]);
  const whole = Object.entries(expected).map(([name, row]) => [
    name,
    { ...noEnds, runs: [], waits: [], depth: null, ...row },
  ]);
  assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(whole));
}

/** All totals, each as `queue/type`. */
export async function totals(store: Store): Promise<Record<string, TotalsRow>> {
  return byName(await store.totals(), ({ queue, type }) => `${queue}/${type}`);
}

/** Compares totals with what a case expects. */
export function expectTotals(
  rows: Readonly<Record<string, TotalsRow>>,
  expected: Readonly<Record<string, Expected<TotalsRow>>>,
): void {
  const whole = Object.entries(expected).map(([name, row]) => {
    const [queue, type] = name.split("/");
    return [name, { queue, type, ...noEnds, ...row }];
  });
  assert.deepEqual(rows, Object.fromEntries(whole));
}

/** Counts of some times, by bucket. */
export function times(...ms: readonly number[]): Histogram {
  const counts = new Map<number, number>();
  for (const bucket of ms.map(bucketOf)) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}
