/**
 * The arguments of a trial publication. Where JSR cannot be reached, a trial of the whole package
 * fails on the packages that the command line imports; the other doors are tried then.
 */

import { join } from "node:path";

/** Runs a trial with the configuration that it needs, which is removed afterwards. */
export async function tryPublish<T>(
  root: string,
  jsrAnswers: boolean,
  run: (args: readonly string[]) => Promise<T>,
): Promise<T> {
  const args = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  if (jsrAnswers) return await run(args);

  const config = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  delete config.exports["./cli"];
  // A package is what lies beside its configuration, so the file must stand in the root.
  const path = await Deno.makeTempFile({ dir: root, prefix: ".publish_", suffix: ".json" });
  try {
    await Deno.writeTextFile(path, JSON.stringify(config));
    return await run([...args, "--config", path]);
  } finally {
    await Deno.remove(path);
  }
}
