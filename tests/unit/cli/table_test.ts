import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import { clip, type Column, oneLine, table } from "../../../src/cli/table.ts";

interface Row {
  readonly name: string;
  readonly n: number;
  readonly said: string;
}

const columns: readonly Column<Row>[] = [
  { title: "NAME", cell: ({ name }) => name },
  {
    title: "N",
    cell: ({ n }) => String(n),
    isNumber: true,
    tone: ({ n }) => n > 9 ? "bad" : undefined,
  },
  { title: "SAID", cell: ({ said }) => said, isLong: true },
];
const rows: readonly Row[] = [
  { name: "a", n: 1, said: "short" },
  { name: "日本語", n: 100, said: "a text that is longer than there is room for it" },
];

Deno.test("a table has a head, and columns that stand below each other", () => {
  assertEquals(
    table([rows[0]!], columns, { hasColours: false }),
    "NAME  N  SAID\na     1  short\n",
  );
});

Deno.test("a table is as wide as the terminal, whatever the width of its letters", () => {
  for (const width of [30, 40, 50]) {
    const lines = table(rows, columns, { width, hasColours: false }).trimEnd().split("\n");
    for (const line of lines) assert(unicodeWidth(line) <= width, `${width}: ${line}`);
    assert(lines[2]!.endsWith("…"), lines[2]);
    assert(lines[2]!.startsWith("日本語  100  a text"), lines[2]);
  }
});

Deno.test("colours take no room", () => {
  const plain = table(rows, columns, { hasColours: false });
  const coloured = table(rows, columns, { hasColours: true });
  // deno-lint-ignore no-control-regex
  assertEquals(coloured.replaceAll(/\u001b\[\d*m/g, ""), plain);
  assert(coloured.includes("\u001b[31m100"));
});

Deno.test("a text is cut between what people see as letters", () => {
  assertEquals(clip("family 👨‍👩‍👧‍👦 photo", 10), "family 👨‍👩‍👧‍👦…");
  assertEquals(clip("日本語", 6), "日本語");
  assertEquals(clip("日本語", 5), "日本…");
});

Deno.test("what moves the cursor is taken out", () => {
  assertEquals(oneLine("a\nb\u001b[2Jc\u0000\u009b31m"), "a b [2Jc 31m");
});
