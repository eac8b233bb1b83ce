/**
 * Reading what a series is made of: minutes, or hours and the minutes of those that were not made yet.
 *
 * @module
 */

import { DAY_MS, HOUR_MS, HOURS_KEPT, MINUTE_MS, MINUTES_KEPT } from "../store/insight_limits.ts";
import type { SeriesQuery, SeriesReply, SeriesRow, Store } from "../store/store.ts";

/** Longest step: a day. */
export const LONGEST_STEP_MS: number = DAY_MS;

/** What points are made of. */
export type ReadSeries = Pick<SeriesReply, "rows" | "sampledAt" | "now">;

/** Whether steps of a length are made of hours. */
function isByHour(stepMs: number): boolean {
  return stepMs % HOUR_MS === 0;
}

/** The first moment of which steps of a length tell. */
export function earliestAt(now: number, stepMs: number): number {
  return isByHour(stepMs) ? now - (HOURS_KEPT - 1) * HOUR_MS : now - (MINUTES_KEPT - 1) * MINUTE_MS;
}

/** Reads what steps of a length are made of. */
export async function readSteps(
  store: Store,
  query: Omit<SeriesQuery, "unit" | "limit" | "cursor">,
  stepMs: number,
): Promise<ReadSeries> {
  if (!isByHour(stepMs)) return await readSeries(store, query);
  const { rolledTo, ...hours } = await readSeries(store, { ...query, unit: "hour" });
  const fromAt = query.fromAt < 0 ? hours.now + query.fromAt : query.fromAt;
  const minutes = await readSeries(store, { ...query, fromAt: Math.max(fromAt, rolledTo) });
  // An hour that was made meanwhile is told by its minutes.
  const isWhole = (at: number): boolean => at < rolledTo;
  return {
    rows: [...hours.rows.filter(({ at }) => isWhole(at)), ...minutes.rows],
    sampledAt: [...hours.sampledAt.filter(isWhole), ...minutes.sampledAt],
    now: minutes.now,
  };
}

/** Reads all pages of a series. */
export async function readSeries(
  store: Store,
  query: SeriesQuery,
): Promise<ReadSeries & { readonly rolledTo: number }> {
  const rows: SeriesRow[] = [];
  let rolledTo: number | undefined;
  let cursor: string | undefined;
  while (true) {
    const reply = await store.series(cursor === undefined ? query : { ...query, cursor });
    for (const row of reply.rows) rows.push(row);
    rolledTo ??= reply.rolledTo ?? 0;
    if (reply.cursor === undefined) {
      return { rows, sampledAt: reply.sampledAt, now: reply.now, rolledTo };
    }
    cursor = reply.cursor;
  }
}
