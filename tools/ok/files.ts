/** Lists the files of the checkout that belong to the project. */

import { join, relative, sep } from "node:path";

/** Folders that are never part of the project, where git cannot be asked. */
const FOREIGN = new Set([".git", ".runtimes", "coverage", "dist", "node_modules"]);

/** All files that git tracks or would add; without git, all outside well-known other folders. */
export async function trackedFiles(root: string): Promise<string[]> {
  const listed = await git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  if (listed === undefined) return await walk(root);
  const exists = await Promise.all(
    listed.split("\0").filter(Boolean).map(async (path) =>
      await Deno.lstat(join(root, path)).then(() => [path], () => [])
    ),
  );
  return exists.flat().sort();
}

/** The library's own modules among the files, but for those that a thread begins with: they run when imported. */
export function sourceFiles(files: readonly string[]): string[] {
  return files.filter((path) => path === "mod.ts" || /^src\/.*(?<!\.gen|_main)\.ts$/.test(path));
}

/** Those of the files that have blocks of code in their text or comments: a test of the others only loads them. */
export async function withBlocks(root: string, files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((path) => Deno.readTextFile(join(root, path))));
  return files.filter((_, i) => /```|~~~/.test(texts[i]!));
}

/** What a git command prints, or nothing where there is no git or no repository. */
export async function git(root: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { code, stdout } = await new Deno.Command("git", { args, cwd: root, stderr: "null" })
      .output();
    return code === 0 ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function walk(root: string): Promise<string[]> {
  const found: string[] = [];
  const folders = [root];
  for (const folder of folders) {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory && !FOREIGN.has(entry.name)) folders.push(path);
      else if (entry.isFile) found.push(relative(root, path).replaceAll(sep, "/"));
    }
  }
  return found.sort();
}
