/**
 * `gqm completions`: what a shell needs to complete the command line.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { defineCommand } from "../define.ts";
import { oneOf } from "../flags.ts";
import { UsageError } from "../command.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** A place on the command line, and what may follow there. */
interface Place {
  /** The words before it, after `gqm`. */
  readonly words: readonly string[];
  readonly command: Command;
}

/** The command, for the commands that there are. */
export function completions(commands: () => Readonly<Record<string, Command>>): Command {
  return defineCommand({
    name: "completions",
    summary: "Print a script that completes commands and flags in a shell",
    args: [{ name: "SHELL" }],
    details: "For bash, zsh or fish. Load it from the shell's start-up file.",
    examples: [
      "completions bash > ~/.local/share/bash-completion/completions/gqm",
      "completions zsh > ~/.zfunc/_gqm",
      "completions fish > ~/.config/fish/completions/gqm.fish",
    ],
    run: ({ args }, terminal) => {
      const shell = oneOf(shells, "").read("SHELL", args);
      if (shell === undefined) throw new UsageError("say which shell");
      const places = placesIn(commands());
      terminal.out(
        {
          bash: () => bash(places, commands()),
          zsh: () => zsh(places, commands()),
          fish: () => fish(places, commands()),
        }[shell](),
      );
      return Promise.resolve(0);
    },
  });
}

function placesIn(
  commands: Readonly<Record<string, Command>>,
  before: readonly string[] = [],
): Place[] {
  return Object.entries(commands).flatMap(([name, command]) => {
    const words = [...before, name];
    return [{ words, command }, ...placesIn(command.commands ?? {}, words)];
  });
}

function flagsOf({ flags = {} }: Command): string[] {
  return [...Object.keys(flags).map((name) => `--${name}`), "--help"];
}

function nextWords({ command }: Place): string[] {
  return [...Object.keys(command.commands ?? {}), ...flagsOf(command)];
}

function choicesOf({ flags = {} }: Command): [flag: string, choices: readonly string[]][] {
  return Object.entries(flags).flatMap(([name, { choices }]) =>
    choices === undefined ? [] : [[`--${name}`, choices]]
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function bash(places: readonly Place[], commands: Readonly<Record<string, Command>>): string {
  const cases = places.map((place) =>
    `    ${quoted(place.words.join(" "))}) words=${quoted(nextWords(place).join(" "))} ;;\n`
  );
  const values = places.flatMap(({ words, command }) =>
    choicesOf(command).map(([flag, choices]) =>
      `    ${quoted(`${words.join(" ")} ${flag}`)}) words=${quoted(choices.join(" "))} ;;\n`
    )
  );
  return `# Completions of gqm for bash.
_gqm() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} place="" words="" word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${place:+$place }$word"
    case " ${places.map(({ words }) => words.join("/")).join(" ")} " in
      *" \${next// //} "*) place=$next ;;
    esac
  done
  case "$place" in
    '') words=${quoted([...Object.keys(commands), "help", "version"].join(" "))} ;;
${cases.join("")}  esac
  case "$place $previous" in
${values.join("")}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _gqm gqm
`;
}

function zsh(places: readonly Place[], commands: Readonly<Record<string, Command>>): string {
  return `#compdef gqm
# Completions of gqm for zsh, by those for bash.
autoload -U +X bashcompinit && bashcompinit
${bash(places, commands)}`;
}

function fish(places: readonly Place[], commands: Readonly<Record<string, Command>>): string {
  const lines = ["# Completions of gqm for fish."];
  const none = Object.keys(commands).join(" ");
  for (const [name, { summary }] of Object.entries(commands)) {
    lines.push(
      `complete -c gqm -f -n ${quoted(`not __fish_seen_subcommand_from ${none}`)} -a ${
        quoted(name)
      } -d ${quoted(summary)}`,
    );
  }
  for (const { words, command } of places) {
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    const below = Object.keys(command.commands ?? {});
    for (const [name, one] of Object.entries(command.commands ?? {})) {
      const not = `not __fish_seen_subcommand_from ${below.join(" ")}`;
      lines.push(
        `complete -c gqm -f -n ${quoted(`${seen}; and ${not}`)} -a ${quoted(name)} -d ${
          quoted(one.summary)
        }`,
      );
    }
    for (const [name, { value, short, about, choices }] of Object.entries(command.flags ?? {})) {
      const parts = [`complete -c gqm -n ${quoted(seen)} -l ${quoted(name)}`];
      if (short !== undefined) parts.push(`-s ${short}`);
      if (value !== undefined) parts.push("-r");
      if (choices !== undefined) parts.push(`-f -a ${quoted(choices.join(" "))}`);
      lines.push([...parts, `-d ${quoted(about)}`].join(" "));
    }
  }
  return `${lines.join("\n")}\n`;
}
