/**
 * The calendar: which wall times fit a cron plan. A wall time is what a clock on the wall shows,
 * counted in seconds as if it were UTC, so that it knows no zone and no clock changes.
 *
 * @module
 */

import type { CronPlan } from "./cron.ts";

const DAY_S = 86_400;

/** Months to look at: 29 February may be 8 years away, as 1900 and 2100 are no leap years. */
const MAX_MONTHS = 8 * 12 + 1;

/** The first wall time that fits, at `from` or later; null if the calendar ends before it. */
export function wallFrom(plan: CronPlan, from: number): number | null {
  const today = Math.floor(from / DAY_S);
  const day = dayFrom(plan, today);
  if (day === null) return null;
  if (day > today) return day * DAY_S + timeFrom(plan, 0);
  const time = timeFrom(plan, from - today * DAY_S);
  if (time >= 0) return today * DAY_S + time;
  const later = dayFrom(plan, today + 1);
  return later === null ? null : later * DAY_S + timeFrom(plan, 0);
}

/** The first second of a day that fits, at `from` or later; −1 if there is none. */
function timeFrom({ hours, minutes, seconds }: CronPlan, from: number): number {
  const hour = Math.floor(from / 3600);
  const minute = Math.floor(from / 60) % 60;
  if (hours[hour] === hour) {
    if (minutes[minute] === minute) {
      const second = seconds[from % 60]!;
      if (second >= 0) return hour * 3600 + minute * 60 + second;
    }
    const next = minutes[minute + 1]!;
    if (next >= 0) return hour * 3600 + next * 60 + seconds[0]!;
  }
  const next = hours[hour + 1]!;
  return next < 0 ? -1 : next * 3600 + minutes[0]! * 60 + seconds[0]!;
}

/** The first day that fits, at `from` or later, in days since 1970. */
function dayFrom(plan: CronPlan, from: number): number | null {
  const date = new Date(from * DAY_S * 1000);
  let year = date.getUTCFullYear();
  let month = date.getUTCMonth() + 1;
  let dayOfMonth = date.getUTCDate();
  if (Number.isNaN(year)) return null;
  let day = from;
  for (let looked = 0; looked < MAX_MONTHS; looked++) {
    const length = monthLength(year, month);
    if (plan.months[month] === month) {
      for (; dayOfMonth <= length; dayOfMonth++, day++) {
        if (fitsDay(plan, dayOfMonth, day)) return day;
      }
    }
    day += length + 1 - dayOfMonth;
    dayOfMonth = 1;
    month = month % 12 + 1;
    if (month === 1) year++;
  }
  return null;
}

function fitsDay(
  { days, weekdays, eitherDay }: CronPlan,
  dayOfMonth: number,
  day: number,
): boolean {
  const weekday = ((day + 4) % 7 + 7) % 7; // 1970 began on a Thursday
  const fitsMonth = days[dayOfMonth] === dayOfMonth;
  const fitsWeek = weekdays[weekday] === weekday;
  return eitherDay ? fitsMonth || fitsWeek : fitsMonth && fitsWeek;
}

function monthLength(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
