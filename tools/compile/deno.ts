/** Compiles by Deno: for any of the targets. It downloads what the program is put into, once for each. */

import type { Bundle } from "./bundle.ts";

/** What can be compiled for. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/** One of them. */
export type Target = typeof TARGETS[number];

/**
 * All that the binary may do: stores and monitors are anywhere, so are files and the variables that name them; `sys`
 * tells the machine's name and memory; it starts `git` to list files, a browser, and runtimes for handlers.
 */
export const PERMISSIONS: readonly string[] = [
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-sys",
  "--allow-run=git,deno,bun,node,open,xdg-open,cmd",
];

/** What a program is put into could not be downloaded. */
export class BaseError extends Error {}

/** The target that is this machine. */
export function hostTarget(): Target {
  const found = TARGETS.find((target) => target === Deno.build.target);
  if (found !== undefined) return found;
  throw new Error(
    `Cannot compile as the machine must be one of ${
      TARGETS.join(", ")
    }: current value is "${Deno.build.target}"`,
  );
}

/**
 * Compiles a bundle into one file.
 *
 * @param base An executable to put it into, in place of what is downloaded: to see what would go in.
 * @returns With a base of one's own the list of the files in it.
 * @throws {BaseError} If the network does not give what it is put into.
 */
export async function compileByDeno(
  { folder, main, threads }: Bundle,
  target: Target,
  path: string,
  base?: string,
): Promise<string> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["compile", "--no-config", "--node-modules-dir=none", "--no-check"],
      // The binary is as quiet as this: of a browser or runtime that is not installed it says nothing.
      ...base === undefined ? ["--quiet"] : [],
      ...[`--target=${target}`, `--output=${path}`, ...PERMISSIONS],
      ...threads.map((name) => `--include=${name}`),
      main,
    ],
    cwd: folder,
    env: { NO_COLOR: "1", ...base === undefined ? {} : { DENORT_BIN: base } },
    stdin: "null",
    stdout: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (code === 0) return said;
  if (!said.includes("Setting up base binary")) throw new Error(`Cannot compile: ${said.trim()}`);
  const why = /1: (.*)/.exec(said)?.[1] ?? said.trim();
  throw new BaseError(`Cannot get what deno compile puts a program for ${target} into: ${why}`);
}
