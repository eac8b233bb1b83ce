/**
 * From arguments to a command and its exit code: 0 if it went well, else 1.
 *
 * @module
 */

import { STORE_VARIABLE } from "../store/open.ts";
import type { Terminal } from "../runtime/terminal.ts";
import { VERSION } from "../version.ts";
import { type Command, UsageError } from "./command.ts";
import { demo } from "./demo.ts";

const commands: Readonly<Record<string, Command>> = { demo };

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
    terminal.err(`✗ gqm: unknown command '${name}'; 'gqm help' lists the commands\n`);
    return 1;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.out(command.usage);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    terminal.err(`✗ gqm: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) terminal.err(`\n${command.usage}`);
    return 1;
  }
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) =>
    `  ${name.padEnd(10)}${summary}\n`
  );
  return `Usage: gqm <command> [options]

Commands:
${lines.join("")}  version   Print the version
  help      Print this text

'gqm <command> --help' tells more. The store is taken from --store, else from
${STORE_VARIABLE}, else it is sqlite:./gqm.db.
`;
}
