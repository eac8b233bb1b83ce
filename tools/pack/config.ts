/**
 * A configuration in which npm's stand-ins are in the place of the JSR packages. It packs for npm, and tries to publish
 * where JSR cannot be reached: neither takes an import map.
 */

import { join } from "node:path";

/** The JSR packages that the package imports, and the files of `tools/std` that stand in for them. */
export const STAND_INS: Readonly<Record<string, string>> = {
  "@std/cli/unicode-width": "cli_unicode_width",
  "@std/yaml": "yaml",
};

/** How the names of such configurations begin. Several trials at once must not publish each other's. */
const PREFIX = ".publish_";

/** What `deno.json` says, as far as it is changed. */
export interface Config {
  imports: Record<string, string>;
  publish: { exclude: string[] };
}

/** Runs something with the path of such a configuration, which is removed afterwards. */
export async function withStandInConfig<T>(
  root: string,
  run: (path: string) => Promise<T>,
): Promise<T> {
  const config: Config = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  // A package is what lies beside its configuration, so the file must stand in the root.
  const path = await Deno.makeTempFile({ dir: root, prefix: PREFIX, suffix: ".json" });
  try {
    await Deno.writeTextFile(path, JSON.stringify(withStandIns(config)));
    return await run(path);
  } finally {
    await Deno.remove(path);
  }
}

/** A configuration with stand-ins, which it lets along with the package. */
export function withStandIns<C extends Config>(config: C): C {
  const imports = Object.fromEntries([
    ...Object.entries(config.imports).filter(([, target]) => !target.startsWith("jsr:")),
    ...Object.entries(STAND_INS).map(([name, file]) => [name, `./tools/std/${file}.ts`]),
  ]);
  const stay = Object.values(STAND_INS).map((file) => `!tools/std/${file}.ts`);
  // What is in a folder that is excluded as a whole cannot be let in again.
  const exclude = config.publish.exclude.flatMap((path) =>
    path === "tools" ? ["tools/*", "!tools/std", "tools/std/*", ...stay] : [path]
  );
  exclude.push(`${PREFIX}*`);
  return { ...config, imports, publish: { ...config.publish, exclude } };
}
