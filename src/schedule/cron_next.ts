/**
 * When a cron expression fires next, also where clocks change.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { type CronPlan, parseCron } from "./cron.ts";
import { wallFrom } from "./cron_wall.ts";
import { checkZone, spanAt } from "./zone.ts";

/** The farthest instant of a Date, in milliseconds. */
const FARTHEST_MS = 8.64e15;

/** More than any two offsets differ, and than any change skips or repeats; in seconds. */
const NEAR_S = 2 * 86_400;

/**
 * When a cron expression fires next.
 *
 * The expression has five fields: minute (0–59), hour (0–23), day of month (1–31), month (1–12 or
 * JAN–DEC), day of week (0–7 or SUN–SAT; 0 and 7 are Sunday), or six with the second (0–59) first.
 * Each is a list of `*`, `N`, `N-M`, each with a step `/S` if wanted; `N/S` runs from N to the end
 * of the field, and a step beyond the end gives the first value alone. If both day fields are
 * restricted, which is anything but `*`, a day that fits one of them is enough. `@yearly`,
 * `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight` and `@hourly` are there too.
 *
 * Where the clocks of the zone change:
 * - A time that they skip fires once, at the first instant after the gap; so do several together.
 * - A time that they repeat fires the first time only.
 * - Schedules of every hour, such as `30 * * * *`, keep running instead: they fire whenever the
 *   clocks show a time that fits, so both times where one is repeated, and never for one skipped.
 * - Those of certain hours that run through the minutes or seconds, with a `*`, a range or a step
 *   that selects several, such as `0-45/15 1-3 * * *`, fire both times where a time is repeated, and
 *   once for those skipped.
 *
 * @param expression The cron expression.
 * @param zone Time zone: an IANA name, or an offset such as `+02:00`.
 * @param after Epoch milliseconds or a date; the answer is later. Now by default.
 * @returns Epoch milliseconds, or null if there is none before the end of time (the year 275760).
 * @throws {InvalidCronError} When the expression is against the grammar, or names a date that no
 * year has, as `0 0 31 2 *` does.
 * @throws {InvalidOptionError} When the zone is unknown or `after` is no time.
 *
 * @example
 * ```ts
 * import { nextFire } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const next = (expression: string, zone: string, after: string) =>
 *   new Date(nextFire(expression, zone, new Date(after))!).toISOString();
 *
 * equal(next("30 9 * * MON-FRI", "UTC", "2026-01-02T12:00Z"), "2026-01-05T09:30:00.000Z");
 * // 2:30 does not exist in New York on 8 March 2026: it fires at 3:00 instead.
 * equal(next("30 2 * * *", "America/New_York", "2026-03-08T00:00-05:00"), "2026-03-08T07:00:00.000Z");
 * ```
 */
export function nextFire(
  expression: string,
  zone: string = "UTC",
  after: number | Date = systemClock.now(),
): number | null {
  const action = "tell the next fire";
  const plan = parseCron(expression);
  checkZone(action, "zone", zone);
  const afterMs = after instanceof Date ? after.getTime() : after;
  if (typeof afterMs !== "number" || !(Math.abs(afterMs) <= FARTHEST_MS)) {
    throw new InvalidOptionError(action, "after", "be epoch milliseconds or a valid Date", after);
  }
  return nextOf(plan, zone, afterMs);
}

/**
 * When a plan fires next, strictly after an instant; the rules are those of {@linkcode nextFire}.
 * It looks at the two days after the instant, and at those around the next wall time that fits:
 * nothing between can fire.
 *
 * @param plan What {@linkcode parseCron} made.
 * @param zone A zone that `checkZone` takes.
 * @param afterMs Epoch milliseconds.
 * @returns Epoch milliseconds, or null if there is none before the end of time.
 */
export function nextOf(plan: CronPlan, zone: string, afterMs: number): number | null {
  let from = Math.floor(afterMs / 1000) + 1;
  while (true) {
    const { start, end, offset, before } = spanAt(zone, from);
    let low = from + offset;
    if (before < offset && from === start && !plan.everyHour) {
      const skipped = wallFrom(plan, start + before);
      if (skipped !== null && skipped < start + offset) return start * 1000;
    }
    if (before > offset && !plan.keepsRunning) low = Math.max(low, start + before);
    const wall = wallFrom(plan, low);
    if (wall === null) return null;
    const instant = wall - offset;
    if (instant < end) return instant * 1000 > FARTHEST_MS ? null : instant * 1000;
    from = end > from + NEAR_S ? Math.max(end, wall - NEAR_S) : end;
  }
}
