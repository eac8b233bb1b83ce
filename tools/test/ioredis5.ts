/**
 * Gets ioredis 5 for the tests of the Redis store, which takes versions 5 and 6; the one of
 * deno.json is 6. It goes to `.runtimes/ioredis5/` of the checkout, so that nothing but the tests
 * downloads it.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { ensurePackage } from "./extra_package.ts";

const VERSION = "^5.8.0";
const DIRECTORY = join(import.meta.dirname ?? ".", "../../.runtimes/ioredis5");

/** Installs ioredis 5 unless that has been done. Runs on Deno. */
export async function ensureIoredis5(directory: string = DIRECTORY): Promise<void> {
  await ensurePackage({ directory, name: "ioredis", version: VERSION });
}

/** The module, or undefined if it is not installed. Runs on Deno, Bun and Node. */
export function loadIoredis5(directory: string = DIRECTORY): unknown {
  try {
    // By its path: by its name, version 6 would be found in a folder above.
    return createRequire(import.meta.url)(join(directory, "node_modules", "ioredis"));
  } catch {
    return undefined; // whoever needs it says how to get it
  }
}

if (import.meta.main) await ensureIoredis5();
