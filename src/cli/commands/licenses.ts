/**
 * `gqm licenses`: ours, and those of all that comes with the command.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { defineCommand } from "../define.ts";
import { standaloneRuntime } from "../../runtime/standalone.ts";

/** What a binary holds besides: its makers tell of all that is in it. */
const RUNTIMES = {
  bun: "This binary holds Bun (MIT), which is linked with JavaScriptCore (LGPL-2) and others:\n" +
    "https://bun.sh/docs/project/license\n",
  deno: "This binary holds Deno (MIT), which is linked with V8 (BSD-3-Clause) and others:\n" +
    "https://github.com/denoland/deno\n",
};

/** The command. */
export const licenses: Command = defineCommand({
  name: "licenses",
  summary: "Print the licence of gqm, and those of all that is in it",
  examples: ["licenses", "licenses > licenses.txt"],
  run: async (_, terminal) => {
    const { licenses } = await import("../licenses.gen.ts").catch((cause: unknown) => {
      throw new Error("cannot print licences as they must be built: run 'deno task build'", {
        cause,
      });
    });
    const inside = standaloneRuntime();
    terminal.out(licenses + (inside === undefined ? "" : `\n${RULE}\n\n${RUNTIMES[inside]}`));
    return 0;
  },
});

/** As between the others. */
const RULE = "-".repeat(72);
