/**
 * `gqm dashboard export`: the files of the dashboard, to change them and serve them by `customDir`.
 *
 * @module
 */

import { DashboardNotBuiltError } from "../monitor/dashboard/built_in.ts";
import { countNames, putFiles } from "../runtime/folders.ts";
import { VERSION } from "../version.ts";
import type { Command } from "./command.ts";
import { defineCommand, defineGroup } from "./define.ts";
import { yes } from "./flags.ts";

/** What is shown of a folder: while it is missing, our own pages are served in its place. */
const FIRST_PAGE = "index.html";

/** The command. */
export const dashboard: Command = defineGroup({
  name: "dashboard",
  summary: "Write the files of the dashboard into a folder",
  commands: {
    export: defineCommand({
      name: "dashboard export",
      summary: "Write the files of the dashboard, as people read them, into a folder",
      args: [{ name: "DIR" }],
      flags: {
        force: yes("Write into a folder that is not empty, over files of the same names"),
      },
      details:
        "The folder is made if it is not there. A monitor with the option 'dashboard: { customDir }'\n" +
        "serves them in the place of its own, as they are at the time.",
      examples: ["dashboard export ./my-dashboard"],
      run: async ({ args, flags }, terminal) => {
        const folder = args[0]!;
        await exportTo(folder, flags.force);
        terminal.out(`✓ Dashboard exported to ${folder}\n`);
        return 0;
      },
    }),
  },
});

async function exportTo(folder: string, isForced: boolean): Promise<void> {
  const { sources } = await import("../monitor/dashboard/sources.gen.ts").catch(
    (error: unknown) => {
      throw new DashboardNotBuiltError(error);
    },
  );
  const files = new Map(Object.entries(sources).map(([path, { text }]) => [path, text]));
  // The first page comes last: what is not whole is not shown.
  const page = files.get(FIRST_PAGE)!;
  files.delete(FIRST_PAGE);
  files.set("VERSION", `${VERSION}\n`).set(FIRST_PAGE, page);
  let isFull: boolean;
  try {
    isFull = !isForced && (await countNames(folder) ?? 0) > 0;
    if (!isFull) await putFiles(folder, files);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot export dashboard to '${folder}': ${told}`, { cause: error });
  }
  if (!isFull) return;
  const rule = "the folder must be empty, or '--force' be given";
  throw new Error(`Cannot export dashboard as ${rule}: current value is '${folder}'`);
}
