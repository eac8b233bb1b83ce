/**
 * The package as strangers get it: packed, looked into, installed outside the checkout, and used by Node and by Bun, with
 * all its doors, its command and its types. JSR's own packages are in it as stand-ins, so that npm is all it needs.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { VERSION } from "../../src/version.ts";
import { pack } from "../../tools/pack.ts";
import { runtimes } from "../../tools/runtimes.ts";
import { ensureNpm, TSC_SCRIPT } from "../../tools/test/npm.ts";
import { Consumer } from "./support/consumer.ts";
import {
  contentProblems,
  contentsOf,
  describeContents,
  importedPackages,
} from "./support/contents.ts";
import { useAll } from "./support/use.ts";

const problem = await Promise.all([runtimes(), ensureNpm()])
  .then(() => undefined, (error: Error) => error.message);
if (problem !== undefined) console.error(`Tests of the package are skipped: ${problem}`);
/** What these tests may not do without where everything is to be tested. */
const isStrict = Deno.env.has("CI");

const SDK = "@opentelemetry/sdk-trace-base@^2";
const NODE_TYPES = "@types/node@^24";
/** What its users' compilers are told: as strict as can be, and to look into the package's types too. */
const TSCONFIG = {
  compilerOptions: {
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    types: ["node"],
  },
  include: ["*.ts"],
};

Deno.test({
  name: `the package is used by Node and Bun${problem === undefined ? "" : `: ${problem}`}`,
  ignore: problem !== undefined && !isStrict,
  fn: async (t) => {
    assertEquals(problem, undefined);
    const folder = await Deno.makeTempDir({ prefix: "gqm-package-" });
    try {
      const tarball = await pack(folder);
      await t.step("it holds what it needs and nothing else", async () => {
        await lookInto(tarball, folder);
      });
      for (const runtime of ["node", "bun"] as const) {
        await t.step(`it is used by ${runtime}`, async (t) => await useOn(runtime, tarball, t));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function lookInto(tarball: string, folder: string): Promise<void> {
  const args = ["-xzf", tarball, "-C", folder];
  assertEquals((await new Deno.Command("tar", { args }).output()).code, 0);
  const unpacked = join(folder, "package");
  const contents = await contentsOf(unpacked);
  console.log(describeContents(contents));
  console.log(`${contents.size} files, ${(await Deno.stat(tarball)).size} bytes packed`);
  assertEquals(contentProblems(contents), []);

  const manifest = JSON.parse(await Deno.readTextFile(join(unpacked, "package.json")));
  assertEquals(manifest.name, "@gqm/gqm");
  assertEquals(manifest.version, VERSION);
  assertEquals(Object.keys(manifest.exports), [".", "./cli", "./config", "./otel", "./testing"]);
  const imported = await importedPackages(unpacked, contents);
  assertEquals([...imported].sort(), Object.keys(manifest.dependencies).sort());
  const licenses = await Deno.readTextFile(join(unpacked, "THIRD_PARTY_LICENSES.txt"));
  for (const name of ["htm", "preact", "uplot"]) {
    assertMatch(licenses, new RegExp(`^${name} `, "m"));
  }
}

async function useOn(
  runtime: "node" | "bun",
  tarball: string,
  t: Deno.TestContext,
): Promise<void> {
  await using consumer = await (runtime === "node" ? Consumer.ofNode() : Consumer.ofBun());
  await consumer.install(tarball, SDK, NODE_TYPES);
  await useAll(consumer, t);
  await t.step("cli.js", async () => {
    const { code, stdout } = await consumer.end("node_modules/@gqm/gqm/cli.js", "version");
    assertEquals([code, stdout], [0, `gqm ${VERSION}\n`]);
  });
  if (runtime === "bun") return;
  await t.step("types", async () => {
    await Deno.writeTextFile(join(consumer.folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
    const { code, stdout } = await consumer.end(TSC_SCRIPT, "--project", ".");
    assertEquals(stdout, "");
    assertEquals(code, 0);
  });
}
