/**
 * The one gate: the static checks, each timed and all run whatever fails, then the tests.
 *
 * `deno task ok`, or `deno task ok:static` (`--static`) for the checks alone.
 */

import { join } from "node:path";
import { build } from "./build.ts";
import { runInGroup } from "./process_group.ts";
import { stdArgs } from "./std.ts";
import { lockProblems } from "./ok/lock.ts";
import { sourceFiles, trackedFiles, withBlocks } from "./ok/files.ts";
import { tryPublish } from "./ok/publish.ts";
import { leftoverWords } from "./ok/words.ts";

/** What came of a step: text to show if it failed. */
interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<Verdict>;
}

const ROOT = join(import.meta.dirname ?? ".", "..");
const DOORS = ["mod.ts", "cli.ts", "src/config/mod.ts", "src/otel/mod.ts", "src/testing/mod.ts"];

/** The static checks. The slow ones come first, so that the quick ones fill the gaps. */
async function staticSteps(): Promise<Step[]> {
  await build(new URL("../", import.meta.url));
  const std = await stdArgs();
  const files = await trackedFiles(ROOT);
  const pages = files.filter((path) => path.endsWith(".md"));
  const documented = await withBlocks(ROOT, [...sourceFiles(files), ...pages]);
  return [
    deno("types", "task", "check"),
    deno("doc examples", "test", "--doc", "--allow-all", ...std, ...documented),
    deno("lint", "lint"),
    deno("doc lint", "doc", "--lint", ...std, ...DOORS),
    deno("format", "fmt", "--check"),
    deno("layers", "run", "--allow-all", "tools/layers.ts"),
    deno("docs", "run", "--allow-all", ...std, "tools/docs.ts"),
    deno("generated is fresh", "run", "--allow-all", ...std, "tools/gen.ts", "--check"),
    {
      name: "publish",
      run: () => tryPublish(ROOT, std.length === 0, (args) => deno("publish", ...args).run()),
    },
    { name: "lock", run: async () => verdict(await lockProblems(ROOT)) },
    { name: "leftovers", run: async () => verdict(await leftoverWords(ROOT, files)) },
  ];
}

/** A step that is a command of the running Deno. */
function deno(name: string, ...args: string[]): Step {
  return {
    name,
    run: async () => {
      const command = new Deno.Command(Deno.execPath(), {
        args,
        cwd: ROOT,
        env: { NO_COLOR: "1" },
        stdin: "null",
      });
      const { code, stdout, stderr } = await command.output();
      const decoder = new TextDecoder();
      return { ok: code === 0, output: decoder.decode(stdout) + decoder.decode(stderr) };
    },
  };
}

function verdict(problems: readonly string[]): Verdict {
  return { ok: problems.length === 0, output: problems.join("\n") };
}

/** Runs the steps, as many at once as there are processors; returns the names of the failed. */
async function runSteps(steps: readonly Step[]): Promise<string[]> {
  const waiting = [...steps];
  const failed: string[] = [];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const startedAt = performance.now();
      const { ok, output } = await step.run();
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${ok ? "ok    " : "FAILED"} ${step.name.padEnd(20)} ${seconds} s`);
      if (ok) continue;
      failed.push(step.name);
      console.log(output.trimEnd().replace(/^/gm, "    "));
    }
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, worker));
  return failed;
}

/** Runs the tests with their own output. */
async function runTests(): Promise<boolean> {
  const { code } = await runInGroup({
    bin: Deno.execPath(),
    args: ["run", "--allow-all", "tools/test.ts"],
    cwd: ROOT,
    env: {},
  });
  return code === 0;
}

if (import.meta.main) {
  const unknown = Deno.args.find((arg) => arg !== "--static");
  if (unknown !== undefined) {
    console.error(`Cannot check as the only argument is --static: current value is "${unknown}"`);
    Deno.exit(2);
  }
  const steps = await staticSteps();
  const failed = await runSteps(steps);
  if (!Deno.args.includes("--static") && !await runTests()) failed.push("tests");
  console.log(failed.length === 0 ? "All checks are ok" : `Failed: ${failed.join(", ")}`);
  if (failed.length > 0) Deno.exit(1);
}
