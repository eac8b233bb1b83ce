/** What the page of troubleshooting quotes is what the code says. */

import { assert } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");
/** What others say: Redis, SQLite, Node and Deno. */
const OF_OTHERS = [
  "appendfsync everysec",
  "OOM command not allowed",
  "database disk image is malformed",
  'Unknown file extension ".ts"',
  "Requires net access",
  "Requires env access",
  "Access to this API has been restricted",
  "JSR package manifest",
  "can't run this command",
];

async function sourcesUnder(folder: string): Promise<string> {
  let all = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) all += await sourcesUnder(path);
    else if (name.endsWith(".ts") && !name.endsWith(".gen.ts")) {
      all += await Deno.readTextFile(path);
    }
  }
  return all;
}

Deno.test("each message and code of the page of troubleshooting is in the sources", async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs", "troubleshooting.md"));
  // Where a text goes on in another line of the sources, or has a value in it, the page quotes a part.
  const sources = (await sourcesUnder(join(ROOT, "src"))).replace(/["`] \+\n\s*["`]/g, "");
  const spans = [...page.replace(/```[^]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(([, one]) =>
    one!
  );
  const messages = spans.filter((span) =>
    /^[A-Za-z'][a-z']+ .*[a-z]/.test(span) &&
    !/^(gqm|deno|redis-cli|sqlite3|curl|fuser)\b/.test(span)
  );
  const codes = spans.filter((span) => /^[A-Z]+(_[A-Z]+)+$/.test(span) && !span.startsWith("GQM_"));
  assert(messages.length > 20 && codes.length > 8);
  for (const quoted of [...messages, ...codes]) {
    if (OF_OTHERS.includes(quoted) || quoted.includes(";")) continue;
    assert(sources.includes(quoted), quoted);
  }
});
