/**
 * The grammar of cron expressions.
 *
 * @module
 */

import { type FieldRule, type FieldSet, parseField } from "./cron_field.ts";
import { InvalidCronError } from "./cron_error.ts";

/** A cron expression, read and checked. Made by {@linkcode parseCron}; plain data, never changed. */
export interface CronPlan {
  /** The expression as it was given. */
  readonly expression: string;
  /** For each second of a minute, the next that is selected, itself included; −1: none is left. */
  readonly seconds: readonly number[];
  /** The same for the minutes of an hour. */
  readonly minutes: readonly number[];
  /** The same for the hours of a day. */
  readonly hours: readonly number[];
  /** The same for the months of a year, from 1. */
  readonly months: readonly number[];
  /** The same for the days of a month, from 1. */
  readonly days: readonly number[];
  /** The same for the days of a week; 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** Whether a day must fit only one of `days` and `weekdays`, as both fields are restricted. */
  readonly eitherDay: boolean;
  /** Whether every hour is selected: then nothing is made up for times that a clock change skips. */
  readonly everyHour: boolean;
  /** Whether it also fires at wall times that a clock change repeats. */
  readonly keepsRunning: boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const SECOND: FieldRule = { name: "second", min: 0, max: 59 };
const MINUTE: FieldRule = { name: "minute", min: 0, max: 59 };
const HOUR: FieldRule = { name: "hour", min: 0, max: 23 };
const DAY: FieldRule = { name: "day of month", min: 1, max: 31 };
const MONTH: FieldRule = { name: "month", min: 1, max: 12, names: MONTHS };
const WEEKDAY: FieldRule = { name: "day of week", min: 0, max: 7, names: WEEKDAYS, wraps: true };

const MACROS: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

/** Longest expression, in characters. */
const MAX_LENGTH = 1000;

/** Most days that a month can have, by month from 1. */
const LONGEST_MONTHS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a cron expression: five fields (minute, hour, day of month, month, day of week), six with
 * the second in front, or a word such as `@daily`. Upper and lower case are the same.
 *
 * @throws {InvalidCronError} When the expression is against the grammar, or names no date at all.
 */
export function parseCron(expression: string): CronPlan {
  const refuse = (reason: string): never => {
    throw new InvalidCronError(expression, null, reason);
  };
  if (typeof expression !== "string") return refuse("be a text");
  if (expression.length > MAX_LENGTH) refuse(`have at most ${MAX_LENGTH} characters`);
  const text = expression.trim();
  const fields = (text.startsWith("@")
    ? MACROS.get(text.toLowerCase()) ??
      refuse(`be a known word: ${[...MACROS.keys()].join(", ")}`)
    : text).split(/\s+/);
  if (fields.length === 5) fields.unshift("0");
  if (fields.length !== 6) {
    refuse(
      "have 5 fields (minute, hour, day of month, month, day of week), or 6 with the second first",
    );
  }
  const read = (rule: FieldRule, place: number): FieldSet =>
    parseField(expression, rule, fields[place]!);
  const second = read(SECOND, 0);
  const minute = read(MINUTE, 1);
  const hour = read(HOUR, 2);
  const day = read(DAY, 3);
  const month = read(MONTH, 4);
  const weekday = read(WEEKDAY, 5);
  const firstDay = day.values[0]!;
  if (weekday.isStar && !month.values.some((value) => firstDay <= LONGEST_MONTHS[value]!)) {
    refuse(`name a date that there is: no selected month has a day ${firstDay}`);
  }
  const everyHour = hour.values.length === 24;
  return {
    expression,
    seconds: nextTable(second.values, SECOND.max),
    minutes: nextTable(minute.values, MINUTE.max),
    hours: nextTable(hour.values, HOUR.max),
    days: nextTable(day.values, DAY.max),
    months: nextTable(month.values, MONTH.max),
    weekdays: nextTable(weekday.values, WEEKDAY.max),
    eitherDay: !day.isStar && !weekday.isStar,
    everyHour,
    keepsRunning: everyHour || minute.isSpread || second.isSpread,
  };
}

/** For each number from 0 to one above `max`, the next of the values, or −1. */
function nextTable(values: readonly number[], max: number): readonly number[] {
  const table = Array<number>(max + 2).fill(-1);
  for (let from = max; from >= 0; from--) {
    table[from] = values.includes(from) ? from : table[from + 1]!;
  }
  return table;
}
