/** Finds what is left over from work in progress: notes to self, focused tests, private paths. */

import { join } from "node:path";

/** Files that must name the words to look for them. */
const EXEMPT = ["tools/ok/words.ts", "tests/tools/words_test.ts"];
const BINARY = /\0/;
/** Shorter folder names would match by chance. */
const SHORTEST_FOLDER = 5;

const LEFTOVERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:<{7}|>{7})(?: |$)/, "a merge conflict"],
  [/\b(?:TODO|FIXME)\b|\bXXX:/, "work left open"],
  [/\bnot (?:yet )?implemented\b|\blorem ipsum\b/i, "a placeholder"],
  [/\b(?:describe|it|suite|test|bench)\.only\(|\bonly: true\b/, "a focused test"],
];

/** Leftovers in the files, one line each. */
export async function leftoverWords(root: string, files: readonly string[]): Promise<string[]> {
  const patterns = [...LEFTOVERS, ...privatePaths([root, Deno.env.get("HOME") ?? ""])];
  const found = await Promise.all(files.map(async (path) => {
    if (EXEMPT.includes(path)) return [];
    const text = await Deno.readTextFile(join(root, path));
    return BINARY.test(text) ? [] : leftoversIn(path, text, patterns);
  }));
  return found.flat();
}

/** Patterns for folders of this machine, which mean nothing on another. */
export function privatePaths(folders: readonly string[]): [RegExp, string][] {
  return folders.filter((folder) => folder.length >= SHORTEST_FOLDER).map((folder) => [
    new RegExp(`(?<![\\w/.-])${RegExp.escape(folder)}(?![\\w.-])`),
    "a path of this machine",
  ]);
}

/** Leftovers in one text. */
export function leftoversIn(
  path: string,
  text: string,
  patterns: readonly (readonly [RegExp, string])[] = LEFTOVERS,
): string[] {
  return text.split("\n").flatMap((line, i) =>
    patterns.filter(([pattern]) => pattern.test(line)).map(([, what]) =>
      `${path}:${i + 1} holds ${what}: ${line.trim().slice(0, 100)}`
    )
  );
}
