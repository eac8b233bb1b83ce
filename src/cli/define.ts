/**
 * Commands out of a description: how they are called, read and explained has one source.
 *
 * @module
 */

import { suggestion } from "../nearest.ts";
import type { Terminal } from "../runtime/terminal.ts";
import { type Command, UsageError } from "./command.ts";
import type { Flags } from "./flags.ts";
import { type Arg, parse, type Parsed } from "./parse.ts";

/** What a command is. */
export interface Definition<F extends Flags> {
  /** Its words after `gqm`. */
  readonly name: string;
  readonly summary: string;
  readonly args?: readonly Arg[];
  readonly flags?: F;
  /** More about it, for its usage. */
  readonly details?: string;
  /** At least one, without `gqm` in front. */
  readonly examples: readonly string[];
  run(parsed: Parsed<F>, terminal: Terminal): Promise<number>;
}

/** A command with flags. */
export function defineCommand<F extends Flags>(definition: Definition<F>): Command {
  const { name, summary, args = [], details, examples } = definition;
  const flags = definition.flags ?? ({} as F);
  const words = args.map((arg) => {
    const told = arg.isMany ? `${arg.name}...` : arg.name;
    return arg.isOptional ? ` [${told}]` : ` ${told}`;
  });
  const hasFlags = Object.keys(flags).length > 0;
  return {
    summary,
    flags,
    usage: [
      `Usage: gqm ${name}${words.join("")}${hasFlags ? " [options]" : ""}\n`,
      `\n${summary}.\n`,
      details === undefined ? "" : `\n${details.trim()}\n`,
      hasFlags ? `\nOptions:\n${flagLines(flags)}` : "",
      `\nExamples:\n${examples.map((example) => `  gqm ${example}\n`).join("")}`,
    ].join(""),
    check: (given) => void parse(given, flags, args),
    run: (given, terminal) => definition.run(parse(given, flags, args), terminal),
  };
}

/** A group of commands below one name, of which one is meant where none is named. */
export function defineGroup(
  { name, summary, commands, usual }: {
    readonly name: string;
    readonly summary: string;
    readonly commands: Readonly<Record<string, Command>>;
    /** The one that is meant where none is named. @default {none: the usage is printed} */
    readonly usual?: string;
  },
): Command {
  const width = Math.max(...Object.keys(commands).map((one) => one.length)) + 2;
  const lines = Object.entries(commands).map(([one, command]) =>
    `  ${one.padEnd(width)}${command.summary}${one === usual ? " (usual)" : ""}\n`
  );
  const options = usual === undefined ? {} : commands[usual]?.flags ?? {};
  const usage = [
    `Usage: gqm ${name} <command> [options]\n\n${summary}.\n\nCommands:\n${lines.join("")}`,
    Object.keys(options).length === 0 ? "" : `\nOptions of '${usual}':\n${flagLines(options)}`,
    `\n'gqm ${name} <command> --help' tells more.\n`,
  ].join("");
  return {
    summary,
    usage,
    commands,
    run: async (given, terminal) => {
      const [first, ...rest] = given;
      if (first !== undefined && asksForHelp([first])) {
        terminal.out(usage);
        return 0;
      }
      if (first !== undefined && Object.hasOwn(commands, first)) {
        const command = commands[first]!;
        if (!asksForHelp(rest)) return await runCommand(command, rest, terminal);
        terminal.out(command.usage);
        return 0;
      }
      if (first !== undefined && !first.startsWith("-")) {
        const hint = suggestion(first, Object.keys(commands));
        throw new UsageError(`unknown command '${name} ${first}'${hint}`);
      }
      if (usual !== undefined) return await runCommand(commands[usual]!, given, terminal);
      throw new UsageError(`say what to do with ${name}`);
    },
  };
}

/** Whether the words ask for the usage of the command that they follow. */
export function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end < 0 ? words : words.slice(0, end)).some((word) =>
    ["-h", "-help", "--help"].includes(word)
  );
}

async function runCommand(
  command: Command,
  given: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await command.run(given, terminal);
  } catch (error) {
    // The nearest command's usage is the one that helps.
    if (error instanceof UsageError) error.usage ??= command.usage;
    throw error;
  }
}

function flagLines(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, { value, short, about }]) => {
    const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
    return [value === undefined ? names : `${names} ${value}`, about] as const;
  });
  const width = Math.min(32, Math.max(...rows.map(([left]) => left.length))) + 2;
  return rows.map(([left, about]) =>
    left.length < width
      ? `  ${left.padEnd(width)}${about}\n`
      : `  ${left}\n${" ".repeat(width + 2)}${about}\n`
  ).join("");
}
