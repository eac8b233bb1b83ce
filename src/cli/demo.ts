/**
 * `gqm demo`: reads the files of a folder as jobs, and adds workers in other processes.
 *
 * @module
 */

import { type Command, UsageError } from "./command.ts";
import { defineCommand, defineGroup } from "./define.ts";
import type { DashboardPlace } from "./demo/dashboard.ts";
import { runDemo } from "./demo/run.ts";
import { runDemoWorker } from "./demo/worker.ts";
import { orElse, text, whole, yes } from "./flags.ts";
import { DEFAULT_STORE, STORE_VARIABLE } from "../store/open.ts";

const sharedFlags = {
  store: text("URL", `Store [${STORE_VARIABLE}, else ${DEFAULT_STORE}]`),
  concurrency: whole("N", "Files read at the same time in this process [cores]", { min: 1 }),
  "lease-ms": whole("N", "Time after which the jobs of a dead worker come back [15000]", {
    min: 100,
  }),
};

const start = defineCommand({
  name: "demo start",
  summary: "Read the files of a folder as jobs, and watch",
  flags: {
    dir: orElse(text("FOLDER", "Folder whose files are read, without what git ignores"), "."),
    once: yes("End after the summary, without a dashboard"),
    port: whole("N", "Port of the dashboard [8080, or another if it is taken]", { max: 65_535 }),
    open: yes("Open the dashboard in a browser"),
    "no-dashboard": yes("Serve none"),
    "pace-ms": orElse(whole("N", "Least time per file, to have something to watch"), 0),
    ...sharedFlags,
  },
  details: `Enqueues one job per file of a folder, reads them (size, lines, words, SHA-256),
retries what fails, and shows a summary. Two jobs are made to fail: a folder
named as a file, and a file removed after it was enqueued. Reports on some
folders wait for their files. The dashboard shows it all, to this machine only;
while the demo goes on, a schedule reads a file every 15 s.`,
  examples: ["demo", "demo --once --dir ./src", "demo --pace-ms 200 --open"],
  run: ({ flags }, terminal) => {
    const { dir, once, store, concurrency, "lease-ms": leaseMs, "pace-ms": paceMs } = flags;
    const dashboard = placeOf(flags);
    return runDemo({ dir, once, store, concurrency, leaseMs, paceMs, dashboard }, terminal);
  },
});

const worker = defineCommand({
  name: "demo worker",
  summary: "Work on the demo's jobs as another process",
  flags: sharedFlags,
  examples: ["demo worker", "demo worker --store redis://127.0.0.1:6379"],
  run: ({ flags: { store, concurrency, "lease-ms": leaseMs } }, terminal) =>
    runDemoWorker({ store, concurrency, leaseMs }, terminal),
});

/** The command. */
export const demo: Command = defineGroup({
  name: "demo",
  summary: "Read the files of a folder as jobs, and watch",
  usual: "start",
  commands: { start, worker },
});

/** Where the dashboard is to be, by what was said of it. */
function placeOf(
  flags: {
    readonly once: boolean;
    readonly open: boolean;
    readonly "no-dashboard": boolean;
    readonly port: number | undefined;
  },
): DashboardPlace | undefined {
  const { port, open } = flags;
  const none = flags["no-dashboard"] ? "no-dashboard" : flags.once ? "once" : undefined;
  if (none === undefined) return { port, open };
  if (port === undefined && !open) return undefined;
  throw new UsageError(`'--${port === undefined ? "open" : "port"}' does not go with '--${none}'`);
}
