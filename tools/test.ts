/**
 * Runs the tests: all of them on Deno, the portable ones also on Bun and Node. The last line is
 * the sum, `N passed, N failed`; the exit code is 1 if any failed or a runtime ran none.
 *
 * `deno task test [--runtime=deno|bun|node] [part of a test file's path ...]`
 */

import { build } from "./build.ts";
import { join } from "node:path";
import { runInGroup } from "./process_group.ts";
import { ensureRedis } from "./redis/install.ts";
import { ensureMetricsParsers } from "./test/metrics_parsers.ts";
import { ensureBrowser } from "./test/browser.ts";
import { ensureIoredis5 } from "./test/ioredis5.ts";
import { ensureOpenApiValidator } from "./test/openapi_validator.ts";
import { ensureOtelSdk } from "./test/otel_sdk.ts";
import { ensureTmux } from "./test/tmux.ts";
import { startOwned } from "./redis/owned.ts";
import { type Runtimes, runtimes } from "./runtimes.ts";
import { readReport, type TestResult } from "./test/junit.ts";
import { denoSuite, portableSuites, type Suite, testFiles } from "./test/suites.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");
const RUNTIME_NAMES = ["deno", "bun", "node"];
const MINUTE_MS = 60_000;
/** Most time of one runtime, and of all together: a test that hangs must not hide the others. */
const [RUNTIME_LIMIT_MS, TOTAL_LIMIT_MS] = Deno.env.has("GQM_LONG")
  ? [6 * 60 * MINUTE_MS, 12 * 60 * MINUTE_MS]
  : [30 * MINUTE_MS, 60 * MINUTE_MS];

/** What came of one runtime's suite. */
interface Tally {
  readonly runtime: string;
  readonly passed: number;
  readonly skipped: number;
  /** One line for each failure. */
  readonly failures: readonly string[];
  readonly ms: number;
}

