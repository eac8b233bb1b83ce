/**
 * Checks that deno.lock holds npm packages alone. It is the version to be committed that counts:
 * where JSR is reached, Deno adds JSR packages to the working copy, which is harmless there.
 */

import { join } from "node:path";
import { git } from "./files.ts";

/** What is wrong with the lock, one line each. */
export async function lockProblems(root: string): Promise<string[]> {
  const staged = await git(root, "show", ":deno.lock");
  return problemsOf(staged ?? await Deno.readTextFile(join(root, "deno.lock")));
}

/** What is wrong with a lock's text. */
export function problemsOf(text: string): string[] {
  const lock: Record<string, unknown> = JSON.parse(text);
  const allowed = ["version", "specifiers", "npm", "workspace"];
  const foreign = Object.keys(lock).filter((key) => !allowed.includes(key));
  const specifiers = Object.keys(lock.specifiers ?? {}).filter((name) => !name.startsWith("npm:"));
  const tarballs = Object.entries(lock.npm ?? {}).filter(([, entry]) => "tarball" in Object(entry));
  return [
    ...foreign.map((key) => `deno.lock has "${key}" entries: rule "npm entries alone"`),
    ...specifiers.map((name) => `deno.lock pins ${name}: rule "npm entries alone"`),
    ...tarballs.map(([name]) => `deno.lock names a server for ${name}: rule "no addresses"`),
  ].map((problem) => `${problem}, do git checkout deno.lock, or remove them by hand`);
}
