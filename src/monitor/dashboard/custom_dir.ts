/**
 * The files of a folder that takes the place of our pages. Links may not lead out of it.
 *
 * @module
 */

import type { Logger } from "../../logger.ts";
import { fileSize, isFolder, isInside, readBytes, realPath } from "../../runtime/files.ts";
import { toHex } from "../digest.ts";
import type { PageFiles } from "./page_files.ts";

/** Largest file that is served, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The files of a folder; undefined if it cannot be used, which is logged.
 *
 * @param version What its file `VERSION` should say; else it is warned of.
 */
export async function customFiles(
  folder: string,
  version: string,
  logger: Logger,
): Promise<PageFiles | undefined> {
  const told = { option: "dashboard.customDir", folder };
  const root = await realPath(folder);
  if (root === undefined || !await isFolder(root)) {
    logger.error("Own pages are shown: the folder with others cannot be used", told);
    return undefined;
  }
  const files: PageFiles = {
    isOurs: false,
    read: async (path) => {
      const real = await realPath(`${root}/${path}`);
      if (real === undefined || !isInside(root, real)) return undefined;
      if ((await fileSize(real) ?? Infinity) > MAX_BYTES) return undefined;
      const bytes = await readBytes(real).catch(() => undefined);
      if (bytes === undefined) return undefined;
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return { etag: toHex(digest).slice(0, 16), bytes };
    },
  };
  if (await files.read("index.html") === undefined) {
    logger.error("Own pages are shown: the folder with others has no index.html", told);
    return undefined;
  }
  const found = await files.read("VERSION");
  const text = found && new TextDecoder().decode(found.bytes).trim();
  if (text !== version) {
    const message = "The pages in the folder may be of another version";
    logger.warn(message, { ...told, version: text ?? null, expected: version });
  }
  return files;
}
