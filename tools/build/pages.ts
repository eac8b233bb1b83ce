/**
 * Makes what browsers are sent out of the files of the dashboard: the modules bundled, so that a page needs few
 * requests, and without what only people read. The files themselves stay as they are, for whoever exports them.
 */

import { denoBundle } from "./deno_bundle.ts";

const SCRIPT = "main.js";
const STYLES = ["style.css", "vendor/uplot.css"];
/** What is sent as it is. */
const PLAIN = ["index.html", "icon.svg", "theme.js", "vendor/THIRD_PARTY_LICENSES.txt"];

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>;

/**
 * What browsers are sent, by paths below the dashboard's own.
 *
 * @param folder The folder of the dashboard.
 */
export async function servedFiles(folder: URL): Promise<Files> {
  const out = await Deno.makeTempDir({ prefix: "gqm_build_" });
  try {
    await denoBundle(folder, [SCRIPT], ["--code-splitting", "--outdir", `${out}/modules`]);
    for (const [index, path] of STYLES.entries()) {
      await denoBundle(folder, [path], ["-o", `${out}/${index}.css`]);
    }
    const files: Record<string, string> = {};
    for await (const { name } of Deno.readDir(`${out}/modules`)) {
      files[name] = withoutIndentation(await Deno.readTextFile(`${out}/modules/${name}`));
    }
    for (const [index, path] of STYLES.entries()) {
      files[path] = await Deno.readTextFile(`${out}/${index}.css`);
    }
    for (const path of PLAIN) files[path] = await Deno.readTextFile(new URL(path, folder));
    return files;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

/** All files of the dashboard, as people read them. */
export async function sourceFiles(folder: URL, prefix = ""): Promise<Files> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const url = new URL(encodeURIComponent(name), folder);
    if (isDirectory) {
      Object.assign(files, await sourceFiles(new URL(`${url}/`), `${prefix}${name}/`));
    } else files[prefix + name] = await Deno.readTextFile(url);
  }
  return files;
}

/** Lines are only left in templates of HTML, where what stands before them means nothing. */
function withoutIndentation(script: string): string {
  return script.replaceAll(/\n[ \t]+/g, "\n");
}
