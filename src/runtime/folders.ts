/**
 * Folders that are filled with files.
 *
 * @module
 */

import { mkdir, mkdtemp, readdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isInside } from "./files.ts";

/** How many names stand in a folder; undefined if there is no such folder. */
export async function countNames(folder: string): Promise<number | undefined> {
  try {
    return (await readdir(folder)).length;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Puts files into a folder, which is made if it is not there. Each is whole or not there at all, and takes the place
 * of one with its path: all are written beside their places first, so that a full disk changes nothing.
 *
 * @param files Texts by their paths below the folder, with a slash between segments, in the order in which they appear.
 */
export async function putFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  try {
    const root = await realpath(folder);
    const staged = await mkdtemp(join(root, ".gqm-"));
    try {
      for (const [path, text] of files) {
        await mkdir(dirname(join(staged, path)), { recursive: true });
        await writeFile(join(staged, path), text, { flush: true });
        await makeFolder(root, dirname(join(root, path)));
      }
      for (const path of files.keys()) await rename(join(staged, path), join(root, path));
    } finally {
      await rm(staged, { recursive: true, force: true });
    }
  } catch (error) {
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/** Makes a folder in another, out of which no link may lead. */
async function makeFolder(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const real = await realpath(folder);
  if (real === root || isInside(root, real)) return;
  throw new Error(`Cannot write files as no link may lead out: current value is '${folder}'`);
}
