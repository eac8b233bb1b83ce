/** The scheduled reports: what was missed over a weekend with 49 hours is in the files. */

import { deepEqual, equal, match } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { daysBefore } from "../../../examples/apps/scheduled-reports/days.ts";
import { csvLine, readCsvLine } from "../../../examples/apps/scheduled-reports/sales.ts";
import { runApp, TempFolder } from "./support.ts";

const TEA = 'tea, "first flush"';

describe("examples/apps/scheduled-reports", () => {
  it("writes a report for each day that was missed, each as long as the day was", async () => {
    await using folder = await TempFolder.make();
    const { stdout } = await runApp("scheduled-reports", { args: [folder.path] });
    match(stdout, /due at 2026-10-24T04:00:00\.000Z\n/);
    const reports = join(folder.path, "reports");
    const read = async (name: string): Promise<string[][]> =>
      (await readFile(join(reports, name), "utf8")).trimEnd().split("\n").map(readCsvLine);

    const names = ["day-2026-10-23", "day-2026-10-24", "day-2026-10-25", "week-2026-10-19"];
    deepEqual(
      (await readdir(reports)).sort(),
      [...names.flatMap((name) => [`${name}.csv`, `${name}.html`]), "queue.csv"].sort(),
    );
    for (const [i, hours] of [24, 24, 25, 169].entries()) {
      deepEqual(await read(`${names[i]}.csv`), [
        ["product", "sales", "cents"],
        ["coffee", `${hours}`, `${350 * hours}`],
        [TEA, `${hours}`, `${420 * hours}`],
      ]);
      const page = await readFile(join(reports, `${names[i]}.html`), "utf8");
      match(page, new RegExp(`<td>tea, &quot;first flush&quot;<td>${hours}<td>`));
    }
    // The days in their order, the week once by its schedule and once as it was triggered.
    deepEqual(
      [...stdout.matchAll(/^(\S+)\.csv: \d+ sales/gm)].map(([, name]) => name),
      [...names, "week-2026-10-19"],
    );

    const [head, ...rows] = await read("queue.csv");
    deepEqual(head, ["at", "completed", "ready", "dead_letters"]);
    equal(rows.length >= 3, true);
    const slots = rows.map(([at = ""]) => Date.parse(at));
    equal(slots.every((at) => at % 1000 === 0), true);
    equal(new Set(slots).size, slots.length);
    equal(slots.every((at) => at > Date.parse("2026-10-23T10:00:00Z")), true);
    const completed = rows.map(([, completed]) => Number(completed));
    deepEqual(completed, completed.toSorted((a, b) => a - b));
    equal(completed.at(-1)! >= 6, true);
  });

  it("knows days of 23, 24 and 25 hours", () => {
    const hours = (at: string, count: number, zone: string): unknown[] => {
      const { fromAt, toAt, name } = daysBefore(Date.parse(at), count, zone);
      return [name, (toAt - fromAt) / 3_600_000];
    };
    deepEqual(hours("2026-03-30T06:00+02:00", 1, "Europe/Berlin"), ["2026-03-29", 23]);
    deepEqual(hours("2026-10-26T00:00+01:00", 1, "Europe/Berlin"), ["2026-10-25", 25]);
    deepEqual(hours("2026-10-26T00:00Z", 1, "UTC"), ["2026-10-25", 24]);
    deepEqual(hours("2026-11-02T12:00-05:00", 7, "America/New_York"), ["2026-10-26", 169]);
  });

  it("reads what it writes", () => {
    for (const values of [["a", "b"], ["", ""], ['"', ",", "x"], [TEA, "1"], ["", "a", ""]]) {
      deepEqual(readCsvLine(csvLine(values)), values);
    }
  });
});
