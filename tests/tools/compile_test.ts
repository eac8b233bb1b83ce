/** What `deno compile` puts into the binary, without the network: Deno itself stands in for what it downloads. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { runnersOf } from "../../src/cli/elsewhere.ts";
import { runByInstalled } from "../../src/runtime/standalone.ts";
import { build } from "../../tools/build.ts";
import { bundleCommand } from "../../tools/compile/bundle.ts";
import { compileByDeno, hostTarget, PERMISSIONS, TARGETS } from "../../tools/compile/deno.ts";
import { readOrder } from "../../tools/compile.ts";
import { runtimes } from "../../tools/runtimes.ts";
import { packagesOf } from "../../tools/build/licenses.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

Deno.test("deno compile puts the command and the beginnings of its threads into the binary", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gqm-compile-" });
  try {
    await build(new URL("../../", import.meta.url));
    const bundle = await bundleCommand(ROOT, join(folder, "bundle"));
    const path = join(folder, "gqm");
    const said = await compileByDeno(bundle, hostTarget(), path, Deno.execPath());
    const files = [...said.matchAll(/[├└]\S* (\S+\.\w+) \(/g)].map(([, name]) => name);
    assertEquals(files.sort(), ["cli.js", "keeper_main.js", "password_main.js", "thread_main.js"]);
    assertEquals((await Deno.stat(path)).isFile, true);
    // Nothing is left to be found outside: every module that it imports is the runtime's own.
    for (const name of [bundle.main, ...bundle.threads]) {
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["info", "--json", "--no-config", name],
        cwd: dirname(join(bundle.folder, name)),
        stdin: "null",
      }).output();
      const { modules } = JSON.parse(new TextDecoder().decode(stdout));
      const outside = modules.map(({ specifier }: { readonly specifier: string }) => specifier)
        .filter((specifier: string) => !specifier.startsWith("node:"));
      assertEquals([code, outside.length], [0, 1], `${outside}`);
    }
    const text = await Deno.readTextFile(join(bundle.folder, bundle.main));
    assertStringIncludes(text, "MIT License");
    assertStringIncludes(text, "redis.call");
    assertStringIncludes(text, "<title>GQM</title>");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the bundle runs on Deno with the binary's permissions, and on what is installed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gqm-compile-" });
  try {
    const bundle = await bundleCommand(ROOT, join(folder, "bundle"));
    const store = `sqlite:${folder}/gqm.db`;
    const run = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-config", "--no-prompt", "--quiet", ...PERMISSIONS],
          join(bundle.folder, bundle.main),
          ...args,
        ],
        cwd: folder,
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals([code, said], [0, ""], args.join(" "));
      return new TextDecoder().decode(stdout);
    };
    const files = [bundle.main, ...bundle.threads].map((name) =>
      pathToFileURL(join(bundle.folder, name))
    );
    const { bun, node } = await runtimes();
    const installed = [
      { name: "deno", path: Deno.execPath() },
      { name: "bun", path: bun.bin },
      { name: "node", path: node.bin },
    ] as const;
    for (const runtime of installed) {
      const args = ["enqueue", `from.${runtime.name}`, "--store", store];
      assertEquals(await runByInstalled(runtime, files, args), 0, runtime.name);
    }
    const jobs = JSON.parse(await run("jobs", "list", "--json", "--store", store));
    const types = jobs.map(({ type }: { readonly type: string }) => type);
    assertEquals(types.sort(), ["from.bun", "from.deno", "from.node"]);
    await run("doctor", "--store", store);
    await Deno.mkdir(join(folder, "files"));
    await Deno.writeTextFile(join(folder, "files/a.txt"), "one two\n");
    assertStringIncludes(
      await run("demo", "--once", "--dir", join(folder, "files"), "--store", "memory:"),
      "3 jobs: 1 files read, each once",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("compile takes targets and a folder, and refuses what it does not know", () => {
  assertEquals(readOrder([]), { targets: [], out: "dist" });
  assertEquals(readOrder(["--target=all", "--out", "bin"]), { targets: TARGETS, out: "bin" });
  const two = readOrder(["--target", `${TARGETS[0]},${TARGETS[4]}`]);
  assertEquals(two.targets, [TARGETS[0], TARGETS[4]]);
  assertThrows(() => readOrder(["--target=vax"]), RangeError, 'current value is "vax"');
  assertThrows(() => readOrder(["--fast"]), RangeError, 'current value is "--fast"');
});

Deno.test("the permissions of the binary are told, and are not all", async () => {
  const told = await Deno.readTextFile(join(ROOT, "docs/deployment.md"));
  for (const permission of PERMISSIONS) assertStringIncludes(told, `\`${permission}\``);
  assertEquals(PERMISSIONS.some((one) => /^(?:-A|--allow-(?:all|ffi|run))$/.test(one)), false);
});

Deno.test("a binary leaves to installed runtimes what it cannot load", () => {
  const file = "file:///jobs.ts";
  assertEquals(runnersOf(file, undefined), undefined);
  assertEquals(runnersOf(file, "bun"), undefined);
  assertEquals(runnersOf(file, "deno"), ["deno", "bun", "node"]);
  assertEquals(runnersOf("https://example.com/jobs.ts", undefined), undefined);
  assertEquals(runnersOf("https://example.com/jobs.ts", "bun"), ["deno"]);
  assertEquals(runnersOf("jsr:@me/jobs", "deno"), ["deno"]);
});

Deno.test("licences are those of the packages that the command imports, and of theirs", () => {
  const modules = [
    { specifier: "npm:/a@1.0.0" },
    { specifier: "node:fs" },
    { specifier: "https://jsr.io/@std/yaml/1.0.5/parse.ts" },
    { specifier: "https://jsr.io/@std/yaml/1.0.5/mod.ts" },
  ];
  const npmPackages = {
    "a@1.0.0": { name: "a", dependencies: ["@b/c@2.0.0"] },
    "@b/c@2.0.0": { name: "@b/c", dependencies: ["a@1.0.0"] },
    "d@3.0.0": { name: "d", dependencies: [] },
  };
  assertEquals(packagesOf({ modules, npmPackages }), {
    npm: ["@b/c", "a"],
    jsr: ["@std/yaml 1.0.5"],
  });
});
