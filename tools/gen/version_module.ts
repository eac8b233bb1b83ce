/** Makes src/version.ts from deno.json, which is the one place that the version is written in. */

import { join } from "node:path";

const CONFIG = join(import.meta.dirname ?? ".", "../../deno.json");

/** The module's text. */
export function versionModule(): string {
  const { version } = JSON.parse(Deno.readTextFileSync(CONFIG));
  return `/**
 * The version of this package. Written by \`deno task gen\` from deno.json.
 *
 * @module
 */

/** As in deno.json. */
export const VERSION = ${JSON.stringify(version)};
`;
}
