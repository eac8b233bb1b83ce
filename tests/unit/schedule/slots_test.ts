import { assertEquals, assertThrows } from "@std/assert";
import type { TimingRules } from "../../../src/schedule/definition.ts";
import { dueSlots } from "../../../src/schedule/slots.ts";
import { type NextSlot, timingOf } from "../../../src/schedule/timing.ts";

const at = Date.parse;

interface Row {
  readonly name: string;
  readonly rules: Partial<TimingRules>;
  readonly first: string;
  readonly now: string;
  readonly keep?: number;
  readonly jitter?: number;
  readonly newest: readonly string[];
  readonly count: number;
  readonly isMore?: boolean;
  readonly next: string | null;
}

const rows: readonly Row[] = [
  {
    name: "one slot is due",
    rules: { cron: "0 * * * *" },
    first: "2026-01-01T10:00Z",
    now: "2026-01-01T10:00Z",
    newest: ["2026-01-01T10:00Z"],
    count: 1,
    next: "2026-01-01T11:00Z",
  },
  {
    name: "none is due yet",
    rules: { cron: "0 * * * *" },
    first: "2026-01-01T10:00Z",
    now: "2026-01-01T09:59:59.999Z",
    newest: [],
    count: 0,
    next: "2026-01-01T10:00Z",
  },
  {
    name: "some were missed",
    rules: { cron: "0 * * * *" },
    first: "2026-01-01T10:00Z",
    now: "2026-01-01T14:30Z",
    keep: 2,
    newest: ["2026-01-01T13:00Z", "2026-01-01T14:00Z"],
    count: 5,
    next: "2026-01-01T15:00Z",
  },
  {
    name: "a year of seconds was missed",
    rules: { everyMs: 1000 },
    first: "2026-01-01T00:00Z",
    now: "2027-01-01T00:00:00.500Z",
    keep: 2,
    newest: ["2026-12-31T23:59:59Z", "2027-01-01T00:00Z"],
    count: 365 * 86_400 + 1,
    next: "2027-01-01T00:00:01Z",
  },
  {
    name: "a year of seconds of a cron expression was missed",
    rules: { cron: "* * * * * *" },
    first: "2026-01-01T00:00Z",
    now: "2027-01-01T00:00:00.500Z",
    keep: 2,
    newest: ["2026-12-31T23:59:59Z", "2027-01-01T00:00Z"],
    count: 1002,
    isMore: true,
    next: "2027-01-01T00:00:01Z",
  },
  {
    name: "many were missed that come in bursts a year apart",
    rules: { cron: "* 0 0 1 1 *" },
    first: "2000-01-01T00:00Z",
    now: "2026-06-01T00:00Z",
    keep: 3,
    newest: ["2026-01-01T00:00:57Z", "2026-01-01T00:00:58Z", "2026-01-01T00:00:59Z"],
    count: 1003,
    isMore: true,
    next: "2027-01-01T00:00Z",
  },
  {
    name: "many were missed that come in bursts longer than one look",
    rules: { cron: "* * * 1 1 *" },
    first: "2020-01-01T00:00Z",
    now: "2026-06-01T00:00Z",
    keep: 2,
    newest: ["2026-01-01T23:59:58Z", "2026-01-01T23:59:59Z"],
    count: 1002,
    isMore: true,
    next: "2027-01-01T00:00Z",
  },
  {
    name: "those with jitter are due later",
    rules: { cron: "0 * * * *" },
    first: "2026-01-01T10:00Z",
    now: "2026-01-01T12:00Z",
    keep: 9,
    jitter: 600_000,
    newest: ["2026-01-01T10:00Z", "2026-01-01T11:00Z"],
    count: 2,
    next: "2026-01-01T12:00Z",
  },
  {
    name: "many with jitter were missed",
    rules: { everyMs: 1000 },
    first: "2026-01-01T00:00Z",
    now: "2026-01-01T12:00Z",
    jitter: 5000,
    newest: ["2026-01-01T11:59:55Z"],
    count: 12 * 3600 - 4,
    next: "2026-01-01T11:59:56Z",
  },
  {
    name: "the last one comes before the end",
    rules: { everyMs: 3_600_000, endAt: at("2026-01-01T11:59Z") },
    first: "2026-01-01T10:00Z",
    now: "2026-01-01T18:00Z",
    newest: ["2026-01-01T11:00Z"],
    count: 2,
    next: null,
  },
  {
    name: "the slot of the spring gap comes after it",
    rules: { cron: "30 2 * * *", timeZone: "America/New_York" },
    first: "2026-03-07T07:30Z",
    now: "2026-03-09T12:00Z",
    keep: 9,
    newest: ["2026-03-07T07:30Z", "2026-03-08T07:00Z", "2026-03-09T06:30Z"],
    count: 3,
    next: "2026-03-10T06:30Z",
  },
  {
    name: "the repeated hour fires a fixed time once and an interval twice",
    rules: { cron: "30 1 * * *", timeZone: "America/New_York" },
    first: "2026-11-01T05:30Z",
    now: "2026-11-02T12:00Z",
    keep: 9,
    newest: ["2026-11-01T05:30Z", "2026-11-02T06:30Z"],
    count: 2,
    next: "2026-11-03T06:30Z",
  },
];

