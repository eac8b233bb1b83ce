/** What each example is to print: the comment lines after `// prints:` at its end. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** An example and its output. */
export interface Example {
  /** File name. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Expected standard output. */
  readonly prints: string;
  /** Why it runs on Deno alone, if it does. */
  readonly onlyOnDeno: string | undefined;
}

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));
const ONLY_ON_DENO: ReadonlyMap<string, string> = new Map([
  [
    "24_config.ts",
    "@std/yaml is at hand on Bun and Node where the package is installed, not beside its sources",
  ],
]);
const HEADING = "\n// prints:\n";

/** All examples, in order. */
export async function examples(): Promise<Example[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".ts")).sort();
  return await Promise.all(names.map(async (name) => {
    const path = join(FOLDER, name);
    const text = (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
    return { name, path, prints: printsOf(name, text), onlyOnDeno: ONLY_ON_DENO.get(name) };
  }));
}

function printsOf(name: string, text: string): string {
  const at = text.indexOf(HEADING);
  if (at < 0) {
    throw new Error(`Cannot test ${name} as it must end with '// prints:' and its output`);
  }
  return text.slice(at + HEADING.length).replace(/^\/\/ ?/gm, "");
}
