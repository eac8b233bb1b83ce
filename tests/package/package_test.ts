/**
 * The package as strangers get it: packed, looked into, installed outside the checkout, and used by Node and by Bun, with
 * all its doors, its command and its types. JSR's own packages are in it as stand-ins, so that npm is all it needs.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { VERSION } from "../../src/version.ts";
import { pack } from "../../tools/pack.ts";
import { runtimes } from "../../tools/runtimes.ts";
import { ensureNpm, TSC_SCRIPT } from "../../tools/test/npm.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "../support/redis/shared.ts";
import { Consumer, type ConsumerRuntime } from "./support/consumer.ts";
import {
  contentProblems,
  contentsOf,
  describeContents,
  importedPackages,
} from "./support/contents.ts";

const problem = await Promise.all([runtimes(), ensureNpm()])
  .then(() => undefined, (error: Error) => error.message);
const noRedis = testRedisProblem();
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
  runtime: ConsumerRuntime,
  tarball: string,
  t: Deno.TestContext,
): Promise<void> {
  await using consumer = await Consumer.make(runtime);
  await consumer.install(tarball, SDK, NODE_TYPES);

  for (const kind of ["memory", "sqlite"] as const) {
    await t.step(`library and threads on ${kind}`, async () => {
      const store = kind === "memory" ? "memory:consumer" : `sqlite:${consumer.folder}/jobs.db`;
      assertEquals(await consumer.run("library.ts", { STORE: store }), `library: ${kind}\n`);
      assertEquals(await consumer.run("threads.ts", { STORE: store }), "threads: ok\n");
    });
  }
  await t.step({
    name: `library on redis${noRedis === undefined ? "" : `: ${noRedis}`}`,
    ignore: noRedis !== undefined,
    fn: async () => {
      const prefix = uniquePrefix();
      const url = testRedis();
      const store = new URL(url);
      store.searchParams.set("prefix", prefix);
      try {
        assertEquals(await consumer.run("library.ts", { STORE: store.href }), "library: redis\n");
      } finally {
        await removeKeys(url, prefix);
      }
    },
  });
  for (const door of ["config", "otel", "testing"]) {
    await t.step(`./${door}`, async () => {
      assertEquals(await consumer.run(`${door}.ts`), `${door}: ok\n`);
    });
  }
  await t.step("monitor and dashboard", async () => {
    assertStringIncludes(await consumer.run("monitor.ts"), "monitor: ok\n");
  });
  await t.step("./cli and the command", async () => await useCommand(consumer));
  if (runtime === "bun") return;
  await t.step("types", async () => {
    await Deno.writeTextFile(join(consumer.folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
    const { code, stdout } = await consumer.script(TSC_SCRIPT, "--project", ".");
    assertEquals(stdout, "");
    assertEquals(code, 0);
  });
}

async function useCommand(consumer: Consumer): Promise<void> {
  assertEquals(await consumer.gqm("version"), `gqm ${VERSION}\n`);
  const { code, stdout } = await consumer.script("node_modules/@gqm/gqm/cli.js", "version");
  assertEquals([code, stdout], [0, `gqm ${VERSION}\n`]);

  const demo = await consumer.gqm("demo", "--once", "--dir", ".", "--store", "memory:demo");
  assertMatch(demo, /\d+ files read, each once/);

  const store = `sqlite:${consumer.folder}/command.db`;
  await consumer.gqm("enqueue", "greet", '"Ada"', "--store", store);
  await using worker = consumer.startGqm("run", "worker.ts", "--store", store);
  await worker.said(/greeted Ada/);
  assertEquals(await worker.stop(), 0);
  const jobs = JSON.parse(await consumer.gqm("jobs", "list", "--json", "--store", store));
  assertEquals(jobs.map(({ status }: { readonly status: string }) => status), ["completed"]);
  // A table, whose columns are as wide as the stand-in of @std/cli says.
  assertStringIncludes(await consumer.gqm("queues", "--store", store), "default");

  await consumer.gqm("init");
  await consumer.gqm("add-api-key", "grafana", "--role", "viewer");
  const config = await Deno.readTextFile(join(consumer.folder, "gqm.yaml"));
  assertMatch(config, /grafana/);
}
