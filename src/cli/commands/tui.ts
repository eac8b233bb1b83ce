/**
 * `gqm tui`: the terminal monitor.
 *
 * @module
 */

import { targetFlags, withApi } from "../api.ts";
import type { Command } from "../command.ts";
import { defineCommand } from "../define.ts";
import { runTui } from "../tui/app.ts";

/** The command. */
export const tui: Command = defineCommand({
  name: "tui",
  summary: "Watch and change jobs in the terminal",
  flags: targetFlags,
  details: "Press ? for the keys.",
  examples: [
    "tui --store redis://127.0.0.1:6379",
    "tui --api-url http://127.0.0.1:8080 --api-key KEY",
  ],
  run: ({ flags }, terminal) =>
    withApi(flags, async (api) => {
      await api.get("/api/v1/overview"); // what cannot be reached is told before the screen is taken
      await runTui(api, terminal.colours);
      return 0;
    }),
});
