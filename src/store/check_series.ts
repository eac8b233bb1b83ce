/**
 * The rules for asking about minutes and days, which all stores share.
 *
 * @module
 */

import { checkInteger, checkKeys, checkNumber, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { DAYS_KEPT, ROWS_PER_PAGE, SERIES_UNITS } from "./insight_limits.ts";
import type { SeriesQuery } from "./insight_stage.ts";

const ACTION = "read series";
const KNOWN: readonly string[] = ["fromAt", "toAt", "unit", "queue", "type", "limit", "cursor"];

/**
 * Checks what is asked of a series.
 *
 * @param cursors What the store's cursors look like; absent for a store that has one page.
 * @throws {InvalidOptionError} If a part of it is unknown or out of range.
 */
export function checkSeriesQuery(query: SeriesQuery, cursors?: RegExp): void {
  checkKeys(ACTION, query, KNOWN);
  checkNumber(ACTION, "fromAt", query.fromAt, -Number.MAX_VALUE);
  checkNumber(ACTION, "toAt", query.toAt, -Number.MAX_VALUE);
  if (query.unit !== undefined) checkOneOf(ACTION, "unit", query.unit, Object.keys(SERIES_UNITS));
  if (query.limit !== undefined) checkInteger(ACTION, "limit", query.limit, 1, ROWS_PER_PAGE);
  const { cursor } = query;
  if (cursor === undefined || (typeof cursor === "string" && cursors?.test(cursor))) return;
  throw new InvalidOptionError(ACTION, "cursor", "come from the page before", cursor);
}

/** The first and the last minute or hour that a query asks for, of those that are kept. */
export function spanOf(
  { fromAt, toAt, unit = "minute" }: SeriesQuery,
  now: number,
): { readonly from: number; readonly to: number } {
  const { ms, kept } = SERIES_UNITS[unit];
  const of = (at: number): number => Math.floor(at / ms);
  const from = of(fromAt < 0 ? now + fromAt : fromAt);
  return {
    from: Math.max(from, of(now) - kept + 1),
    to: Math.min(of(toAt), of(Number.MAX_SAFE_INTEGER)),
  };
}

/**
 * Checks a number of days.
 *
 * @throws {InvalidOptionError} If it is not one from 1 to 90.
 */
export function checkDays(count: number): void {
  checkInteger("read days", "count", count, 1, DAYS_KEPT);
}
