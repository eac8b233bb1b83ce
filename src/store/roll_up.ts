/**
 * Minutes of a pair added up to hours: pure.
 *
 * @module
 */

import { type Histogram, mergeHistograms } from "../insight/buckets.ts";
import { hourOf } from "./insight_limits.ts";
import type { Depth, EndCounts } from "./insight_stage.ts";

/** What a store keeps of a minute or an hour of a pair. */
export interface SeriesCell extends EndCounts {
  readonly runs: Histogram;
  readonly waits: Histogram;
  readonly depth: Depth | null;
}

/** A cell, and the minute that it is of. */
export interface MinuteCell extends SeriesCell {
  readonly minute: number;
}

/** The last of some minutes in each hour. */
export function lastMinutes(minutes: Iterable<number>): Map<number, number> {
  const last = new Map<number, number>();
  for (const minute of minutes) {
    const hour = hourOf(minute);
    last.set(hour, Math.max(last.get(hour) ?? 0, minute));
  }
  return last;
}

/**
 * Adds minutes of one pair up, by hour.
 *
 * @param sampled The minute of each hour that was sampled last: the depth of then is that of the hour.
 */
export function toHours(
  minutes: readonly MinuteCell[],
  sampled: ReadonlyMap<number, number>,
): Map<number, SeriesCell> {
  const byHour = Map.groupBy(minutes, ({ minute }) => hourOf(minute));
  return new Map([...byHour].map(([hour, cells]) => [hour, merged(cells, sampled.get(hour))]));
}

function merged(cells: readonly MinuteCell[], sampled: number | undefined): SeriesCell {
  const sumOf = (name: keyof EndCounts): number => cells.reduce((sum, cell) => sum + cell[name], 0);
  return {
    completed: sumOf("completed"),
    retried: sumOf("retried"),
    dead: sumOf("dead"),
    canceled: sumOf("canceled"),
    lost: sumOf("lost"),
    runs: mergeHistograms(cells.map(({ runs }) => runs)),
    waits: mergeHistograms(cells.map(({ waits }) => waits)),
    depth: cells.findLast(({ minute }) => minute === sampled)?.depth ?? null,
  };
}
