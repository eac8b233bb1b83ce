/** Compiles by Bun: for this machine, whose Bun comes from npm. */

import { runtimes } from "../runtimes.ts";
import type { Bundle } from "./bundle.ts";

/** Compiles a bundle into one file. */
export async function compileByBun({ folder, main, threads }: Bundle, path: string): Promise<void> {
  const { bun } = await runtimes();
  const { code, stderr } = await new Deno.Command(bun.bin, {
    args: ["build", "--compile", main, ...threads, `--outfile=${path}`],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`Cannot compile by Bun: ${new TextDecoder().decode(stderr).trim()}`);
  }
}
