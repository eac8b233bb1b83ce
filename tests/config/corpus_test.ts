/**
 * The readers of YAML agree: `@std/yaml`, by which configurations are loaded, and the document parser,
 * by which places are found and files are edited. On Deno, where `@std/yaml` can be had.
 */

import { parse as parseStd } from "@std/yaml";
import { assertEquals } from "@std/assert";
import { parseDocument } from "yaml";
import { fixtures, problemsOf, read } from "../support/config.ts";

const asDocument = (text: string): unknown =>
  parseDocument(text, { customTags: ["merge", "timestamp"] }).toJS();

for (const { name, text } of await fixtures()) {
  Deno.test(`both readers of YAML make the same of ${name}`, () => {
    const problems = problemsOf(text, parseStd);
    assertEquals(problems, problemsOf(text, asDocument));
    if (problems.length === 0) assertEquals(read(text, parseStd), read(text, asDocument));
  });
}
