/**
 * Builds what is not kept in the repository: the third-party code of the dashboard, bundled for browsers into
 * `dashboard/vendor`, the modules with the files of the dashboard, as they are served and as they are, and the module
 * with the licences of all that is in the command. Writes nothing that has not changed. The tasks that need it run it first.
 *
 * `deno task build`
 */

import { bundleVendor } from "./build/bundle.ts";
import { writeAssets } from "./build/assets.ts";
import { writeLicenses } from "./build/licenses.ts";

/**
 * Builds everything that is out of date, and tells what that was: nothing in a tree that has no dashboard, such as
 * those that the tools are tested in.
 */
export async function build(root: URL): Promise<readonly string[]> {
  if (!await Deno.stat(new URL("dashboard/", root)).then(() => true, () => false)) return [];
  const bundled = await bundleVendor(root);
  return [...bundled, ...await writeAssets(root), ...await writeLicenses(root)];
}

if (import.meta.main) {
  for (const path of await build(new URL("../", import.meta.url))) console.error(`built ${path}`);
}
