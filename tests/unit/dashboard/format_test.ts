/** How numbers, times and sizes are written. */

import { assertEquals } from "@std/assert";
import * as format from "../../../dashboard/format.js";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Registers a test of a function: what it is given, and what it writes. */
function testTable<T>(
  name: string,
  write: (value: T) => string,
  rows: readonly (readonly [T, string])[],
): void {
  Deno.test(name, () => {
    assertEquals(rows.map(([value]) => [value, write(value)]), rows.map((row) => [...row]));
  });
}

testTable("count is in full up to 99 999, and short from there", format.count, [
  [0, "0"],
  [-0, "0"],
  [1, "1"],
  [999, "999"],
  [1000, "1,000"],
  [99_999, "99,999"],
  [100_000, "100K"],
  [123_456, "123.5K"],
  [999_999, "1M"],
  [1_500_000, "1.5M"],
  [-5, "-5"],
  [-1_500_000, "-1.5M"],
  [Number.MAX_SAFE_INTEGER, "9007.2T"],
  [NaN, "–"],
  [Infinity, "–"],
]);

testTable("fullCount leaves nothing out", format.fullCount, [
  [0, "0"],
  [123_456_789, "123,456,789"],
  [NaN, "–"],
]);

Deno.test("many says one, or several", () => {
  assertEquals([0, 1, 2, 1000].map((n) => format.many(n, "job")), [
    "0 jobs",
    "1 job",
    "2 jobs",
    "1,000 jobs",
  ]);
});

testTable("rate is per second, or per minute if that is little", format.rate, [
  [0, "0/s"],
  [0.001, "0.06/min"],
  [0.05, "3/min"],
  [0.0999, "6/min"],
  [0.1, "0.1/s"],
  [2.345, "2.3/s"],
  [99.4, "99.4/s"],
  [99.96, "100/s"],
  [1234.5, "1,235/s"],
  [NaN, "–"],
]);

testTable<number | null | undefined>("duration has the two units that matter", format.duration, [
  [undefined, "–"],
  [null, "–"],
  [NaN, "–"],
  [Infinity, "–"],
  [0, "0 ms"],
  [-0, "0 ms"],
  [0.0004, "0.0004 ms"],
  [0.4, "0.4 ms"],
  [0.999, "1 ms"],
  [1, "1 ms"],
  [9.99, "10 ms"],
  [12.4, "12 ms"],
  [999, "999 ms"],
  [999.4, "999 ms"],
  [999.5, "1 s"],
  [1000, "1 s"],
  [1234, "1.2 s"],
  [12_345, "12.3 s"],
  [59_949, "59.9 s"],
  [59_950, "1 m"],
  [59_999, "1 m"],
  [MINUTE_MS, "1 m"],
  [61 * SECOND_MS, "1 m 1 s"],
  [HOUR_MS - 1, "59 m 59 s"],
  [HOUR_MS, "1 h"],
  [HOUR_MS + MINUTE_MS, "1 h 1 m"],
  [DAY_MS - 1, "23 h 59 m"],
  [DAY_MS, "1 d"],
  [DAY_MS + HOUR_MS + 30 * MINUTE_MS, "1 d 1 h"],
  [1000 * DAY_MS, "1000 d"],
  [-5, "-5 ms"],
  [-1500, "-1.5 s"],
  [-90 * MINUTE_MS, "-1 h 30 m"],
]);

testTable<number>(
  "relative says how long ago, or in how long",
  (atMs) => format.relative(atMs, 10 * DAY_MS),
  [
    [10 * DAY_MS, "now"],
    [10 * DAY_MS - 1499, "now"],
    [10 * DAY_MS + 1499, "now"],
    [10 * DAY_MS - 1500, "1 s ago"],
    [10 * DAY_MS + 1500, "in 1 s"],
    [10 * DAY_MS - 59_999, "59 s ago"],
    [10 * DAY_MS - MINUTE_MS, "1 m ago"],
    [10 * DAY_MS + HOUR_MS, "in 1 h"],
    [7 * DAY_MS, "3 d ago"],
    [NaN, "–"],
  ],
);

testTable("bytes are in thousands", format.bytes, [
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1 KB"],
  [1234, "1.2 KB"],
  [12_345, "12.3 KB"],
  [999_499, "999 KB"],
  [999_500, "1 MB"],
  [5_000_000, "5 MB"],
  [2.5e12, "2.5 TB"],
  [1e18, "1,000,000 TB"],
  [-2000, "-2 KB"],
  [NaN, "–"],
]);

testTable("percent is a share of one", format.percent, [
  [0, "0 %"],
  [0.004, "0.4 %"],
  [0.4, "40 %"],
  [0.999, "99.9 %"],
  [1, "100 %"],
  [2.5, "250 %"],
  [NaN, "–"],
]);

Deno.test("statusName is how people say it", () => {
  assertEquals(["ready", "dead_letter"].map(format.statusName), ["ready", "dead letter"]);
});

Deno.test("wall shows a zone's own clock as it was told", () => {
  assertEquals(
    format.wall("2026-03-29T03:00:00.000+02:00"),
    "2026-03-29 03:00:00 +02:00",
  );
});

Deno.test("clock and day name a time of a chart by the clock of whoever looks", () => {
  const at = new Date(2026, 2, 9, 7, 5).getTime();
  assertEquals([format.clock(at), format.day(at)], ["07:05", "Mon 9"]);
});
