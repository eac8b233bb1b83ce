import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { seededRng, systemRng } from "../../src/rng.ts";

function draw(rng: () => number, n: number): number[] {
  return Array.from({ length: n }, rng);
}

Deno.test("seededRng repeats its numbers when the seed is the same", () => {
  assertEquals(draw(seededRng(7), 100), draw(seededRng(7), 100));
});

Deno.test("seededRng gives other numbers when the seed differs", () => {
  assertNotEquals(draw(seededRng(7), 10), draw(seededRng(8), 10));
});

for (const [name, rng] of [["seededRng", seededRng(1)], ["systemRng", systemRng]] as const) {
  Deno.test(`${name} draws evenly from [0, 1)`, () => {
    const numbers = draw(rng, 20_000);
    assert(numbers.every((n) => n >= 0 && n < 1), "all in [0, 1)");
    assertAlmostEquals(numbers.reduce((a, b) => a + b) / numbers.length, 0.5, 0.02);
  });
}
