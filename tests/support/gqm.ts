/**
 * Runs the command `gqm` from the sources, as a user would.
 */

import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
let std: Promise<string[]> | undefined;

/** Arguments that give child processes the standard library, wherever it comes from. */
function standardLibrary(): Promise<string[]> {
  return std ??= new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/std.ts"],
    cwd: root,
  })
    .output()
    .then(({ stdout }) =>
      new TextDecoder().decode(stdout).trim().split(/\s+/).filter((arg) => arg !== "")
    );
}

/** Starts `gqm` with these arguments. */
export async function startGqm(args: readonly string[]): Promise<Deno.ChildProcess> {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...await standardLibrary(), "cli.ts", ...args],
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
}

/** Runs `gqm` to its end. */
export async function runGqm(
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await (await startGqm(args)).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
