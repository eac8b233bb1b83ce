/**
 * Bundles the command into files of plain JavaScript that need nothing else: itself, and what its threads begin with,
 * which it finds beside it. Both ways of compiling take these, so that they cannot differ.
 */

import { basename, join } from "node:path";
import { stdArgs } from "../std.ts";

/** What was bundled. */
export interface Bundle {
  /** The folder that holds it. */
  readonly folder: string;
  /** The file that is run. */
  readonly main: string;
  /** Those that threads begin with. */
  readonly threads: readonly string[];
}

const MAIN = "cli.ts";
const THREADS = [
  "src/monitor/auth/password_main.ts",
  "src/run/keeper_main.ts",
  "src/run/thread_main.ts",
];

/** Bundles it into a folder. */
export async function bundleCommand(root: string, folder: string): Promise<Bundle> {
  await Deno.mkdir(folder, { recursive: true });
  const std = await stdArgs();
  const bundleFile = async (entry: string): Promise<string> => {
    const name = basename(entry).replace(/\.ts$/, ".js");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        ...std,
        "--platform=deno",
        `--output=${join(folder, name)}`,
        entry,
      ],
      cwd: root,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
    }).output();
    if (code === 0) return name;
    throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr).trim()}`);
  };
  const main = await bundleFile(MAIN);
  const threads = [];
  for (const entry of THREADS) threads.push(await bundleFile(entry));
  return { folder, main, threads };
}
