/** What `deno task coverage` makes of coverage in the format of lcov. */

import { assertEquals } from "@std/assert";
import { makeReport, readLcov } from "../../tools/coverage/lcov.ts";

const LCOV = `TN:
SF:/there/src/a/one.ts
FNF:0
DA:3,1
DA:4,0
DA:6,0
DA:7,2
DA:9,0
LF:5
LH:2
end_of_record
SF:/there/src/b.ts
DA:1,1
end_of_record
`;

const ONE = { path: "src/a/one.ts", lines: 5, missed: 3, ranges: "4-6, 9" };

Deno.test("readLcov counts lines and names ranges that nothing reached, over lines without code", () => {
  assertEquals(readLcov(LCOV, "/there"), [
    ONE,
    { path: "src/b.ts", lines: 1, missed: 0, ranges: "" },
  ]);
});

Deno.test("makeReport sums by folder, and names what was not reached or not loaded", () => {
  const { summary, text } = makeReport(readLcov(LCOV, "/there"), [
    "src/a/one.ts",
    "src/a/two.ts",
    "src/b.ts",
  ]);
  const short = (lines: string): string[] => lines.replace(/ +/g, " ").split("\n");
  const sums = ["src 1/1 100.0 %", "src/a 2/5 40.0 %", "all 2 files 3/6 50.0 %"];
  assertEquals(short(summary), [...sums, "1 files were not loaded"]);
  assertEquals(short(text).slice(4), [
    "",
    "Lines that no test reaches:",
    "src/a/one.ts 2/5 40.0 % 4-6, 9",
    "1 files more are reached whole",
    "",
    "Not loaded (types alone, or not reached at all):",
    "src/a/two.ts",
    "",
  ]);
});
