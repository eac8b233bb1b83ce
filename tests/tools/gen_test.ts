/** Generated files: found stale when they differ, and the page of a job's states. */

import { join } from "node:path";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { finalStatuses, statuses, transitions } from "../../src/job/state.ts";
import { type Generated, stale } from "../../tools/gen.ts";
import { eventsPage } from "../../tools/gen/events_page.ts";
import { keysPage, usersOf } from "../../tools/gen/keys_page.ts";
import type { LuaFile } from "../../tools/gen/lua_file.ts";
import type { RedisKey } from "../../tools/gen/redis_keys.ts";
import { scriptsPage } from "../../tools/gen/scripts_page.ts";
import { statesPage } from "../../tools/gen/states_page.ts";
import { tablesOf, tablesPage } from "../../tools/gen/tables_page.ts";
import { scripts } from "../../src/store/redis/scripts.gen.ts";
import { clientEvents, serverEvents } from "../../src/events/event.ts";
import { SCHEMA } from "../../src/store/sqlite/schema.ts";

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

Deno.test("scriptsPage has a part for every script, and eventsPage a line for every event", () => {
  const page = scriptsPage();
  for (const name of Object.keys(scripts)) assertMatch(page, new RegExp(`^### ${name}$`, "m"));
  const events = eventsPage();
  for (const name of [...serverEvents, ...clientEvents, "dead_letter", "removed"]) {
    assertStringIncludes(events, `| \`${name}\` | `);
  }
});

Deno.test("tablesPage has every table, column and index of the schema", () => {
  const page = tablesPage();
  const tables = tablesOf(SCHEMA);
  assertEquals(tables.length, SCHEMA.match(/^CREATE TABLE /gm)?.length);
  for (const { name, columns } of tables) {
    assertMatch(page, new RegExp(`^## ${name}$`, "m"));
    for (const [column] of columns) assertStringIncludes(page, `| \`${column}\` | `);
  }
  assertEquals(page.match(/^- Index /gm)?.length, SCHEMA.match(/^CREATE INDEX /gm)?.length);
});

Deno.test("keysPage tells writers from readers", () => {
  const page = keysPage();
  assertMatch(page, /^\| `hours:\{pair\}` \| roll \| series \|$/m);
  assertMatch(page, /^\| `errors` \| error_group\\\* \| errors \|$/m);
});

const HASH: RedisKey = { key: "a:{id}", type: "hash", holds: "" };
const KEYS: readonly (readonly [string, string, readonly RedisKey[], RegExp])[] = [
  ["a key of the code is not listed", "redis.call('GET', R .. 'b')", [HASH], /'b' of lua\/x\.lua/],
  [
    "a command is for another type",
    "redis.call('GET', R .. 'a:' .. id)",
    [HASH],
    /for a hash.*GET/,
  ],
  ["no command is seen", "M.give(R .. 'a:' .. id)", [HASH], /'a:' in none/],
  ["no script uses a key", "redis.call('HGET', R .. 'a:' .. id, 1)", [HASH, {
    ...HASH,
    key: "c",
  }], /used by a script: 'c' is not/],
  ["it expires and does not say so", "local k = R .. 'a:' .. id\nredis.call('EXPIRE', k, 9)", [
    HASH,
  ], /'a:\{id\}' expires/],
];

for (const [what, code, keys, expected] of KEYS) {
  Deno.test(`keysPage is refused when ${what}`, () => {
    const name = /R \.\. '([^']*)'/.exec(code)![1]!;
    const file: LuaFile = { path: "lua/x.lua", header: new Map([["keys", name]]), code };
    const { message } = assertThrows(() => usersOf([file], keys), Error);
    assertMatch(message, expected);
  });
}
