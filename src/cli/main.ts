/**
 * From arguments to a command and its exit code: 0 if it went well, else 1.
 *
 * @module
 */

import { STORE_VARIABLE } from "../store/open.ts";
import type { Terminal } from "../runtime/terminal.ts";
import { suggestion } from "../nearest.ts";
import { VERSION } from "../version.ts";
import { type Command, UsageError } from "./command.ts";
import { asksForHelp } from "./define.ts";
import { bench } from "./commands/bench.ts";
import { completions } from "./commands/completions.ts";
import { dlq } from "./commands/dlq.ts";
import { doctor } from "./commands/doctor.ts";
import { enqueue } from "./commands/enqueue.ts";
import { jobs } from "./commands/jobs.ts";
import { licenses } from "./commands/licenses.ts";
import { queues } from "./commands/queues.ts";
import { run } from "./commands/run.ts";
import { schedules } from "./commands/schedules.ts";
import { generateApiKey, hashPassword } from "./commands/secrets.ts";
import { stats } from "./commands/stats.ts";
import { tui } from "./commands/tui.ts";
import { workers } from "./commands/workers.ts";
import { dashboard } from "./dashboard.ts";
import { addApiKey, revokeApiKey } from "./commands/config_keys.ts";
import { setPassword } from "./commands/config_users.ts";
import { init } from "./commands/init.ts";
import { demo } from "./demo.ts";

/** The commands, by their names. */
export const commands: Readonly<Record<string, Command>> = {
  run,
  enqueue,
  jobs,
  dlq,
  queues,
  workers,
  schedules,
  stats,
  tui,
  doctor,
  bench,
  dashboard,
  demo,
  init,
  "set-password": setPassword("set-password"),
  "reset-password": setPassword("reset-password"),
  "add-api-key": addApiKey,
  "revoke-api-key": revokeApiKey,
  "hash-password": hashPassword,
  "generate-api-key": generateApiKey,
  completions: completions(() => commands),
  licenses,
};

/** Runs the command that the arguments name. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || ["help", "-h", "--help"].includes(name)) {
    terminal.out(usage());
    return 0;
  }
  if (name === "version" || name === "--version") {
    terminal.out(`gqm ${VERSION}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const hint = suggestion(name, Object.keys(commands));
    terminal.err(`✗ gqm: unknown command '${name}'${hint}; 'gqm help' lists the commands\n`);
    return 1;
  }
  if (asksForHelp(rest) && command.commands === undefined) {
    terminal.out(command.usage);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    terminal.err(`✗ gqm: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) terminal.err(`\n${error.usage ?? command.usage}`);
    return 1;
  }
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) =>
    `  ${name.padEnd(18)}${summary}\n`
  );
  return `Usage: gqm <command> [options]

Commands:
${lines.join("")}  version           Print the version
  help              Print this text

'gqm <command> --help' tells more. The store is taken from --store, else from
${STORE_VARIABLE}, else it is sqlite:./gqm.db.
`;
}
