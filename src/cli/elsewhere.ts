/**
 * Running what a binary cannot: it holds a runtime, but not all that the runtime could load by itself.
 *
 * @module
 */

import {
  installedRuntime,
  runByInstalled,
  type RuntimeName,
  standaloneRuntime,
} from "../runtime/standalone.ts";

/** What is bundled beside the command, see tools/compile/bundle.ts. */
const THREADS = ["keeper_main", "password_main", "thread_main"];

/**
 * What can run a module that the binary cannot; undefined if it can. Bun takes every file along its way; Deno takes
 * what was compiled in, and nothing else for sure.
 */
export function runnersOf(
  module: string,
  inside: "deno" | "bun" | undefined,
): readonly RuntimeName[] | undefined {
  const isFile = module.startsWith("file:");
  if (inside === undefined || (isFile && inside === "bun") || module.startsWith("data:")) {
    return undefined;
  }
  return isFile ? ["deno", "bun", "node"] : ["deno"];
}

/**
 * Runs the command again by an installed runtime, if this is a binary that cannot load the module.
 *
 * @returns The exit code; undefined if this program can go on itself.
 */
export async function runElsewhere(
  module: string,
  args: readonly string[],
): Promise<number | undefined> {
  const runners = runnersOf(module, standaloneRuntime());
  if (runners === undefined) return undefined;
  const found = await installedRuntime(runners);
  if (found === undefined) {
    throw new Error(
      `cannot run ${module} as this binary needs ${runners.join(", ")} for it: none is in PATH`,
    );
  }
  const self = import.meta.url;
  const threads = THREADS.map((name) => new URL(`./${name}.js`, self));
  return await runByInstalled(found, [new URL(self), ...threads], args);
}
