/**
 * Gets npm and TypeScript for the tests of the package, which install it and check its types as users do. They go to
 * `.runtimes/npm/` and `.runtimes/typescript/` of the checkout, so that nothing but the tests downloads them.
 */

import { join } from "node:path";
import { ensurePackage, type ExtraPackage } from "./extra_package.ts";

const RUNTIMES = join(import.meta.dirname ?? ".", "../../.runtimes");
const NPM: ExtraPackage = { directory: join(RUNTIMES, "npm"), name: "npm", version: "^11.0.0" };
const TYPESCRIPT: ExtraPackage = {
  directory: join(RUNTIMES, "typescript"),
  name: "typescript",
  version: "^6.0.0",
};

/** Scripts that Node runs. */
export const NPM_SCRIPT = join(NPM.directory, "node_modules/npm/bin/npm-cli.js");
export const TSC_SCRIPT = join(TYPESCRIPT.directory, "node_modules/typescript/bin/tsc");

/** Installs both unless that has been done. */
export async function ensureNpm(): Promise<void> {
  await ensurePackage(NPM);
  await ensurePackage(TYPESCRIPT);
}

if (import.meta.main) await ensureNpm();
