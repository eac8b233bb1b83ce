/** Generated files: found stale when they differ, and the page of a job's states. */

import { join } from "node:path";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { finalStatuses, statuses, transitions } from "../../src/job/state.ts";
import { type Generated, stale } from "../../tools/gen.ts";
import { statesPage } from "../../tools/gen/states_page.ts";

async function withFolder(use: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "gqm_gen_test_" });
  try {
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const PAGE: Generated = { path: "page.md", render: () => "#  Title\n* point" };

Deno.test("gen finds a file stale when it is missing, changed, or made from something else", () =>
  withFolder(async (root) => {
    const text = "# Title\n\n- point\n";
    assertEquals(await stale(root, [PAGE]), new Map([["page.md", text]]));
    await Deno.writeTextFile(join(root, "page.md"), text);
    assertEquals((await stale(root, [PAGE])).size, 0);
    await Deno.writeTextFile(join(root, "page.md"), text.replace("point", "points"));
    assertEquals([...(await stale(root, [PAGE])).keys()], ["page.md"]);
  }));

Deno.test("gen formats what it makes, but not modules that say so in their name", () =>
  withFolder(async (root) => {
    const code = "export const a   = 1";
    const found = await stale(root, [
      { path: "a.ts", render: () => code },
      { path: "a.gen.ts", render: () => Promise.resolve(code) },
    ]);
    assertEquals([...found], [["a.ts", "export const a = 1;\n"], ["a.gen.ts", code]]);
  }));

Deno.test("gen is told apart by line ends alone when a checkout has its own", () =>
  withFolder(async (root) => {
    await Deno.writeTextFile(join(root, "page.md"), "# Title\r\n\r\n- point\r\n");
    assertEquals((await stale(root, [PAGE])).size, 0);
  }));

Deno.test("statesPage names every status, every move and its reason", () => {
  const page = statesPage();
  for (const status of statuses) assertStringIncludes(page, `| \`${status}\` |`);
  for (const { from, to, by } of transitions) {
    assertStringIncludes(page, `| \`${from}\` | \`${to}\` | ${by} |`);
  }
  assertMatch(page, /```mermaid\nstateDiagram-v2\n {2}\[\*\] --> ready: enqueue\n/);
  assertEquals(page.match(/\| yes \|/g)?.length, finalStatuses.length);
});
