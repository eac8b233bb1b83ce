/** A folder with pages of a test's own. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder that is removed at the end. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** Writes a file, and the folders on the way to it. */
  write(path: string, contents: string | Uint8Array): Promise<void>;
}

/** Makes a folder with files. */
export async function folderOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "gqm-pages-"));
  const write: Folder["write"] = async (name, contents) => {
    const file = join(path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents);
  };
  for (const [name, contents] of Object.entries(files)) await write(name, contents);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
