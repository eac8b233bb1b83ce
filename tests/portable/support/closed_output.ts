/** Writes to its output once nobody reads it: waits for the end of its input, writes, and says on standard error that it is done. */

import process from "node:process";
import { setImmediate as turn } from "node:timers/promises";
import { processTerminal } from "../../../src/runtime/terminal.ts";

const terminal = processTerminal();
for await (const _ of process.stdin);
for (let n = 0; n < 20; n++) {
  terminal.out(`${"x".repeat(65_536)}\n`);
  await turn();
}
terminal.err("done\n");
