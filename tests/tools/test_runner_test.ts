/** `deno task test` itself, run on a small tree: what it counts, and when it fails. */

import { dirname, join } from "node:path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readProcess } from "../../tools/proc.ts";
import { runtimes } from "../../tools/runtimes.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");
const PORTABLE_PASS = 'import { describe, it, test } from "node:test";\n' +
  'describe("suite", () => { it("one", () => {}); it("two", () => {}); });\n' +
  'test("later", { skip: "reason" }, () => {});\n';
const DENO_PASS = 'Deno.test("with steps", async (t) => { await t.step("a", () => {}); });\n';

interface Ran {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Copies the tools into a folder of its own, adds tests and runs them there. */
async function runTests(tests: Record<string, string>, ...args: string[]): Promise<Ran> {
  const root = await Deno.makeTempDir({ prefix: "gqm_runner_test_" });
  try {
    await copyFolder(join(ROOT, "tools"), join(root, "tools"));
    await Deno.copyFile(join(ROOT, "deno.json"), join(root, "deno.json"));
    // What the tests need besides is there already: whoever runs this has got it.
    await Deno.symlink(join(ROOT, ".runtimes"), join(root, ".runtimes"));
    for (const [path, text] of Object.entries(tests)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    }
    const { bun, node } = await runtimes();
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-lock", "-A", join(root, "tools/test.ts"), ...args],
      env: { NODE_BIN: node.bin, BUN_BIN: bun.bin, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    const decoder = new TextDecoder();
    const output = decoder.decode(stderr) + decoder.decode(stdout);
    return { code, lines: output.trimEnd().split("\n") };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    await (entry.isDirectory ? copyFolder(source, target) : Deno.copyFile(source, target));
  }
}

Deno.test("test sums three runtimes and exits with 0 when all pass", async () => {
  const { code, lines } = await runTests({
    "tests/portable/a_test.ts": PORTABLE_PASS,
    "tests/unit/b_test.ts": DENO_PASS,
  });
  assertEquals(lines.at(-1), "7 passed, 0 failed, 3 skipped", lines.join("\n"));
  assertMatch(lines.at(-4) ?? "", /^Deno \S+ +3 passed, 0 failed, 1 skipped, \d+\.\d s$/);
  assertMatch(lines.at(-3) ?? "", /^Bun \S+ +2 passed, 0 failed, 1 skipped/);
  assertMatch(lines.at(-2) ?? "", /^Node 2\S+ +2 passed, 0 failed, 1 skipped/);
  assertEquals(code, 0);
});

Deno.test("test exits with 1 and names each failure when tests fail", async () => {
  const { code, lines } = await runTests({
    "tests/portable/a_test.ts": PORTABLE_PASS,
    "tests/conformance/bad_test.ts": 'import { describe, it } from "node:test";\n' +
      'describe("s", () => { it("good", () => {}); it("bad", () => { throw new Error("no"); }); });\n',
  });
  assertEquals(lines.at(-1), "9 passed, 3 failed, 3 skipped", lines.join("\n"));
  const failures = lines.filter((line) => line.startsWith("failed on "));
  assertEquals(failures.map((line) => /^failed on (\w+) .*s > bad$/.exec(line)?.[1]), [
    "Deno",
    "Bun",
    "Node",
  ]);
  assertEquals(code, 1);
});

Deno.test("test exits with 1 when a file does not load", async () => {
  const { code, lines } = await runTests({
    "tests/portable/a_test.ts": PORTABLE_PASS,
    "tests/x_portable_test.ts": 'throw new Error("does not load");\n',
  });
  assertEquals(lines.at(-1), "6 passed, 3 failed, 3 skipped", lines.join("\n"));
  const failures = lines.filter((line) => line.startsWith("failed on "));
  assertMatch(failures[0] ?? "", /^failed on Deno .*: exit code 1: see above$/);
  assertMatch(failures[1] ?? "", /^failed on Bun .*: tests\/x_portable_test\.ts: it did not load/);
  assertMatch(failures[2] ?? "", /^failed on Node .*: tests\/x_portable_test\.ts: it did not load/);
  assertEquals(code, 1);
});

Deno.test("test exits with 1 when a runtime runs no test", async () => {
  const { code, lines } = await runTests({ "tests/unit/b_test.ts": DENO_PASS });
  assertEquals(lines.at(-1), "1 passed, 2 failed");
  assertEquals(code, 1);
});

Deno.test("test ends what tests leave running, and fails", async () => {
  const { code, lines } = await runTests({
    "tests/portable/a_test.ts": 'import { test } from "node:test";\n' +
      'import { spawn } from "node:child_process";\nimport process from "node:process";\n' +
      'test("leaves a child", () => {\n' +
      '  const wait = "setTimeout(() => {}, 60_000)";\n' +
      '  const child = spawn(process.env.NODE_BIN, ["-e", wait], { stdio: "ignore" });\n' +
      "  child.unref();\n  console.log(`left ${child.pid}.`);\n});\n",
  }, "--runtime=node");
  assertEquals(lines.at(-1), "1 passed, 1 failed", lines.join("\n"));
  assert(lines.some((line) => line.includes("tests left processes running")));
  const pid = Number(/left (\d+)\./.exec(lines.join("\n"))?.[1]);
  assert(pid > 0 && !(await isRunning(pid)), `process ${pid} still runs`);
  assertEquals(code, 1);
});

Deno.test("test runs the chosen files alone when given parts of their paths", async () => {
  const { code, lines } = await runTests({
    "tests/portable/a_test.ts": PORTABLE_PASS,
    "tests/unit/b_test.ts": DENO_PASS,
  }, "unit/b");
  assertEquals(lines.at(-1), "1 passed, 0 failed", lines.join("\n"));
  assertEquals(code, 0);
});

Deno.test("test refuses options that it does not have, and paths that match nothing", async () => {
  const tests = { "tests/unit/b_test.ts": DENO_PASS };
  const odd = await runTests(tests, "--watch");
  assertEquals(odd.lines.at(-1)?.startsWith("Cannot run tests as the only option is"), true);
  const none = await runTests(tests, "nowhere");
  assertStringIncludes(none.lines.at(-1) ?? "", `no test file's path contains "nowhere"`);
  assertEquals([odd.code, none.code], [1, 1]);
});

/** Whether a process runs; one that has ended but was not collected yet does not. */
async function isRunning(pid: number): Promise<boolean> {
  if (Deno.build.os === "linux") {
    const one = await readProcess(pid);
    return one !== undefined && one.state !== "Z" && one.state !== "X";
  }
  const { code } = await new Deno.Command("ps", { args: ["-p", `${pid}`] }).output();
  return code === 0;
}
