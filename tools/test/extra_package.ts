/** Packages that tests alone need, each in a folder of its own below `.runtimes/` of the checkout. */

import { join } from "node:path";
import { npmInstall } from "../npm_install.ts";

/** A package from npm. */
export interface ExtraPackage {
  /** The folder that it is installed to. */
  readonly directory: string;
  readonly name: string;
  readonly version: string;
}

/** Installs a package unless that has been done. Runs on Deno. */
export async function ensurePackage({ directory, name, version }: ExtraPackage): Promise<void> {
  const imports = { [name]: `npm:${name}@${version}` };
  const declaration = JSON.stringify({ nodeModulesDir: "auto", imports });
  const config = join(directory, "deno.json");
  const isThere = await Deno.stat(join(directory, "node_modules", name)).then(() => true, no);
  if (isThere && await Deno.readTextFile(config) === declaration) return;
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(config, declaration);
  await npmInstall(directory, `${name} ${version}`);
}

function no(error: unknown): false {
  if (error instanceof Deno.errors.NotFound) return false;
  throw error;
}
