/** What is in a package, and what ought to be. */

import { join, relative, sep } from "node:path";

/** What must be there. */
const WANTED = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "THIRD_PARTY_LICENSES.txt",
  "package.json",
  "bin/gqm.js",
  ...["cli", "mod", "src/config/mod", "src/otel/mod", "src/testing/mod"].flatMap(
    (door) => [`${door}.js`, `${door}.d.ts`],
  ),
  // What the doors do not name: threads begin with it, or it is loaded when it is needed.
  "src/monitor/auth/password_main.js",
  "src/run/keeper_main.js",
  "src/run/thread_main.js",
  "src/cli/licenses.gen.js",
  "src/monitor/dashboard/assets.gen.js",
  "src/monitor/dashboard/sources.gen.js",
  "src/store/redis/scripts.gen.js",
  "std/cli_unicode_width.js",
  "std/yaml.js",
];
/** What may be there. */
const ALLOWED =
  /^(?:(?:bin|src|std)\/[\w/.]+(?:\.js|\.d\.ts)|(?:cli|mod)(?:\.js|\.d\.ts)|package\.json|(?:CHANGELOG|README|SECURITY)\.md|LICENSE|THIRD_PARTY_LICENSES\.txt)$/;
/** Most of one file and of all, in bytes: there are no pictures, no stores and no source maps. */
const MOST = { file: 1_200_000, all: 6_000_000, count: 1200 };

/** The files of an unpacked package, with their sizes. */
export async function contentsOf(folder: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const folders = [folder];
  for (const each of folders) {
    for await (const entry of Deno.readDir(each)) {
      const path = join(each, entry.name);
      if (entry.isDirectory) folders.push(path);
      else found.set(relative(folder, path).replaceAll(sep, "/"), (await Deno.stat(path)).size);
    }
  }
  return found;
}

/** What is wrong with them, one line each. */
export function contentProblems(contents: ReadonlyMap<string, number>): string[] {
  const sum = [...contents.values()].reduce((all, size) => all + size, 0);
  return [
    ...WANTED.filter((path) => !contents.has(path)).map((path) => `${path} is missing`),
    ...[...contents.keys()].filter((path) => !ALLOWED.test(path)).map((path) =>
      `${path} ought not to be in it`
    ),
    ...[...contents].filter(([, size]) => size > MOST.file).map(([path, size]) =>
      `${path} has ${size} bytes`
    ),
    ...(sum > MOST.all ? [`all have ${sum} bytes`] : []),
    ...(contents.size > MOST.count ? [`there are ${contents.size} files`] : []),
  ];
}

/** The files and bytes of each folder, of two levels, as lines to be read. */
export function describeContents(contents: ReadonlyMap<string, number>): string {
  const folders = new Map<string, { count: number; bytes: number }>();
  for (const [path, bytes] of contents) {
    const name = path.split("/").slice(0, -1).slice(0, 2).join("/") || ".";
    const sum = folders.get(name) ?? { count: 0, bytes: 0 };
    folders.set(name, { count: sum.count + 1, bytes: sum.bytes + bytes });
  }
  return [...folders].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { count, bytes }]) =>
    `${name.padEnd(16)} ${String(count).padStart(4)} files ${
      (bytes / 1000).toFixed(0).padStart(6)
    } kB`
  ).join("\n");
}

/** The names that the modules of a package import and that are of other packages. */
export async function importedPackages(
  folder: string,
  contents: ReadonlyMap<string, number>,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const path of contents.keys()) {
    if (!/(?:\.js|\.d\.ts)$/.test(path)) continue;
    const code = (await Deno.readTextFile(join(folder, path))).replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [, name] of code.matchAll(IMPORT)) {
      if (!/^(?:\.|node:)/.test(name!)) names.add(/^(?:@[^/]+\/)?[^/]+/.exec(name!)![0]);
    }
  }
  return names;
}

const IMPORT =
  /^\s*(?:(?:import|export)\b[^;"']*?\bfrom\s*|import\s*|.*\bimport\()["']([^"']+)["']/gm;
