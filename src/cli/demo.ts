/**
 * `gqm demo`: the main job on real files, and more workers for it.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import type { Terminal } from "../runtime/terminal.ts";
import { type Command, UsageError } from "./command.ts";
import { runDemo } from "./demo/run.ts";
import { runDemoWorker } from "./demo/worker.ts";

const usage = `Usage: gqm demo [options]
       gqm demo worker [options]

Enqueues one job per file of a folder, reads them (size, lines, words, SHA-256),
retries what fails, and shows a summary. Two jobs are made to fail: a folder
named as a file, and a file removed after it was enqueued. 'worker' adds another
process that works on the same store.

Options:
  --dir FOLDER        Folder whose files are read, without what git ignores [.]
  --store URL         Store [GQM_STORE, else sqlite:./gqm.db]
  --once              End after the summary instead of working on
  --concurrency N     Files read at the same time in this process [cores]
  --pace-ms N         Least time per file, to have something to watch [0]
  --lease-ms N        Time after which the jobs of a dead worker come back [15000]
`;

/** The command. */
export const demo: Command = {
  summary: "Read the files of a folder as jobs, and watch",
  usage,
  run: async (args: readonly string[], terminal: Terminal): Promise<number> => {
    const flags = parseArgs([...args], {
      string: ["dir", "store", "concurrency", "pace-ms", "lease-ms"],
      boolean: ["once"],
      unknown: (name, key) => {
        if (key !== undefined) throw new UsageError(`unknown option '${name}'`);
      },
    });
    const [mode, ...rest] = flags._;
    if ((mode !== undefined && mode !== "worker") || rest.length > 0) {
      throw new UsageError(`unexpected argument '${rest[0] ?? mode}'`);
    }
    const shared = {
      store: flags.store,
      concurrency: wholeNumber("concurrency", flags.concurrency, 1),
      leaseMs: wholeNumber("lease-ms", flags["lease-ms"], 100),
    };
    if (mode === "worker") {
      for (const name of ["dir", "once", "pace-ms"] as const) {
        if (flags[name]) throw new UsageError(`'--${name}' is not for workers`);
      }
      return await runDemoWorker(shared, terminal);
    }
    const paceMs = wholeNumber("pace-ms", flags["pace-ms"], 0) ?? 0;
    return await runDemo({ ...shared, dir: flags.dir ?? ".", once: flags.once, paceMs }, terminal);
  },
};

function wholeNumber(name: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`'--${name}' must be a whole number >= ${min}: current value is '${text}'`);
}
