/** Leftovers of work in progress: what is found, and what is not. */

import { assertEquals } from "@std/assert";
import { leftoversIn, privatePaths } from "../../tools/ok/words.ts";

const FOUND = [
  "// TODO: later",
  "/* FIXME */",
  "<<<<<<< HEAD",
  ">>>>>>> branch",
  "throw new Error('not implemented')",
  'Deno.test.only("x", () => {})',
  "describe.only('x')",
  "Deno.test({ only: true })",
];

const FINE = [
  "todo lists are fine",
  "=======",
  "x << 7",
  "gqm_ak_XXX",
  "const only = true;",
  "if (test.onlyThis()) {}",
];

for (const line of FOUND) {
  Deno.test(`leftovers are found in: ${line}`, () => {
    const found = leftoversIn("a.ts", `first\n${line}\n`);
    assertEquals(found.map((problem) => problem.split(" holds ")[0]), ["a.ts:2"]);
  });
}

for (const line of FINE) {
  Deno.test(`leftovers are not found in: ${line}`, () => {
    assertEquals(leftoversIn("a.ts", line), []);
  });
}

Deno.test("leftovers are found when a text names a folder of this machine", () => {
  const patterns = privatePaths(["/some/checkout", "/"]);
  assertEquals(leftoversIn("a.md", "see /some/checkout/src and file:///some/checkout", patterns), [
    "a.md:1 holds a path of this machine: see /some/checkout/src and file:///some/checkout",
  ]);
  assertEquals(leftoversIn("a.md", "GET /v1/some/checkout, /some/checkouts, a / b", patterns), []);
});
