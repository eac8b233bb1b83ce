/**
 * Runs the unit, conformance and portable tests on Deno and tells which lines of src they reach: sums on the screen,
 * and every range that nothing reaches in coverage/report.txt. Processes that tests start count too, if they end by
 * themselves.
 *
 * `deno task coverage [part of a test file's path ...]`
 */

import { join } from "node:path";
import { makeReport, readLcov } from "./coverage/lcov.ts";
import { sourceFiles, trackedFiles } from "./ok/files.ts";
import { runInGroup } from "./process_group.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");
const FOLDER = join(ROOT, "coverage");
const USUAL = ["tests/unit/", "tests/conformance/", "tests/portable/", "_portable_test.ts"];

async function main(): Promise<number> {
  const raw = join(FOLDER, "raw");
  await Deno.remove(FOLDER, { recursive: true }).catch(() => {});
  await Deno.mkdir(raw, { recursive: true });
  const parts = Deno.args.length > 0 ? Deno.args : USUAL;
  const tests = await runInGroup({
    bin: Deno.execPath(),
    args: ["run", "--allow-all", "tools/test.ts", "--runtime=deno", ...parts],
    cwd: ROOT,
    env: { DENO_COVERAGE_DIR: raw },
  });
  const lcov = join(FOLDER, "lcov.info");
  const { code } = await runInGroup({
    bin: Deno.execPath(),
    args: [
      ...["coverage", raw, "--lcov", `--output=${lcov}`],
      ...[`--include=^file://.*/src/`, "--exclude=\\.gen\\.ts$|/tests/|/node_modules/"],
    ],
    cwd: ROOT,
    env: {},
  });
  if (code !== 0) return code;
  const sources = sourceFiles(await trackedFiles(ROOT)).filter((path) => path.startsWith("src/"));
  const files = readLcov(await Deno.readTextFile(lcov), ROOT)
    .filter(({ path }) => path.startsWith("src/"));
  const { summary, text } = makeReport(files, sources);
  await Deno.writeTextFile(join(FOLDER, "report.txt"), text);
  console.log(`\n${summary}\n\ncoverage/report.txt has the lines`);
  await Deno.remove(raw, { recursive: true });
  return tests.code;
}

if (import.meta.main) Deno.exit(await main());