const isoOf = (slots: readonly number[]): string[] =>
  slots.map((slot) => new Date(slot).toISOString());

for (const row of rows) {
  Deno.test(`dueSlots tells what is due when ${row.name}`, () => {
    const timing = timingOf({ timeZone: "UTC", ...row.rules });
    const { jitter = 0, keep = 1 } = row;
    const due = dueSlots(timing, {
      first: at(row.first),
      now: at(row.now),
      keep,
      delayOf: () => jitter,
      maxDelayMs: jitter,
    });
    assertEquals({ ...due, newest: isoOf(due.newest) }, {
      newest: isoOf(row.newest.map(at)),
      count: row.count,
      isMore: row.isMore ?? false,
      next: row.next === null ? null : at(row.next),
    });
  });
}

Deno.test("dueSlots asks the function of a custom schedule for what it said last only", () => {
  const asked: number[] = [];
  const next: NextSlot = (t) => {
    asked.push(t);
    return t + 10;
  };
  const timing = timingOf({ timeZone: "UTC", custom: true }, next);
  const query = { now: 100_000, keep: 1, delayOf: () => 0, maxDelayMs: 0 };
  const due = dueSlots(timing, { ...query, first: 10 });
  assertEquals([due.newest, due.count, due.next], [[10_000], 1000, 10_010]);
  assertEquals(asked.length, 1000);
  assertEquals(asked.every((t, i) => t === 10 * (i + 1)), true);
});

Deno.test("timingOf ends a custom schedule when its function goes back or says null", () => {
  const cases: [unknown, number | null][] = [[null, null], [5, null], [4, null], [5.5, 6], [6, 6]];
  for (const [says, next] of cases) {
    const timing = timingOf({ timeZone: "UTC", custom: true }, () => says as number | null);
    assertEquals(timing.next(5), next);
  }
  for (const says of [NaN, Infinity, "6", undefined]) {
    const timing = timingOf({ timeZone: "UTC", custom: true }, () => says as number);
    assertThrows(() => timing.next(5), TypeError, "'next' must return epoch milliseconds or null");
  }
});

Deno.test("timingOf counts intervals from 1970, or from the start", () => {
  const plain = timingOf({ timeZone: "UTC", everyMs: 7000 });
  assertEquals([0, 6999, 7000, -1].map((t) => plain.next(t)), [7000, 7000, 14_000, 0]);
  const later = timingOf({ timeZone: "UTC", everyMs: 7000, startAt: 100_001 });
  assertEquals([0, 100_000, 100_001].map((t) => later.next(t)), [100_001, 100_001, 107_001]);
});
