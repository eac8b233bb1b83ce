/**
 * Gets the SDK of OpenTelemetry for the tests of `./otel`, which itself needs the API alone. It goes
 * to `.runtimes/otel_sdk/` of the checkout, so that nothing but the tests downloads it.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { ensurePackage } from "./extra_package.ts";

const NAME = "@opentelemetry/sdk-trace-base";
const VERSION = "^2.0.0";
const DIRECTORY = join(import.meta.dirname ?? ".", "../../.runtimes/otel_sdk");

/** Installs the SDK unless that has been done. Runs on Deno. */
export async function ensureOtelSdk(): Promise<void> {
  await ensurePackage({ directory: DIRECTORY, name: NAME, version: VERSION });
}

/** The module, or undefined if it is not installed. Runs on Deno, Bun and Node. */
export function loadOtelSdk(): unknown {
  try {
    return createRequire(import.meta.url)(join(DIRECTORY, "node_modules", NAME));
  } catch {
    return undefined; // whoever needs it says how to get it
  }
}

if (import.meta.main) await ensureOtelSdk();
