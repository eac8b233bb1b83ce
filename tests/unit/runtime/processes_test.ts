import { deepEqual, equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { argumentsOfDeno, configOf, flagsOfProcess } from "../../../src/runtime/processes.ts";

describe("flagsOfProcess", () => {
  const cases: readonly [string, readonly string[], number | undefined, readonly string[]][] = [
    ["has none where there are none", [], undefined, []],
    ["adds the limit last", ["--max-old-space-size=4096"], 64, [
      "--max-old-space-size=4096",
      "--max-old-space-size=64",
    ]],
    [
      "keeps what loads and configures",
      ["--import", "tsx", "-r", "./a.cjs", "--conditions=x"],
      undefined,
      ["--import", "tsx", "-r", "./a.cjs", "--conditions=x"],
    ],
    ["drops a program given as text", ["--input-type", "module", "-e", "1 + 1"], undefined, []],
    ["drops one that is printed", ["-pe", "1", "--eval=2", "--print", "3"], undefined, []],
    [
      "drops what inspects, watches and tests",
      ["--inspect-brk=0", "--watch", "--watch-path", "./a", "--test", "--test-name-pattern=a"],
      undefined,
      [],
    ],
    ["keeps what stands after those", ["--inspect", "--no-warnings"], undefined, ["--no-warnings"]],
  ];
  for (const [what, own, limit, expected] of cases) {
    it(what, () => deepEqual(flagsOfProcess(own, limit), expected));
  }
});

describe("configOf", () => {
  it("finds the nearest configuration, in the folder of a module or above", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gqm-config-"));
    try {
      await mkdir(join(folder, "app/jobs"), { recursive: true });
      await writeFile(join(folder, "deno.json"), "{}");
      const module = pathToFileURL(join(folder, "app/jobs/handlers.ts"));
      equal(configOf(module), join(folder, "deno.json"));
      await writeFile(join(folder, "app/deno.jsonc"), "{}");
      equal(configOf(module), join(folder, "app/deno.jsonc"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  it("finds none for a module that is not a file", () => {
    equal(configOf(new URL("https://example.com/handlers.ts")), undefined);
  });
});

describe("argumentsOfDeno", () => {
  it("name the configuration and the limit before the file", () => {
    const entry = new URL("https://example.com/thread.ts");
    const args = argumentsOfDeno(entry, "/srv/deno.json", 64);
    deepEqual(args.slice(-3), [
      "--v8-flags=--max-old-space-size=64",
      "--config=/srv/deno.json",
      "https://example.com/thread.ts",
    ]);
    equal(argumentsOfDeno(entry, "/srv/deno.json").some((arg) => arg.includes("v8")), false);
  });
});
