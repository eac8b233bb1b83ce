import { Client } from "../../mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { GoingGqm, runGqm, startGqm } from "../support/gqm.ts";
import { until } from "../browser/support/until.ts";

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
    // One on each folder, and one on both.
    assertStringIncludes(stdout, "3 reports on folders");
    assert(!stdout.includes("Dashboard"), stdout);
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

Deno.test("demo tells of the jobs that one before it has left", () =>
  withFolder(3, async (folder, store) => {
    await using client = new Client({ store });
    const jobs = [1, 2].map((n) => `${folder}/${n}.txt`).map((path) => ({
      type: "file.read",
      payload: { path, paceMs: 0 },
      options: { queue: "demo" },
    }));
    await client.enqueueMany(jobs);
    const args = ["demo", "--once", "--dir", folder, "--store", store];
    const first = await runGqm(args);
    assertStringIncludes(first.stdout, "Left by an earlier demo, and first in line: 2 jobs\n");
    const second = await runGqm(args);
    assert(!second.stdout.includes("earlier"), second.stdout);
  }));

for (
  const [what, command, worker] of [
    ["npx", "exec", "npx -y deno task demo worker"],
    ["a task", "run-script", "deno task demo worker"],
  ] as const
) {
  Deno.test(`demo says how a worker is added as it was begun: by ${what}`, () =>
    withFolder(2, async (folder, store) => {
      const env = { npm_command: command };
      await using demo = await GoingGqm.start(["demo", "--dir", folder, "--store", store], env);
      await demo.said(/This worker goes on/);
      const [, said] = await demo.said(/another terminal: (.*) --store/);
      assertEquals(said, worker);
    }));
}

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

Deno.test("demo serves the dashboard to this machine, with its jobs and a schedule while it goes on", () =>
  withFolder(5, async (folder, store) => {
    const args = ["demo", "--dir", folder, "--store", store];
    await using demo = await GoingGqm.start([...args, "--port", "0"]);
    const [, url] = await demo.said(/^Dashboard: (http:\/\/127\.0\.0\.1:\d+\/dashboard\/) /m);
    await demo.said(/This worker goes on/);
    const page = await fetch(url!);
    assertStringIncludes(await page.text(), "<title>GQM</title>");
    const read = async (path: string) => await (await fetch(new URL(path, url))).json();
    const { data: schedules } = await read("/api/v1/schedules");
    assertEquals(schedules.map(({ id }: { id: string }) => id), ["gqm-demo.read-again"]);
    const { data: reports } = await read("/api/v1/search?type=folder.report");
    assertEquals(
      reports.map(({ result }: { result: { files: number; unread: number } }) =>
        [result.files, result.unread].join()
      ).sort(),
      // .gitignore, 1.txt and 3.txt; 2.txt and 4.txt; all of them, and the folder named as a file.
      ["2,0", "3,0", "5,1"],
    );

    // Who asks for a port gets that one, or is told why not.
    const { port } = new URL(url!);
    const { code, stdout, stderr } = await runGqm([...args, "--port", port]);
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assertStringIncludes(stderr, `'127.0.0.1:${port}' as nobody else may listen there`);

    assertEquals(await demo.stop(), 0);
    await using client = new Client({ store });
    assertEquals((await client.schedules.list()).schedules, []);
  }));

Deno.test("demo takes another port if the usual one is taken", () =>
  withFolder(2, async (folder, store) => {
    let usual: Deno.Listener | undefined;
    try {
      usual = Deno.listen({ hostname: "127.0.0.1", port: 8080 });
    } catch (error) {
      // Then somebody else has taken it.
      assert(error instanceof Deno.errors.AddrInUse, String(error));
    }
    try {
      await using demo = await GoingGqm.start(["demo", "--dir", folder, "--store", store]);
      const [, port] = await demo.said(/^Dashboard: http:\/\/127\.0\.0\.1:(\d+)\//m);
      assert(port !== "8080");
      await demo.said(/This worker goes on/);
    } finally {
      usual?.close();
    }
  }));

Deno.test("demo serves nothing with --no-dashboard", () =>
  withFolder(2, async (folder, store) => {
    const args = ["demo", "--dir", folder, "--store", store, "--no-dashboard"];
    await using demo = await GoingGqm.start(args);
    const [text] = await demo.said(/[^]*This worker goes on/);
    assert(!text.includes("Dashboard"), text);
  }));

Deno.test({
  name: "demo opens a browser only if it is asked to, and goes on where there is none",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(2, async (folder, store) => {
      const bin = `${folder}/../bin`;
      await Deno.mkdir(bin);
      const args = ["demo", "--dir", folder, "--store", store, "--port", "0"];
      const PATH = `${bin}:/usr/bin:/bin`;
      {
        // Nothing is in this path.
        await using demo = await GoingGqm.start([...args, "--open"], { PATH: bin });
        await demo.said(/This worker goes on/);
      }
      const opened = `${bin}/opened`;
      const script = `#!/bin/sh\necho "$1" > '${opened}.new'\nmv '${opened}.new' '${opened}'\n`;
      await Deno.writeTextFile(`${bin}/xdg-open`, script, { mode: 0o755 });
      {
        await using demo = await GoingGqm.start(args, { PATH });
        await demo.said(/This worker goes on/);
      }
      assertEquals(await Deno.stat(opened).catch(() => null), null);
      await using demo = await GoingGqm.start([...args, "--open"], { PATH });
      const [, url] = await demo.said(/^Dashboard: (\S+)/m);
      await demo.said(/This worker goes on/);
      await until(() => Deno.stat(opened).then(() => true, () => false), "a browser is told");
      assertEquals(await Deno.readTextFile(opened), `${url}\n`);
    }),
});

const refused: readonly [string, readonly string[], string][] = [
  ["an unknown option", ["demo", "--onze"], "unknown flag '--onze'; did you mean '--once'?"],
  ["an unknown command", ["dmeo"], "unknown command 'dmeo'; did you mean 'demo'?"],
  [
    "an unexpected argument",
    ["demo", "wrker"],
    "unknown command 'demo wrker'; did you mean 'worker'?",
  ],
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
  ["a worker told what to read", ["demo", "worker", "--dir", "."], "unknown flag '--dir'"],
  ["a worker told to serve", ["demo", "worker", "--port", "1"], "unknown flag '--port'"],
  [
    "a port that is none",
    ["demo", "--port", "65536"],
    "'--port' must be a whole number from 0 to 65535",
  ],
  [
    "a port for a demo that ends",
    ["demo", "--once", "--port", "8080"],
    "'--port' does not go with '--once'",
  ],
  [
    "to open a dashboard that is not served",
    ["demo", "--open", "--no-dashboard"],
    "'--open' does not go with '--no-dashboard'",
  ],
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
