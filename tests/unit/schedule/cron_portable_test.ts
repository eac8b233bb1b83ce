import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { InvalidCronError, InvalidOptionError, nextFire } from "../../../mod.ts";
import { CALENDAR_ROWS } from "./cron_calendar_rows.ts";
import { CLOCK_ROWS } from "./cron_clock_rows.ts";
import { REFUSED_ROWS } from "./cron_refused_rows.ts";

interface Row {
  readonly zone: string;
  readonly expression: string;
  readonly after: string;
  readonly fires: readonly string[];
}

/** Reads a table: a line without columns names the zone of those that follow. */
function rowsOf(table: string): Row[] {
  const rows: Row[] = [];
  let zone = "";
  for (const line of table.split("\n")) {
    const [expression = "", after, fires] = line.split("|");
    if (line === "" || line.startsWith("#")) continue;
    if (after === undefined || fires === undefined) zone = line;
    else rows.push({ zone, expression, after: after.trim(), fires: fires.trim().split(", ") });
  }
  return rows;
}

const rows = [...rowsOf(CALENDAR_ROWS), ...rowsOf(CLOCK_ROWS)];

for (const { zone, expression, after, fires } of rows) {
  test(`nextFire tells ${fires[0]} when '${expression.trim()}' is in ${zone} after ${after}`, () => {
    let last: number | null = Date.parse(after);
    const found = fires.map(() => last = nextFire(expression, zone, last!));
    deepEqual(found.map(isoOf), fires.map((fire) => isoOf(Date.parse(fire))));
  });
}

test("nextFire has a table of at least 200 rows, and one of 60 refused expressions", () => {
  ok(rows.length >= 200, `${rows.length}`);
  ok(REFUSED_ROWS.length >= 60, `${REFUSED_ROWS.length}`);
});

for (const [expression, field, reason] of REFUSED_ROWS) {
  test(`nextFire refuses the ${field ?? "expression"} when it is given ${JSON.stringify(expression)}`, () => {
    throws(() => nextFire(expression as string), (error: unknown) => {
      ok(error instanceof InvalidCronError && error instanceof InvalidOptionError);
      equal(error.code, "INVALID_CRON");
      equal(error.expression, expression);
      equal(error.field, field);
      ok(error.reason.includes(reason), error.reason);
      ok(error.message.includes(`'${field ?? "expression"}' must ${error.reason}`), error.message);
      return true;
    });
  });
}

test("nextFire names expression, field and value when it refuses", () => {
  throws(() => nextFire("0 24 * * *"), {
    message: "Cannot use cron '0 24 * * *' as 'hour' must be from 0 to 23: current value is '24'",
  });
  throws(() => nextFire("* * *"), {
    message:
      "Cannot use cron as 'expression' must have 5 fields (minute, hour, day of month, month, " +
      "day of week), or 6 with the second first: current value is '* * *'",
  });
});

for (const zone of ["", "Z", "Mars/Olympus", "+25:00", "UTC+2", "local", 3, null]) {
  test(`nextFire refuses the zone when it is ${JSON.stringify(zone)}`, () => {
    throws(() => nextFire("* * * * *", zone as string, 0), InvalidOptionError);
  });
}

for (const after of [NaN, Infinity, 8.64e15 + 1, new Date(NaN), "2024-01-01", null]) {
  test(`nextFire refuses the instant when it is ${after}`, () => {
    throws(() => nextFire("* * * * *", "UTC", after as number), InvalidOptionError);
  });
}

test("nextFire takes UTC and the present when no zone and no instant is given", () => {
  const before = Date.now();
  const next = nextFire("* * * * * *")!;
  ok(next > before && next <= Date.now() + 1000, `${next - before}`);
  equal(nextFire("0 0 * * *", undefined, 0), 86_400_000);
});

test("nextFire takes zones in any case, and offsets, when the runtime does", () => {
  const after = Date.parse("2024-01-01T00:00Z");
  equal(nextFire("0 9 * * *", "europe/berlin", after), Date.parse("2024-01-01T09:00+01:00"));
  equal(nextFire("0 9 * * *", "utc", after), Date.parse("2024-01-01T09:00Z"));
  equal(nextFire("0 9 * * *", "+05:45", after), Date.parse("2024-01-01T09:00+05:45"));
  equal(nextFire("0 9 * * *", "-03:30", after), Date.parse("2024-01-01T09:00-03:30"));
});

test("nextFire tells null when time ends before the next fire", () => {
  equal(nextFire("* * * * * *", "UTC", 8.64e15), null);
  equal(nextFire("0 0 29 2 *", "Europe/Berlin", 8.64e15 - 86_400_000), null);
});

function isoOf(instant: number | null): string {
  return instant === null ? "never" : new Date(instant).toISOString();
}
