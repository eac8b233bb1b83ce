/** The version stands in deno.json alone, and a release is one of what the changelog tells. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { VERSION } from "../../src/version.ts";
import { trackedFiles } from "../../tools/ok/files.ts";
import { changelogProblems, releaseProblems } from "../../tools/release.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");
const read = (path: string): Promise<string> => Deno.readTextFile(join(ROOT, path));

Deno.test("VERSION and the changelog are as deno.json says", async () => {
  const { version } = JSON.parse(await read("deno.json"));
  assertMatch(version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  assertEquals(VERSION, version);
  assertEquals(changelogProblems(await read("CHANGELOG.md"), version), []);
});

Deno.test("the version is written nowhere else in what is run or built", async () => {
  const named: string[] = [];
  for (const path of await trackedFiles(ROOT)) {
    if (!/^(?:src|tools|lua|dashboard|\.github)\/|^[^/]+\.ts$|^Containerfile$/.test(path)) continue;
    if ((await read(path)).includes(VERSION)) named.push(path);
  }
  assertEquals(named, ["src/version.ts"]);
});

const INTRO = "# Changelog\n\nAll changes.\n\n";
const NEWEST = "## [1.2.0] - 2030-02-01\n\n- Words.\n";
const OLDER = "\n## [1.1.0] - 2030-01-01\n\n- Words.\n";

const CHANGELOGS: readonly (readonly [string, string, readonly RegExp[]])[] = [
  ["has the version first", INTRO + NEWEST + OLDER, []],
  ["has unreleased changes first", `${INTRO}## [Unreleased]\n\n- New.\n${OLDER}`, []],
  ["has no releases yet", `${INTRO}## [Unreleased]\n\n- New.\n`, []],
  ["begins with an older version", INTRO + OLDER, [/must begin with/]],
  [
    "tells of a later version",
    `${INTRO}## [Unreleased]\n\n## [1.10.0] - 2030-03-01\n\n- Words.\n`,
    [/1\.10\.0, which is later than 1\.2\.0/],
  ],
  [
    "tells of what came before the version",
    `${INTRO}## [Unreleased]\n\n## [1.2.0-rc.10] - 2030-01-09\n\n## [1.2.0-rc.9] - 2030-01-08\n${OLDER}`,
    [],
  ],
  ["has no day", `${INTRO}## [1.2.0]\n\n- Words.\n`, [/must tell the day of 1\.2\.0/]],
  [
    "is upside down",
    `${INTRO}## [Unreleased]\n${OLDER}${NEWEST}`,
    [/must have 1\.2\.0 above/],
  ],
];

for (const [what, changelog, expected] of CHANGELOGS) {
  Deno.test(`changelogProblems tells ${expected.length} problems when it ${what}`, () => {
    const problems = changelogProblems(changelog, "1.2.0");
    assertEquals(problems.length, expected.length);
    expected.forEach((pattern, i) => assertMatch(problems[i]!, pattern));
  });
}

const RELEASES: readonly (readonly [string, string, string, readonly RegExp[]])[] = [
  ["all agree", "v1.2.0", INTRO + NEWEST + OLDER, []],
  ["Unreleased is empty", "v1.2.0", `${INTRO}## [Unreleased]\n\n${NEWEST}`, []],
  ["the tag is another", "v1.3.0", INTRO + NEWEST, [/The tag must be v1\.2\.0/]],
  ["the tag has no v", "1.2.0", INTRO + NEWEST, [/The tag must be v1\.2\.0/]],
  [
    "the changelog has not been closed",
    "v1.2.0",
    `${INTRO}## [Unreleased]\n\n- New.\n${OLDER}`,
    [/must have a part \[1\.2\.0\]/, /nothing in \[Unreleased\]/],
  ],
];

for (const [what, tag, changelog, expected] of RELEASES) {
  Deno.test(`releaseProblems tells ${expected.length} problems when ${what}`, () => {
    const problems = releaseProblems({ tag, version: "1.2.0", changelog });
    assertEquals(problems.length, expected.length);
    expected.forEach((pattern, i) => assertMatch(problems[i]!, pattern));
  });
}
