/**
 * From the minutes and hours of a store to the points of a chart: pure.
 *
 * @module
 */

import { toDepth } from "../store/depth.ts";
import type { Depth, EndCounts, SeriesReply, SeriesRow } from "../store/store.ts";
import { boundOf, countOf, type Histogram, mergeHistograms, percentileOf } from "./buckets.ts";

/** How long something took, in milliseconds, each at most 25 % from the truth (from 1 ms to 24.8 days). */
export interface Durations {
  /** How many durations. */
  readonly count: number;
  /** Half of them were not longer. */
  readonly p50: number;
  /** 95 of 100 were not longer. */
  readonly p95: number;
  /** 99 of 100 were not longer. */
  readonly p99: number;
  /** None was longer; Infinity from 24.8 days on. */
  readonly max: number;
}

/** One step of a series. */
export interface SeriesPoint extends EndCounts {
  /** Epoch milliseconds, store clock: where the step begins. It is a multiple of the step. */
  readonly at: number;
  /** Jobs completed per second of the step, or of the part of it that has passed. */
  readonly throughput: number;
  /** Attempts that failed: `retried` and `dead`. Those that were lost are apart. */
  readonly failures: number;
  /** How long attempts ran; null if none ended. */
  readonly runMs: Durations | null;
  /** How long jobs waited from when they were due until they were claimed; null if none is known. */
  readonly waitMs: Durations | null;
  /** Jobs that had not ended at the last sample in the step, by status; null if there was none. */
  readonly depth: Depth | null;
}

/** What a chart shows. */
export interface PointsSpan {
  /** Epoch milliseconds; the step that it is in is the first. */
  readonly fromAt: number;
  /** Epoch milliseconds; the step that it is in is the last. */
  readonly toAt: number;
  /** Length of a step, a multiple of a minute. */
  readonly stepMs: number;
}

/** Adds the minutes and hours of all queues and types up, step by step; steps in which nothing happened are there too. */
export function toPoints(
  { rows, sampledAt, now }: Pick<SeriesReply, "rows" | "sampledAt" | "now">,
  { fromAt, toAt, stepMs }: PointsSpan,
): SeriesPoint[] {
  const stepOf = (ms: number): number => Math.floor(ms / stepMs) * stepMs;
  const byStep = Map.groupBy(rows, ({ at }) => stepOf(at));
  const lastSample = new Map(sampledAt.map((at) => [stepOf(at), at]));
  const points: SeriesPoint[] = [];
  for (let at = stepOf(fromAt); at <= toAt; at += stepMs) {
    const passedMs = Math.max(1, Math.min(stepMs, now - at));
    points.push(toPoint(byStep.get(at) ?? [], { at, passedMs, sampledAt: lastSample.get(at) }));
  }
  return points;
}

function toPoint(
  rows: readonly SeriesRow[],
  { at, passedMs, sampledAt }: {
    readonly at: number;
    readonly passedMs: number;
    readonly sampledAt: number | undefined;
  },
): SeriesPoint {
  const counts = sumOfEnds(rows);
  return {
    at,
    ...counts,
    throughput: counts.completed * 1000 / passedMs,
    failures: counts.retried + counts.dead,
    runMs: toDurations(mergeHistograms(rows.map(({ runs }) => runs))),
    waitMs: toDurations(mergeHistograms(rows.map(({ waits }) => waits))),
    depth: sampledAt === undefined ? null : depthOf(rows.filter((row) => row.at === sampledAt)),
  };
}

/** Adds counts up. */
export function sumOfEnds(rows: readonly EndCounts[]): EndCounts {
  const sums = { completed: 0, retried: 0, dead: 0, canceled: 0, lost: 0 };
  for (const { completed, retried, dead, canceled, lost } of rows) {
    sums.completed += completed;
    sums.retried += retried;
    sums.dead += dead;
    sums.canceled += canceled;
    sums.lost += lost;
  }
  return sums;
}

/** What a histogram tells; null if it is empty. */
export function toDurations(histogram: Histogram): Durations | null {
  if (histogram.length === 0) return null;
  const percentile = (share: number): number => percentileOf(histogram, share)!;
  return {
    count: countOf(histogram),
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    max: boundOf(histogram)!,
  };
}

function depthOf(rows: readonly SeriesRow[]): Depth {
  return toDepth((status) => rows.reduce((sum, { depth }) => sum + (depth?.[status] ?? 0), 0));
}
