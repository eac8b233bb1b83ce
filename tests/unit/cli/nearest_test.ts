import { assertEquals } from "@std/assert";
import { nearestName, suggestion } from "../../../src/nearest.ts";

const known = ["queue", "queues", "status", "store", "id", "max-retry"];
const rows: readonly (readonly [string, string | undefined])[] = [
  ["queu", "queue"],
  ["qeue", "queue"],
  ["quesue", "queue"],
  ["Queues", "queues"],
  ["stauts", "status"],
  ["max-retyr", "max-retry"],
  ["di", "id"],
  ["zz", undefined],
  ["", undefined],
  ["something", undefined],
  ["q".repeat(10_000), undefined],
];
for (const [wrong, meant] of rows) {
  Deno.test(`'${wrong.slice(0, 20)}' may have meant ${meant}`, () =>
    assertEquals(nearestName(wrong, known), meant));
}

Deno.test("a suggestion is the end of a message, or nothing", () => {
  assertEquals(suggestion("stor", known, "--"), "; did you mean '--store'?");
  assertEquals(suggestion("xyz", known), "");
});
