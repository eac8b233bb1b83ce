/**
 * A worker of the demo as the command `gqm demo worker` starts it, but without
 * the command's own packages, so that it runs on Deno, Bun and Node.
 *
 * Arguments: store URL, file of effects, lease in milliseconds.
 */

import { appendFileSync } from "node:fs";
import process from "node:process";
import { runDemoWorker } from "../../src/cli/demo/worker.ts";
import { processTerminal, type Terminal } from "../../src/runtime/terminal.ts";

const [store, effects, leaseMs] = process.argv.slice(2) as [string, string, string];
const runtime = ["deno", "bun"].find((name) => name in process.versions) ?? "node";
const note = (text: string): void => appendFileSync(effects, `${runtime} ${text.trim()}\n`);
const terminal: Terminal = {
  ...processTerminal(),
  interactive: true, // so that each change is written
  colours: false,
  columns: () => 80,
  out: note,
  err: note,
};
process.exitCode = await runDemoWorker(
  { store, concurrency: 2, leaseMs: Number(leaseMs) },
  terminal,
);
