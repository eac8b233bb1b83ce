/** What schedules mean, in words: where words say it exactly. */

import { assertEquals } from "@std/assert";
import { cronText, everyText, scheduleText } from "../../../dashboard/cron_text.js";
import { parseCron } from "../../../src/schedule/cron.ts";

const told: readonly (readonly [expression: string, text: string])[] = [
  // Exact times of a day.
  ["0 9 * * *", "Every day at 09:00"],
  ["30 3 * * 1-5", "Monday to Friday at 03:30"],
  ["0 9,13,17 * * *", "Every day at 09:00, 13:00 and 17:00"],
  ["0 */12 * * *", "Every day at 00:00 and 12:00"],
  ["15 30 9 * * *", "Every day at 09:30:15"],
  ["0 30 9 * * *", "Every day at 09:30"],
  // Days of the week, by number and by name; Sunday is 0 and 7.
  ["0 9 * * MON", "Every Monday at 09:00"],
  ["0 9 * * mon,Wed,FRI", "Every Monday, Wednesday and Friday at 09:00"],
  ["0 9 * * FRI-SUN", "Friday to Sunday at 09:00"],
  ["0 9 * * 5-7", "Friday to Sunday at 09:00"],
  ["0 9 * * 0,6", "Every Saturday and Sunday at 09:00"],
  ["0 9 * * 7", "Every Sunday at 09:00"],
  ["0 9 * * */2", "Every Tuesday, Thursday, Saturday and Sunday at 09:00"],
  ["0 9 * * 1-7", "Every day at 09:00"],
  // Days of months.
  ["0 9 1 * *", "On day 1 of every month at 09:00"],
  ["0 9 1,15 * *", "On days 1 and 15 of every month at 09:00"],
  ["0 9 1-7 * *", "On days 1 to 7 of every month at 09:00"],
  ["0 9 31 * *", "On day 31 of each month that has it at 09:00"],
  ["0 9 25 12 *", "On day 25 of December at 09:00"],
  ["0 9 31 DEC *", "On day 31 of December at 09:00"],
  ["0 9 * 6-8 *", "Every day in June to August at 09:00"],
  ["0 9 * JUN,OCT MON", "Every Monday in June and October at 09:00"],
  // Both kinds of days: one of them is enough, unless one is a star.
  ["0 9 1 * MON", "On day 1 of every month and every Monday at 09:00"],
  ["0 9 13 6 FRI", "On day 13 of June and every Friday in June at 09:00"],
  ["0 9 */1 * MON", "Every day at 09:00"],
  // Again and again.
  ["* * * * *", "Every minute"],
  ["*/5 * * * *", "Every 5 minutes"],
  ["0/5 * * * *", "Every 5 minutes"],
  ["3/10 * * * *", "Every 10 minutes from minute 3 of the hour"],
  ["0 * * * *", "Every hour"],
  ["5 * * * *", "Every hour at minute 5"],
  ["5,35 * * * *", "At minutes 5 and 35 of every hour"],
  ["0-10 * * * *", "At minutes 0 to 10 of every hour"],
  ["0 */2 * * *", "Every 2 hours"],
  ["15 */2 * * *", "Every 2 hours from 00:15"],
  ["0 1-23/2 * * *", "Every 2 hours from 01:00"],
  ["30 9-17 * * 1-5", "Every hour from 09:30 to 17:30, Monday to Friday"],
  ["*/5 9-17 * * 1-5", "Every 5 minutes from 09:00 to 17:55, Monday to Friday"],
  ["* 9 * * *", "Every minute from 09:00 to 09:59"],
  ["*/15 */2 * * *", "Every 15 minutes in every 2nd hour"],
  ["*/10 8,12,20 * * *", "Every 10 minutes in hours 8, 12 and 20"],
  ["5,35 9-17 * * *", "At minutes 5 and 35 of hours 9 to 17"],
  // Six fields.
  ["* * * * * *", "Every second"],
  ["*/10 * * * * *", "Every 10 seconds"],
  ["*/10 * 9-17 * * *", "Every 10 seconds from 09:00:00 to 17:59:50"],
  ["0,30 * * * * *", "At seconds 0 and 30 of every minute"],
  ["30 */5 * * * *", "Every 5 minutes, at second 30"],
  ["10 0 * * * *", "Every hour, at second 10"],
  // Words.
  ["@hourly", "Every hour"],
  ["@Daily", "Every day at 00:00"],
  ["@midnight", "Every day at 00:00"],
  ["@weekly", "Every Sunday at 00:00"],
  ["@monthly", "On day 1 of every month at 00:00"],
  ["@yearly", "On day 1 of January at 00:00"],
  ["@annually", "On day 1 of January at 00:00"],
];

for (const [expression, text] of told) {
  Deno.test(`cronText tells "${expression}"`, () => {
    assertEquals(cronText(expression), text);
    // It has words for nothing that is no expression.
    parseCron(expression);
  });
}

/** Right, but with no words that are shorter, or exact. */
const untold = [
  "*/7 * * * *",
  "1,2,4,7,9,11,40,50 * * * *",
  "0 9 */2 * *",
  "0 9 29 2 *",
  "0 9 31 6-8 *",
  "0,30 */5 * * * *",
  "0,30 * 9 * * *",
];

for (const expression of untold) {
  Deno.test(`cronText leaves "${expression}" to speak for itself`, () => {
    assertEquals(cronText(expression), undefined);
    parseCron(expression);
  });
}

const wrong = [
  ...["", "* * * *", "* * * * * * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 32 * *"],
  ...["0 0 * 13 *", "0 0 * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *", "0 0 * MON *"],
  ...["0 9 L * *", "0 9 15W * *", "0 9 * * 5#2", "0 9 ? * *", "1,,2 * * * *", "@reboot"],
  ...["constructor", "0 9 30 2 *"],
];

for (const expression of wrong) {
  Deno.test(`cronText has no words for "${expression}", which is no expression`, () => {
    assertEquals(cronText(expression), undefined);
  });
}

Deno.test("everyText tells an interval in the largest unit that is exact", () => {
  const rows = [
    [1, "Every millisecond"],
    [1000, "Every second"],
    [1500, "Every 1500 milliseconds"],
    [
      90_000,
      "Every 90 seconds",
    ],
    [3_600_000, "Every hour"],
    [172_800_000, "Every 2 days"],
  ] as const;
  for (const [ms, text] of rows) assertEquals(everyText(ms), text);
});

Deno.test("scheduleText tells what kind of schedule it is", () => {
  assertEquals(scheduleText({ custom: true }), "When a function of the program says so");
  assertEquals(scheduleText({ every_ms: 60_000 }), "Every minute");
  assertEquals(scheduleText({ cron: "@daily" }), "Every day at 00:00");
  assertEquals(scheduleText({}), undefined);
});
