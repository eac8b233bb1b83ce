/** The tables of `docs/schedules.md` about clocks that change say what `nextFire` says. */

import { assertEquals } from "@std/assert";
import { nextFire } from "../../mod.ts";

const page = Deno.readTextFileSync(new URL("../../docs/schedules.md", import.meta.url));

/** Rows of the table below a line that begins with a text. */
function rowsBelow(start: string): string[][] {
  const lines = page.split("\n");
  const first = lines.findIndex((line) => line.startsWith(start));
  if (first < 0) throw new Error(`Cannot find table as it must be there: ${start}`);
  const table = lines.slice(first + 2);
  return table.slice(2, table.indexOf("")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  );
}

/** What fires from midnight of a day until 05:00. */
function fires(expression: string, timeZone: string, day: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    dateStyle: "long",
    timeStyle: "full",
  });
  const partsOf = (at: number): Record<string, string> =>
    Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const offset = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "shortOffset" });
  const found: string[] = [];
  // Midnight is at most 14 hours before, or 12 after, that of UTC.
  let at = Date.parse(`${day} 00:00 UTC`) - 15 * 3_600_000;
  while (true) {
    at = nextFire(expression, timeZone, at)!;
    const { day: date, month, year, hour, minute } = partsOf(at);
    const name = `${Number(date)} ${month} ${year}`;
    if (Date.parse(`${name} UTC`) < Date.parse(`${day} UTC`)) continue;
    if (name !== day || Number(hour) >= 5) return found.join(", ");
    const zone = offset.formatToParts(at).find(({ type }) => type === "timeZoneName")!.value;
    found.push(`${hour}:${minute} ${zone}`);
  }
}

const tables = [
  ...rowsBelow("New York, 8 March 2026").map((row) => ["America/New_York", "8 March 2026", ...row]),
  ...rowsBelow("New York, 1 November 2026").map((
    row,
  ) => ["America/New_York", "1 November 2026", ...row]),
  ...rowsBelow("Elsewhere").map(([zone, day, , ...row]) => [zone!, day!, ...row]),
];

Deno.test("docs/schedules.md has rows of all tables", () => assertEquals(tables.length, 22));

for (const [zone, day, expression, wanted] of tables) {
  Deno.test(`docs/schedules.md is right of '${expression}' in ${zone} on ${day}`, () => {
    assertEquals(fires(expression!, zone!, day!), wanted);
  });
}
