/** The gate's own checks: what the lock may hold, and what counts as left over. */

import { assertEquals, assertMatch } from "@std/assert";
import { problemsOf } from "../../tools/ok/lock.ts";
import { sourceFiles, withBlocks } from "../../tools/ok/files.ts";
import { missingProblems } from "../../tools/ok/publish.ts";

const NPM = {
  version: "5",
  specifiers: { "npm:ioredis@6": "6.0.0" },
  npm: { "ioredis@6.0.0": {} },
};

Deno.test("lock is fine when it holds npm packages alone", () => {
  const workspace = { dependencies: ["jsr:@std/yaml@1", "npm:ioredis@6"] };
  assertEquals(problemsOf(JSON.stringify({ ...NPM, workspace })), []);
});

const FOREIGN: readonly (readonly [string, unknown, RegExp])[] = [
  ["has jsr packages", { ...NPM, jsr: { "@std/yaml@1.0.0": {} } }, /has "jsr" entries.*, do git/],
  ["pins a jsr version", { ...NPM, specifiers: { "jsr:@std/yaml@1": "1.0.0" } }, /pins jsr:@std/],
  ["has remote modules", { ...NPM, remote: {} }, /has "remote" entries/],
  [
    "names a server",
    { ...NPM, npm: { "x@1.0.0": { tarball: "http://h/x.tgz" } } },
    /for x@1\.0\.0/,
  ],
];

for (const [what, lock, expected] of FOREIGN) {
  Deno.test(`lock is refused when it ${what}`, () => {
    const problems = problemsOf(JSON.stringify(lock));
    assertEquals(problems.length, 1);
    assertMatch(problems[0] ?? "", expected);
  });
}

Deno.test("sourceFiles are the library's modules, without the generated and those of threads", () => {
  const files = ["cli.ts", "mod.ts", "src/a.ts", "src/a/b.gen.ts", "src/a/c_main.ts", "src/a.json"];
  assertEquals(sourceFiles([...files, "tests/src/a.ts"]), ["mod.ts", "src/a.ts"]);
});

Deno.test("withBlocks are the files that have blocks of code", async () => {
  const root = await Deno.makeTempDir({ prefix: "gqm_ok_test_" });
  try {
    await Deno.writeTextFile(`${root}/a.md`, "none `here`\n");
    await Deno.writeTextFile(`${root}/b.ts`, "/**\n * ```ts\n * f();\n * ```\n */\n");
    assertEquals(await withBlocks(root, ["a.md", "b.ts"]), ["b.ts"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

const PUBLISHED = `Simulating publish of @gqm/gqm@0.1.0 with files:
   file:///somewhere/THIRD_PARTY_LICENSES.txt (13KB)
   file:///somewhere/src/cli/licenses.gen.ts (20KB)
   file:///somewhere/src/monitor/dashboard/assets.gen.ts (240KB)
   file:///somewhere/src/monitor/dashboard/sources.gen.ts (402KB)`;
const PACKED = `Files that would be packed:
  src/monitor/dashboard/assets.gen.js
  src/cli/licenses.gen.ts
  THIRD_PARTY_LICENSES.txt
  src/monitor/dashboard/sources.gen.ts`;

Deno.test("a package is fine when it has what was built, published or packed", () => {
  assertEquals(missingProblems(PUBLISHED), []);
  assertEquals(missingProblems(PACKED), []);
});

Deno.test("a package is refused when something that was built is not in it", () => {
  for (const output of [PUBLISHED, PACKED]) {
    for (const name of ["THIRD_PARTY_LICENSES", "licenses", "assets", "sources"]) {
      const [problem = "", ...more] = missingProblems(output.replace(name, "other"));
      assertMatch(problem, new RegExp(`${name}.* is missing: rule `));
      assertEquals(more, []);
    }
  }
  // A line of another tool that names it lists nothing.
  const warned = "Could not generate types for 'file:///x/src/monitor/dashboard/assets.gen.ts'.";
  assertEquals(missingProblems(warned).length, 4);
});
