import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runGqm, startGqm } from "../support/gqm.ts";

/** A folder with some files, and a store beside it; removed at the end. */
async function withFolder(
  files: number,
  use: (folder: string, store: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "gqm-demo-" });
  try {
    await Deno.mkdir(`${dir}/files/inner`, { recursive: true });
    await Deno.writeTextFile(`${dir}/files/.gitignore`, "*.skip\n");
    await Deno.writeTextFile(`${dir}/files/not-counted.skip`, "one two\n");
    for (let i = 1; i < files; i++) {
      await Deno.writeTextFile(
        `${dir}/files/${i % 2 === 0 ? "inner/" : ""}${i}.txt`,
        `line ${i}\nlast`,
      );
    }
    await use(`${dir}/files`, `sqlite:${dir}/demo.db`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("demo reads every file of a folder and shows the two jobs made to fail", () =>
  withFolder(41, async (folder, store) => {
    const { code, stdout, stderr } = await runGqm([
      "demo",
      "--once",
      "--dir",
      folder,
      "--store",
      store,
    ]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    // 40 text files of two lines and three words, and .gitignore.
    assertMatch(stdout, /^\.txt +40 +80 +120 /m);
    assertMatch(stdout, /^Total +41 /m);
    assertStringIncludes(stdout, "43 jobs: 41 files read, each once; 2 failed for good; 4 retries");
    assertStringIncludes(stdout, "EISDIR");
    assertStringIncludes(stdout, "ENOENT");
    assertMatch(stdout, /100% {2}43\/43 files/);
  }));

Deno.test("demo reads every file once when a second worker is killed in the middle", () =>
  withFolder(60, async (folder, store) => {
    const shared = ["--store", store, "--concurrency", "2", "--lease-ms", "1000"];
    const victim = await startGqm(["demo", "worker", ...shared]);
    const lines = victim.stdout.pipeThrough(new TextDecoderStream());
    const demo = await startGqm(["demo", "--once", "--dir", folder, "--pace-ms", "100", ...shared]);
    let said = "";
    for await (const text of lines) {
      said += text;
      // Its first job is done, so it holds its next ones.
      if (said.includes("completed")) break;
    }
    victim.kill("SIGKILL");
    await victim.status;
    await victim.stderr.cancel();

    const { code, stdout } = await demo.output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text);
    assertStringIncludes(text, "62 jobs: 60 files read, each once");
    assert(!text.includes(" 0 taken from dead workers"), text);
  }));

Deno.test("demo worker ends well when it is asked to", () =>
  withFolder(2, async (_folder, store) => {
    const worker = await startGqm(["demo", "worker", "--store", store]);
    const reader = worker.stdout.getReader();
    await reader.read();
    worker.kill("SIGTERM");
    reader.releaseLock();
    const { code, stderr } = await worker.output();
    assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
  }));

const refused: readonly [string, readonly string[], string][] = [
  ["an unknown option", ["demo", "--onze"], "unknown option '--onze'"],
  ["an unknown command", ["dmeo"], "unknown command 'dmeo'"],
  ["an unexpected argument", ["demo", "wrker"], "unexpected argument 'wrker'"],
  [
    "a folder that is not there",
    ["demo", "--dir", "/nowhere/at/all"],
    "must be a folder: current value is '/nowhere/at/all'",
  ],
  [
    "a number that is none",
    ["demo", "--concurrency", "many"],
    "'--concurrency' must be a whole number >= 1",
  ],
  [
    "a store of an unknown kind",
    ["demo", "--store", "mongodb://u:secret@h"],
    "must start with 'redis://', 'rediss://', 'unix:', 'sqlite:' or 'memory:': current value is 'mongodb://u:***@h'",
  ],
  [
    "a store in a folder that is not there",
    ["demo", "--store", "sqlite:/nowhere/at/all.db"],
    "/nowhere/at",
  ],
  ["a worker told what to read", ["demo", "worker", "--dir", "."], "'--dir' is not for workers"],
];

for (const [what, args, message] of refused) {
  Deno.test(`gqm refuses ${what} with a message and exit code 1`, async () => {
    const { code, stdout, stderr } = await runGqm(args);
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assertStringIncludes(stderr, message);
    assert(stderr.startsWith("✗ gqm: "), stderr);
  });
}

Deno.test("gqm prints its version and its commands", async () => {
  const { version } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  assertEquals((await runGqm(["version"])).stdout, `gqm ${version}\n`);
  for (const args of [[], ["help"], ["--help"]]) {
    const { code, stdout } = await runGqm(args);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "Usage: gqm <command>");
  }
  assertStringIncludes((await runGqm(["demo", "--help"])).stdout, "--once");
});
