/** What the README says of speed and of others is what the results and the comparison say. */

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "../..");
const read = async (path: string): Promise<string> => await Deno.readTextFile(join(ROOT, path));
const [readme, results, comparison] = await Promise.all(
  ["README.md", "bench/RESULTS.md", "docs/comparison.md"].map(read),
) as [string, string, string];

/** The cells of the first table after a heading. */
function tableAfter(page: string, heading: string): string[][] {
  const lines = page.slice(page.indexOf(`\n${heading}`)).split("\n");
  const first = lines.findIndex((line) => line.startsWith("|"));
  const rest = lines.slice(first);
  const length = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(0, length).filter((line) => !line.startsWith("| --"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

const ratios = tableAfter(readme, "## How fast").slice(1);

Deno.test("the README has ratios", () => assert(ratios.length > 5));

/** Row, who, beside BullMQ, beside bee-queue, and more. */
const measured = tableAfter(results, "### deno ");

for (const [row, bullmq, bee] of ratios) {
  Deno.test(`the README's ratio of "${row}" is the measured one`, () => {
    const found = measured.find(([name, who]) => name === row && who === "gqm");
    assert(found, "no such row in the results");
    const ratio = (text = ""): string => text.split(" ")[0]!;
    assertEquals([bullmq, bee], [ratio(found[2]), ratio(found[3])]);
  });
}

Deno.test("the README compares as the comparison does", () => {
  const plain = (cell: string): string => cell.replaceAll(/\[([^\]]*)\]\[\w+\]/g, "$1");
  assertEquals(
    tableAfter(readme, "## Beside others"),
    tableAfter(comparison, "## At a glance").map((row) => row.map(plain)),
  );
});
