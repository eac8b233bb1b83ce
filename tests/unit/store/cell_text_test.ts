import { assertEquals } from "@std/assert";
import {
  decodeDepth,
  decodeHistogram,
  encodeDepth,
  encodeHistogram,
} from "../../../src/store/cell_text.ts";

for (
  const [counts, text] of [
    [[], ""],
    [[[0, 1]], "0:1"],
    [[[3, 12], [4, 1], [7, 5]], "3:12,1,,,5"],
    [[[0, 1], [125, 2]], `0:1${",".repeat(125)}2`],
  ] as const
) {
  Deno.test(`encodeHistogram writes what decodeHistogram reads: '${text.slice(0, 20)}'`, () => {
    assertEquals(encodeHistogram(new Map(counts)), text);
    assertEquals(decodeHistogram(text), counts);
  });
}

Deno.test("decodeHistogram counts what it cannot read for nothing", () => {
  for (const text of ["x", ":1", "3:a,b"]) assertEquals(decodeHistogram(text), []);
});

Deno.test("encodeDepth writes what decodeDepth reads", () => {
  const depth = { ready: 1, scheduled: 0, deferred: 20, processing: 3, retry: 4 };
  assertEquals(encodeDepth(depth), "1,0,20,3,4");
  assertEquals(decodeDepth("1,0,20,3,4"), depth);
  assertEquals([encodeDepth(null), decodeDepth("")], ["", null]);
});
