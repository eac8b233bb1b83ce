/** The list of weaknesses names tests that are there. */

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { conformanceCases } from "../../src/testing/conformance/cases.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");
const PAGE = "docs/weaknesses.md";
/** The last of the list. */
const LAST = 33;

const page = await Deno.readTextFile(join(ROOT, PAGE));
const rows = page.split("\n").filter((line) => /^\| \d/.test(line))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
const [answers = [], proofs = []] = Map.groupBy(
  rows,
  ([, middle = ""]) => middle === "" || middle.startsWith("tests/"),
).values();
const all = Array.from({ length: LAST }, (_, i) => String(i + 1));

/** The texts between quotes in a file, what is put into them left out. */
async function textsOf(path: string): Promise<Set<string>> {
  const source = await Deno.readTextFile(join(ROOT, path));
  const quoted = source.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g);
  const texts = [...quoted].map(([, plain, template]) => plain ?? template!);
  return new Set(texts.map((text) => text.replaceAll(/\$\{[^{}]*\}/g, "…")));
}

Deno.test("the list of weaknesses has an answer to each, and tests", () => {
  assertEquals(answers.map(([number]) => number), all);
  const tested = [...new Set(proofs.map(([number]) => number))];
  assertEquals(tested, all);
});

/** Those of the siblings: name, weakness, answer, file, title. */
const siblings = page.split("\n").filter((line) => /^\| (GoFastr|goque|work) +\d/.test(line))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

Deno.test("each test that the list of weaknesses names is there", async () => {
  const cases = new Set(conformanceCases.map(({ stage, name }) => `${stage}: ${name}`));
  const files = new Map<string, Set<string>>();
  const named = siblings.map(([name, , , path, title]) => [name, path, title]);
  assert(named.length > 0, "siblings have rows");
  for (const [number, path = "", title = ""] of [...proofs, ...named]) {
    if (path !== "" && !files.has(path)) files.set(path, await textsOf(path));
    const titles = path === "" ? cases : files.get(path)!;
    assert(
      titles.has(title),
      `${PAGE}, ${number}: ${path || "conformance"} has no test "${title}"`,
    );
  }
});
