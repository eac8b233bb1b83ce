/**
 * A program that is one file with its runtime, by `deno compile` or `bun build --compile`; and the runtimes installed
 * beside it, which can do what it cannot.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { constants as os, tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import process from "node:process";

/** A runtime that may be installed. */
export type RuntimeName = "deno" | "bun" | "node";

/** What those that compile tell of the program. */
interface Globals {
  readonly Deno?: { readonly build: { readonly standalone?: boolean } };
  readonly Bun?: { readonly main: string };
}

/** Arguments before the file, for each: Bun's copy of our own code names `node:fs` plainly `fs`. */
const ARGUMENTS: Readonly<Record<RuntimeName, readonly string[]>> = {
  deno: ["run", "--allow-all", "--no-config", "--quiet", "--unstable-bare-node-builtins"],
  bun: ["run"],
  node: ["--disable-warning=ExperimentalWarning"],
};

/** The runtime that this program is one file with; undefined if it is not. */
export function standaloneRuntime(): "deno" | "bun" | undefined {
  const { Deno, Bun } = globalThis as unknown as Globals;
  if (Deno !== undefined) return Deno.build.standalone === true ? "deno" : undefined;
  return Bun !== undefined && /^(?:\/\$bunfs\/|[A-Z]:[\\/]~BUN)/.test(Bun.main) ? "bun" : undefined;
}

/** The first of these runtimes that is installed; undefined if none is. */
export async function installedRuntime(
  names: readonly RuntimeName[],
): Promise<{ readonly name: RuntimeName; readonly path: string } | undefined> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name + suffix);
      if (await access(path, constants.X_OK).then(() => true, () => false)) return { name, path };
    }
  }
  return undefined;
}

/**
 * Runs this program's own files by a runtime that is installed, with the same streams, and ends it as this process is
 * told to end.
 *
 * @param files URLs of the files; the first is run, and finds the others beside it.
 * @returns Its exit code.
 */
export async function runByInstalled(
  { name, path }: { readonly name: RuntimeName; readonly path: string },
  files: readonly URL[],
  args: readonly string[],
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "gqm-"));
  try {
    // Node asks for it, else it guesses and warns.
    await writeFile(join(folder, "package.json"), '{"type":"module"}\n');
    for (const url of files) await writeFile(join(folder, fileName(url)), await readFile(url));
    const command = [...ARGUMENTS[name], join(folder, fileName(files[0]!)), ...args];
    // In a group of its own it hears a Ctrl-C once, from here; on Windows, where it hears it anyway, it would get a
    // window of its own.
    const isAlone = process.platform !== "win32";
    const child = spawn(path, command, { stdio: "inherit", detached: isAlone });
    const pass = (signal: NodeJS.Signals): void => {
      if (isAlone) child.kill(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, pass);
    try {
      return await new Promise<number>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code, signal) => {
          resolve(code ?? 128 + (signal === null ? 0 : os.signals[signal]));
        });
      });
    } finally {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, pass);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bun names its own file after the binary, without an ending. */
function fileName(url: URL): string {
  return `${basename(url.pathname).replace(/\.(?:js|exe)$/, "")}.js`;
}