/** Runs one suite and counts its report. */
async function runSuite(suite: Suite, temporary: string): Promise<Tally> {
  heading(`${suite.runtime}: ${suite.files.length} files`);
  if (suite.files.length === 0) {
    const failures = ["no test file: portable tests stand in tests/conformance or tests/portable"];
    return { runtime: suite.runtime, passed: 0, skipped: 0, failures, ms: 0 };
  }
  const env = {
    ...{ TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    BUN_RUNTIME_TRANSPILER_CACHE_PATH: join(temporary, "bun"),
    // One file more than there are cores: many tests do nothing for seconds but wait for a lease to end.
    DENO_JOBS: String(navigator.hardwareConcurrency + 1),
  };
  const timeLimitMs = Math.max(0, Math.min(RUNTIME_LIMIT_MS, TOTAL_LIMIT_MS - performance.now()));
  const command = { bin: suite.bin, args: suite.args, cwd: ROOT, env, timeLimitMs };
  const { code, timedOut, leftProcesses, ms } = await runInGroup(command);
  const reported = await readResults(suite.reportPath);
  const results = reported.filter((result) => !isWholeFile(result));
  const silent = suite.files.filter((path) =>
    suite.namesFiles
      ? !results.some(({ file }) => fromRoot(file) === path)
      : reported.some((result) => isWholeFile(result) && fromRoot(result.file) === path)
  );
  const failures = [
    ...results.filter(({ outcome }) => outcome === "failed").map(describe),
    ...silent.map((path) => `${path}: it did not load, or has no test`),
  ];
  if (timedOut) {
    failures.push(`ended at the time limit of ${(timeLimitMs / MINUTE_MS).toFixed(1)} min`);
  }
  if (leftProcesses && !timedOut) failures.push("tests left processes running (now ended)");
  if (code !== 0 && failures.length === 0) failures.push(`exit code ${code}: see above`);
  const count = (wanted: string): number =>
    results.filter(({ outcome }) => outcome === wanted).length;
  const [passed, skipped] = [count("passed"), count("skipped")];
  if (passed === 0 && failures.length === 0) failures.push("no test ran");
  return { runtime: suite.runtime, passed, skipped, failures, ms };
}

/**
 * Names the Redis that all tests share in `GQM_TEST_REDIS`: the one of `REDIS_URL`, that of an
 * outer run of the tests, or one that ends with this process, whatever ends it.
 */
async function shareRedis(): Promise<void> {
  if (Deno.env.get("GQM_TEST_REDIS")) return;
  let url = Deno.env.get("REDIS_URL");
  if (!url) {
    await ensureRedis();
    await ensureIoredis5();
    const redis = startOwned();
    addEventListener("unload", () => redis.stop());
    url = redis.url;
  }
  Deno.env.set("GQM_TEST_REDIS", url);
}

async function readResults(path: string): Promise<TestResult[]> {
  try {
    return readReport(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return []; // the runtime did not get that far
    throw error;
  }
}

/** Node reports a file without tests, or one that did not load, as one test of the file's name. */
function isWholeFile({ name, file }: TestResult): boolean {
  return fromRoot(name) === fromRoot(file);
}

/** Where a test is and its name; Deno places tests of `node:test` in its own sources. */
function describe({ name, file }: TestResult): string {
  return file.startsWith("ext:") ? name : `${fromRoot(file)}: ${name}`;
}

/** A reported path without what comes before the root, such as "./" or the root itself. */
function fromRoot(path: string): string {
  const slashed = path.replaceAll("\\", "/").replace(`${ROOT.replaceAll("\\", "/")}/`, "");
  return slashed.replace(/^(file:\/\/)?\.?\/?/, "");
}

function heading(text: string): void {
  console.log(`\n=== ${text} ===\n`);
}

function report(tallies: readonly Tally[]): boolean {
  heading("Summary");
  for (const { runtime, failures } of tallies) {
    for (const failure of failures) console.log(`failed on ${runtime}: ${failure}`);
  }
  for (const { runtime, passed, skipped, failures, ms } of tallies) {
    const counts = `${passed} passed, ${failures.length} failed, ${skipped} skipped`;
    console.log(`${runtime.padEnd(14)} ${counts}, ${(ms / 1000).toFixed(1)} s`);
  }
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((n, t) => n + of(t), 0);
  const failed = sum((tally) => tally.failures.length);
  const skipped = sum((tally) => tally.skipped);
  console.log(
    `${sum((tally) => tally.passed)} passed, ${failed} failed` +
      (skipped > 0 ? `, ${skipped} skipped` : ""),
  );
  return failed === 0;
}

async function main(): Promise<boolean> {
  const chosen = Deno.args.find((arg) => arg.startsWith("--runtime="))?.slice("--runtime=".length);
  const unknown = Deno.args.find((arg) => arg.startsWith("-") && !arg.startsWith("--runtime="));
  if (unknown !== undefined || (chosen !== undefined && !RUNTIME_NAMES.includes(chosen))) {
    throw new RangeError(
      `Cannot run tests as the only option is --runtime=${RUNTIME_NAMES.join("|")}: ` +
        `current value is "${unknown ?? chosen}"`,
    );
  }
  const filters = Deno.args.filter((arg) => !arg.startsWith("-"));
  const files = await testFiles(ROOT, filters);
  if (files.length === 0) {
    throw new RangeError(`Cannot run tests as no test file's path contains "${filters.join(" ")}"`);
  }
  const isWanted = (suite: Suite): boolean =>
    (chosen === undefined || suite.runtime.toLowerCase().startsWith(chosen)) &&
    (filters.length === 0 || suite.files.length > 0);

  const temporary = await Deno.makeTempDir({ prefix: "gqm_test_" });
  addEventListener("unload", () => Deno.removeSync(temporary, { recursive: true }));
  await build(new URL("../", import.meta.url));
  await shareRedis();
  await ensureOpenApiValidator();
  const wrong = await ensureMetricsParsers();
  if (wrong !== "") console.error(`Tests by parsers of metrics are skipped: ${wrong.trim()}`);
  await ensureOtelSdk();
  const noBrowser = await ensureBrowser();
  if (noBrowser !== "") console.error(`Tests of the dashboard are skipped: ${noBrowser.trim()}`);
  const noTmux = await ensureTmux();
  if (noTmux !== "") console.error(`Tests in a terminal are skipped: ${noTmux.trim()}`);
  // Before any test: those of the binary need Bun too.
  const others: Runtimes | Error = await runtimes().catch((error: Error) => error);
  const tallies: Tally[] = [];
  const deno = await denoSuite(files, temporary);
  if (isWanted(deno)) tallies.push(await runSuite(deno, temporary));
  if (others instanceof Error) throw others;
  for (const suite of portableSuites(files, temporary, others).filter(isWanted)) {
    tallies.push(await runSuite(suite, temporary));
  }
  return report(tallies);
}

if (import.meta.main) {
  try {
    Deno.exit(await main() ? 0 : 1);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
