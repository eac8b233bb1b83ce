/** What makes the package for npm, and what judges its contents; `tests/package` has the package itself. */

import { assertEquals } from "@std/assert";
import { type Config, STAND_INS, withStandIns } from "../../tools/pack/config.ts";
import { withPaths } from "../../tools/pack/finish.ts";
import { contentProblems } from "../package/support/contents.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("withStandIns leaves no jsr import, and lets the stand-ins along", async () => {
  const config: Config & { version: string } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const { imports, publish, version } = withStandIns(config);
  assertEquals(Object.values(imports).filter((target) => target.startsWith("jsr:")), []);
  assertEquals(imports["@std/yaml"], "./tools/std/yaml.ts");
  assertEquals(imports.ioredis, config.imports.ioredis);
  assertEquals(publish.exclude.includes("tools"), false);
  for (const file of Object.values(STAND_INS)) {
    assertEquals(publish.exclude.includes(`!tools/std/${file}.ts`), true);
  }
  assertEquals(version, config.version);
  assertEquals(config.publish.exclude.includes("tools"), true);
});

const MODULES: readonly (readonly [string, string, string, string])[] = [
  [
    "in a folder",
    "src/config/load.js",
    ' */ import { parse } from "@std/yaml";',
    ' */ import { parse } from "../../std/yaml.js";',
  ],
  ["at the top", "mod.js", 'export * from "@std/yaml";', 'export * from "./std/yaml.js";'],
  [
    "loaded when needed",
    "src/a.js",
    'await import("@std/cli/unicode-width")',
    'await import("../std/cli_unicode_width.js")',
  ],
  ["of another package", "src/a.js", 'import "@std/fs";', 'import "@std/fs";'],
  ["only told of", "src/a.js", "// `@std/yaml` reads it", "// `@std/yaml` reads it"],
];

for (const [what, path, before, after] of MODULES) {
  Deno.test(`withPaths resolves names as it must when a module is ${what}`, () => {
    assertEquals(withPaths(before, path), after);
  });
}

const UNREASONABLE: readonly string[] = [
  "tests/unit/x_test.js",
  "tools/pack.js",
  "docs/api.md",
  "dashboard/main.js",
  "examples/01_hello.js",
  "src/gqm.db",
  "src/store/redis/claim.lua",
  "src/run/server.ts",
  "gqm.db-wal",
  "deno.json",
  "ARCHITECTURE.md",
];

Deno.test("contentProblems tells what ought not to be in a package", () => {
  for (const path of UNREASONABLE) {
    const problems = contentProblems(new Map([[path, 10]]));
    assertEquals(problems.filter((line) => !line.endsWith(" is missing")), [
      `${path} ought not to be in it`,
    ]);
  }
});

Deno.test("contentProblems tells what is missing or too large", () => {
  const problems = contentProblems(new Map([["src/big.js", 7_000_000]]));
  for (const path of ["LICENSE", "src/store/redis/scripts.gen.js", "src/run/thread_main.js"]) {
    assertEquals(problems.includes(`${path} is missing`), true);
  }
  assertEquals(problems.slice(-2), ["src/big.js has 7000000 bytes", "all have 7000000 bytes"]);
});
