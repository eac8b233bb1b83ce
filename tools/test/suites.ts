/** Which test files run on which runtime, and the command that runs them. */

import { join, relative, sep } from "node:path";
import { stdArgs } from "../std.ts";
import type { Runtimes } from "../runtimes.ts";

/** The test files of one runtime. */
export interface Suite {
  /** Name and version of the runtime. */
  readonly runtime: string;
  readonly bin: string;
  /** The command's arguments; it writes a JUnit report to `reportPath`. */
  readonly args: readonly string[];
  readonly files: readonly string[];
  readonly reportPath: string;
  /** Whether its report names the test file of each test, so that a silent file is noticed. */
  readonly namesFiles: boolean;
}

/** Most time of one test where the runtime can tell: Bun's default is 5 s, Node's is for ever. */
const TEST_LIMIT_MS = Deno.env.has("GQM_LONG") ? 3_600_000 : 300_000;

/** All test files under tests/, from the root, that contain one of the filters, if any. */
export async function testFiles(root: string, filters: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const folders = [join(root, "tests")];
  for (const folder of folders) {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory && entry.name !== "node_modules") folders.push(path);
      else if (entry.name.endsWith("_test.ts")) {
        found.push(relative(root, path).replaceAll(sep, "/"));
      }
    }
  }
  const wanted = (path: string): boolean => filters.some((filter) => path.includes(filter));
  return found.filter((path) => filters.length === 0 || wanted(path)).sort();
}

/** Whether a test file uses nothing but `node:test` and `node:assert`, by where it stands. */
function isPortable(path: string): boolean {
  return /^tests\/(conformance|portable)\//.test(path) || path.endsWith("_portable_test.ts");
}

/** All files on Deno; portable ones among the rest. */
export async function denoSuite(files: readonly string[], reports: string): Promise<Suite> {
  const reportPath = join(reports, "deno.xml");
  return {
    runtime: `Deno ${Deno.version.deno}`,
    bin: Deno.execPath(),
    args: [
      ...["test", "--allow-all", "--no-check", "--parallel"],
      ...["--sanitize-ops", "--sanitize-resources", `--junit-path=${reportPath}`],
      ...await stdArgs(),
      ...files,
    ],
    files,
    reportPath,
    namesFiles: false,
  };
}

/** Bun runs one file after the other, unless it knows how to run several at once: from 1.4 on. */
export function parallelOnBun(version: string): string[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const canDo = major > 1 || (major === 1 && minor >= 4);
  return canDo ? [`--parallel=${navigator.hardwareConcurrency}`] : [];
}

/** The portable files on Bun and on Node. */
export function portableSuites(
  files: readonly string[],
  reports: string,
  { bun, node }: Runtimes,
): Suite[] {
  const portable = files.filter(isPortable);
  const bunReport = join(reports, "bun.xml");
  const nodeReport = join(reports, "node.xml");
  return [{
    runtime: `Bun ${bun.version}`,
    bin: bun.bin,
    args: [
      ...["test", `--timeout=${TEST_LIMIT_MS}`, ...parallelOnBun(bun.version)],
      ...["--reporter=junit", `--reporter-outfile=${bunReport}`],
      ...portable.map((path) => `./${path}`),
    ],
    files: portable,
    reportPath: bunReport,
    namesFiles: true,
  }, {
    runtime: `Node ${node.version}`,
    bin: node.bin,
    args: [
      ...["--disable-warning=ExperimentalWarning", "--test", `--test-timeout=${TEST_LIMIT_MS}`],
      // Node leaves a core free otherwise: of two it would use one.
      `--test-concurrency=${navigator.hardwareConcurrency}`,
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${nodeReport}`],
      ...portable,
    ],
    files: portable,
    reportPath: nodeReport,
    namesFiles: false,
  }];
}
