/**
 * Cron expressions for what people say most often.
 *
 * @module
 */

import { checkInteger } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";

/** A day of the week, by name or from 0, Sunday, to 6. */
export type Weekday = "SUN" | "MON" | "TUE" | "WED" | "THU" | "FRI" | "SAT" | number;

const ACTION = "make cron expression";
const DAYS: readonly unknown[] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * The cron expression of a schedule that runs every hour.
 *
 * @param minute 0 to 59.
 * @throws {InvalidOptionError} If it is out of range.
 *
 * @example
 * ```ts
 * import { hourly } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * equal(hourly(15), "15 * * * *");
 * ```
 */
export function hourly(minute: number = 0): string {
  checkInteger(ACTION, "minute", minute, 0, 59);
  return `${minute} * * * *`;
}

/**
 * The cron expression of a schedule that runs every day.
 *
 * @param hour 0 to 23, in the schedule's time zone.
 * @param minute 0 to 59.
 * @throws {InvalidOptionError} If one is out of range.
 *
 * @example
 * ```ts
 * import { daily } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * equal(daily(9, 30), "30 9 * * *");
 * ```
 */
export function daily(hour: number, minute: number = 0): string {
  checkInteger(ACTION, "minute", minute, 0, 59);
  checkInteger(ACTION, "hour", hour, 0, 23);
  return `${minute} ${hour} * * *`;
}

/**
 * The cron expression of a schedule that runs every week.
 *
 * @param day The day of the week.
 * @param hour 0 to 23, in the schedule's time zone.
 * @param minute 0 to 59.
 * @throws {InvalidOptionError} If one is out of range.
 *
 * @example
 * ```ts
 * import { weekly } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * equal(weekly("MON", 9), "0 9 * * MON");
 * ```
 */
export function weekly(day: Weekday, hour: number, minute: number = 0): string {
  const isDay = DAYS.includes(day) ||
    (Number.isInteger(day) && Number(day) >= 0 && Number(day) < 7);
  if (!isDay) {
    throw new InvalidOptionError(ACTION, "day", `be 0 to 6, or one of ${DAYS.join(", ")}`, day);
  }
  checkInteger(ACTION, "minute", minute, 0, 59);
  checkInteger(ACTION, "hour", hour, 0, 23);
  return `${minute} ${hour} * * ${day}`;
}
