/**
 * Files and folders.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

/** Reads a whole file. */
export async function readBytes(
  path: string,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(path, { signal }));
}

/** Reads the beginning of a file, which may be a pipe: at most so many bytes, and one more if there are more. */
export async function readBeginning(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(most + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Where a path leads when links are followed; undefined if nothing is there. */
export async function realPath(path: string): Promise<string | undefined> {
  return await realpath(path).catch(() => undefined);
}

/** Whether a path leads into a folder. Both are absolute, with no link in them. */
export function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The size of a file in bytes; undefined if there is no regular file. */
export async function fileSize(path: string): Promise<number | undefined> {
  return await stat(path).then((found) => found.isFile() ? found.size : undefined, () => undefined);
}

/** The URL of a module: what is no URL is a path. */
export function moduleUrl(given: string): string {
  return /^(?:https?|file|data|jsr|npm):/.test(given) ? given : pathToFileURL(resolve(given)).href;
}

/** An absolute path. */
export function absolutePath(path: string): string {
  return resolve(path);
}

/** The folder of a file. */
export function folderOf(path: string): string {
  return dirname(path);
}

/** The name of a file in its folder. */
export function baseName(path: string): string {
  return basename(path);
}

/** Whether a path is a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isDirectory(), () => false);
}

/** Makes a file in a new temporary folder; dispose it to remove both. */
export async function temporaryFile(
  name: string,
  text: string,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "gqm-"));
  const path = join(folder, name);
  await writeFile(path, text);
  return {
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Lists the regular files of a folder, sorted, without what git ignores. Where
 * git is not at hand or the folder is no repository: without `.git`,
 * `node_modules` and what the plain patterns of the folder's `.gitignore` name.
 */
export async function listFiles(folder: string): Promise<string[]> {
  const names = await filesOfGit(folder) ?? await filesByWalk(folder, await ignoredBy(folder));
  const paths: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const isFile = await stat(path).then((found) => found.isFile(), () => false);
    if (isFile) paths.push(path);
  }
  return paths.sort();
}

function filesOfGit(folder: string): Promise<string[] | undefined> {
  const args = ["-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  return new Promise((resolve) => {
    execFile("git", args, { maxBuffer: 256 * 1024 * 1024 }, (error, stdout) => {
      resolve(
        error === null ? [...new Set(stdout.split("\0").filter((name) => name !== ""))] : undefined,
      );
    });
  });
}

async function filesByWalk(
  folder: string,
  ignored: (path: string, name: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      const inside = relative(folder, path).split(sep).join("/");
      if (ignored(inside, entry.name)) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) found.push(inside);
    }
  }
  return found;
}

/** The plain patterns of a `.gitignore`: `name`, `folder/`, `*.ext` and `/path`; others are left out. */
async function ignoredBy(folder: string): Promise<(path: string, name: string) => boolean> {
  const text = await readFile(join(folder, ".gitignore"), "utf8").catch(() => "");
  const names = new Set([".git", "node_modules"]);
  const paths = new Set<string>();
  const endings: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const pattern = line.trim().replace(/\/$/, "");
    if (pattern === "" || /^[#!]/.test(pattern)) continue;
    if (/^\*[^*?[/]+$/.test(pattern)) endings.push(pattern.slice(1));
    else if (/[*?[]/.test(pattern)) continue;
    else if (pattern.includes("/")) paths.add(pattern.replace(/^\//, ""));
    else names.add(pattern);
  }
  return (path, name) =>
    names.has(name) || paths.has(path) || endings.some((ending) => name.endsWith(ending));
}
