/** Edits a configuration until it is killed; writes a byte after each edit. */

import { runCommand } from "../../src/cli/main.ts";
import { TestTerminal } from "./test_terminal.ts";

const [path = "", name = ""] = Deno.args;
for (let i = 0;; i++) {
  const code = await runCommand(
    ["add-api-key", `k-${name}-${i}`, "--config", path],
    new TestTerminal(),
  );
  if (code !== 0) Deno.exit(code);
  await Deno.stdout.write(new Uint8Array([1]));
}
