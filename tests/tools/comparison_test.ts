/** `docs/comparison.md` has a source for each cell, and the figures that were measured. */

import { assertEquals, assertNotEquals } from "@std/assert";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
const page = await read("docs/comparison.md");
const results = await read("bench/RESULTS.md");

/** The rows of tables in a text, without heads and rules. */
function rows(text: string): string[][] {
  return text.split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| --"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .filter(([first]) => first !== "");
}

/** What stands below a heading. */
function section(heading: string): string {
  return page.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
}

for (const heading of ["At a glance", "In detail"]) {
  Deno.test(`comparison.md has a source for each cell of "${heading}"`, () => {
    const known = new Set([...page.matchAll(/^\[(\w+)\]: \S+$/gm)].map(([, name]) => name!));
    for (const [title, ...cells] of rows(section(heading))) {
      assertEquals(cells.length, 6, title);
      for (const cell of cells.filter((cell) => cell !== "–")) {
        const names = [...cell.matchAll(/\]\[(\w+)\]/g)].map(([, name]) => name!);
        assertNotEquals(names, [], `${title}: ${cell}`);
        for (const name of names) assertEquals(known.has(name), true, `${title}: ${name}`);
      }
    }
  });
}

/** The rows of the page, with those of the results and the column of ours. */
const measured: readonly (readonly [page: string, results: string, ours: number])[] = [
  ["Enqueue, one by one", "enqueue one by one, jobs/s", 2],
  ["Enqueue, 64 in flight", "enqueue, 64 in flight, jobs/s", 2],
  ["Run, 1 slot, nothing claimed ahead", "drain, concurrency 1, jobs/s", 3],
  ["Run, 1 slot", "drain, concurrency 1, jobs/s", 2],
  ["Run, 100 slots", "drain, concurrency 100, jobs/s", 2],
  ["Enqueue and run at once, 30 slots", "enqueue and process, concurrency 30, jobs/s", 2],
  ["100 KB of payload, enqueue and run", "100 KB payloads, enqueue and process, jobs/s", 2],
  ["An idle worker begins a job after, ms", "idle pick-up p50, ms", 2],
];
const THEIRS = 4;

Deno.test("comparison.md has the medians of bench/RESULTS.md", () => {
  const runtimes = ["deno", "node", "bun"].map((name) =>
    rows(
      results.split(`\n### ${name} `)[1]!.split("\n### ")[0]!.split("\nMedians of the rounds:")[1]!,
    )
  );
  const expected = measured.map(([title, name, ours]) => [
    title,
    ...runtimes.flatMap((all) => {
      const row = all.find(([first]) => first === name)!;
      return [row[THEIRS]!, row[ours]!];
    }),
  ]);
  assertEquals(rows(section("Throughput")).slice(1), expected);
});
