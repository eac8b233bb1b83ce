/**
 * Writes the modules with the files of the dashboard: a module that comes from a URL, or is part of a
 * binary, has no files beside it.
 */

import { sha256Hex } from "./digest.ts";
import { type Files, servedFiles, sourceFiles } from "./pages.ts";

const FOLDER = "src/monitor/dashboard";

/** Writes those that are not as they should be. @returns Their paths. */
export async function writeAssets(root: URL): Promise<readonly string[]> {
  const folder = new URL("dashboard/", root);
  const served = await servedFiles(folder);
  const sources = await sourceFiles(folder);
  const written = [
    await write(root, "assets.gen.ts", "What browsers are sent, by path.", "assets", served),
    await write(root, "sources.gen.ts", "The files of `dashboard/`, by path.", "sources", sources),
  ];
  return written.filter((path) => path !== undefined);
}

async function write(
  root: URL,
  name: string,
  doc: string,
  constant: string,
  files: Files,
): Promise<string | undefined> {
  const rows = await Promise.all(
    Object.keys(files).sort().map(async (path) => {
      const text = files[path]!;
      const etag = (await sha256Hex(text)).slice(0, 16);
      return `  ${JSON.stringify(path)}: { etag: "${etag}", text: ${JSON.stringify(text)} },\n`;
    }),
  );
  const source = `// Written by tools/build.ts: change the files in dashboard/.
import type { Asset } from "./asset.ts";

/** ${doc} */
export const ${constant}: Readonly<Record<string, Asset>> = {
${rows.join("")}};
`;
  const url = new URL(`${FOLDER}/${name}`, root);
  if (await Deno.readTextFile(url).catch(() => "") === source) return undefined;
  await Deno.writeTextFile(url, source);
  return `${FOLDER}/${name}`;
}
