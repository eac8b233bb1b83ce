/**
 * The package as users of Deno get it from JSR, by a registry on this machine that speaks as JSR does. What is in it is what
 * `deno publish` lists; the standard library's packages are stand-ins.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { VERSION } from "../../src/version.ts";
import { Consumer } from "./support/consumer.ts";
import { Registry } from "./support/registry.ts";
import { useAll } from "./support/use.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");
/** Where no registry answers. */
const NOWHERE = "http://127.0.0.1:9/";
/** What may be published beside the sources. */
const BESIDE =
  /^(?:cli\.ts|mod\.ts|deno\.json|(?:CHANGELOG|README|SECURITY)\.md|LICENSE|THIRD_PARTY_LICENSES\.txt)$/;

Deno.test("the package is used by Deno from a registry", async (t) => {
  await using registry = await Registry.serve();
  await t.step("it holds the sources and nothing else", () => {
    const { contents } = registry;
    const other = [...contents.keys()].filter((path) => !/^src\/[\w/.]+\.ts$/.test(path));
    assertEquals(other.filter((path) => !BESIDE.test(path)), []);
    for (const path of ["LICENSE", "README.md", "THIRD_PARTY_LICENSES.txt", "deno.json"]) {
      assertEquals(contents.has(path), true, path);
    }
    for (const path of ["monitor/dashboard/assets", "store/redis/scripts"]) {
      assertEquals(contents.has(`src/${path}.gen.ts`), true, path);
    }
    const bytes = [...contents.values()].reduce((sum, size) => sum + size, 0);
    console.log(`${contents.size} files, ${bytes} bytes`);
  });

  await using consumer = await Consumer.ofDeno(registry.url);
  await consumer.install("jsr:@gqm/gqm", "npm:@opentelemetry/sdk-trace-base@^2");
  assertMatch(
    await Deno.readTextFile(`${consumer.folder}/deno.json`),
    new RegExp(`jsr:@gqm/gqm@\\^${RegExp.escape(VERSION)}`),
  );
  // Their module finds the package by the consumer's own configuration.
  await useAll(consumer, t, "process");
  await t.step("threads import what the configuration names", async () => {
    const { folder } = consumer;
    const config = JSON.parse(await Deno.readTextFile(join(folder, "deno.json")));
    config.imports["#mine"] = "./mine.ts";
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
    await Deno.writeTextFile(join(folder, "mine.ts"), "export const mine = 1;\n");
    const handlers = await Deno.readTextFile(join(folder, "handlers.ts"));
    const file = join(folder, "handlers.ts");
    await Deno.writeTextFile(file, `import { mine } from "#mine";\nvoid mine;\n${handlers}`);
    assertEquals(await consumer.run("threads.ts", { STORE: "memory:mine" }), "threads: process\n");
  });
  await t.step("deno install", async () => {
    const place = join(consumer.folder, "installed");
    const args = ["--global", "--quiet", "--allow-all", "--name", "gqm", "--root", place];
    const { code, stderr } = await consumer.end("install", ...args, "jsr:@gqm/gqm/cli");
    assertEquals(code, 0, stderr);
    assertEquals((await Deno.stat(join(place, "bin/gqm"))).isFile, true);
  });
  await t.step("types", async () => {
    const { code, stderr } = await consumer.end("check", "--quiet", "types.ts");
    assertEquals([code, stderr], [0, ""]);
  });
});

Deno.test("the package is used by Deno from a checkout as docs/package.md says", async (t) => {
  const page = await Deno.readTextFile(join(ROOT, "docs/package.md"));
  const config = JSON.parse(/```json\n([\s\S]+?)```/.exec(page)![1]!);
  assertEquals(config.links, ["../gqm"]);
  const tarballs = [...page.matchAll(/gqm-gqm-([\w.-]+)\.tgz/g)].map(([, version]) => version);
  assertEquals([...new Set(tarballs)], [VERSION]);
  assertEquals(config.imports["@gqm/gqm"], `jsr:@gqm/gqm@^${VERSION}`);

  await using consumer = await Consumer.ofDeno(NOWHERE);
  const path = join(consumer.folder, "deno.json");
  await Deno.writeTextFile(path, JSON.stringify({ ...config, links: [ROOT] }));
  for (const program of ["library", "threads", "testing", "monitor"]) {
    await t.step(program, async () => {
      assertMatch(await consumer.run(`${program}.ts`, { STORE: "memory:checkout" }), /^\w+: \w+$/m);
    });
  }
});
