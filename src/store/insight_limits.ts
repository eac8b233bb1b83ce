/**
 * How much of what ended a store keeps, and what it counts by.
 *
 * @module
 */

/** What stands for queue and type of those for which there was no room. */
export const OTHERS = "*";
/** Most pairs of queue and type that are counted apart; what comes later counts as `OTHERS`. */
export const MAX_PAIRS = 1000;
/** Minutes that are kept: those of the last 24 hours. */
export const MINUTES_KEPT: number = 24 * 60;
/** Hours that are kept: those of the last 8 days. */
export const HOURS_KEPT: number = 8 * 24;
/** Days that are kept. */
export const DAYS_KEPT = 90;
/** Rows after which a page of a series ends with the pair that it is at, at most. */
export const ROWS_PER_PAGE = 50_000;

/** Milliseconds of a minute. */
export const MINUTE_MS = 60_000;
/** Milliseconds of an hour. */
export const HOUR_MS: number = 60 * MINUTE_MS;
/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/** What rows of a series are of: how long that is, and how many of it are kept. */
export const SERIES_UNITS = {
  minute: { ms: MINUTE_MS, kept: MINUTES_KEPT },
  hour: { ms: HOUR_MS, kept: HOURS_KEPT },
} as const;

/** The minute that a time is in. */
export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** The hour that a minute is in. */
export function hourOf(minute: number): number {
  return Math.floor(minute / 60);
}
