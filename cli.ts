/**
 * The command `gqm`.
 *
 * @module
 */

import { runCommand } from "./src/cli/main.ts";
import { processArguments, processTerminal, setExitCode } from "./src/runtime/terminal.ts";

if (import.meta.main) {
  setExitCode(await runCommand(processArguments(), processTerminal()));
}
