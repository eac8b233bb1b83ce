/**
 * From what follows a command's name to flags and arguments. `-x` and `--x` are the same, a value follows after `=` or
 * as the next word, and after `--` there are no more flags.
 *
 * @module
 */

import { suggestion } from "../nearest.ts";
import { UsageError } from "./command.ts";
import type { Flags, Values } from "./flags.ts";

/** What was given. */
export interface Parsed<F extends Flags> {
  readonly args: readonly string[];
  readonly flags: Values<F>;
}

/** An argument that is no flag. */
export interface Arg {
  /** What stands for it in the usage. */
  readonly name: string;
  /** Whether it may be left out. */
  readonly isOptional?: boolean;
  /** Whether there may be several; it is the last then. */
  readonly isMany?: boolean;
}

/**
 * Reads them.
 *
 * @throws {UsageError} If a flag is unknown or breaks its rule, or an argument is missing or too many.
 */
export function parse<F extends Flags>(
  words: readonly string[],
  known: F,
  args: readonly Arg[],
): Parsed<F> {
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") {
      rest.push(...words.slice(i + 1));
      break;
    }
    const [, written = "", value] = /^--?([^-=][^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    const name = written === "" ? undefined : nameOf(written, known);
    if (name === undefined) {
      // A number below zero is an argument, and so is `-`, which stands for the standard input.
      if (!/^-./.test(word) || /^-\.?\d/.test(word)) {
        rest.push(word);
        continue;
      }
      const hint = suggestion(written, Object.keys(known), "--");
      throw new UsageError(`unknown flag '${word.split("=")[0]}'${hint}`);
    }
    const texts = given.get(name) ?? [];
    given.set(name, texts);
    if (known[name]!.value === undefined) texts.push(value ?? "true");
    else if (value !== undefined) texts.push(value);
    else if (i + 1 < words.length) texts.push(words[++i]!);
    else throw new UsageError(`flag '--${name}' needs a value: ${known[name]!.value}`);
  }
  checkArgs(rest, args);
  const values = Object.entries(known).map(([name, flag]) => [
    name,
    flag.read(name, given.get(name) ?? []),
  ]);
  return { args: rest, flags: Object.fromEntries(values) };
}

function nameOf(written: string, known: Flags): string | undefined {
  if (Object.hasOwn(known, written)) return written;
  return Object.keys(known).find((name) => known[name]!.short === written);
}

function checkArgs(given: readonly string[], args: readonly Arg[]): void {
  const missing = args.find(({ isOptional }, i) => !isOptional && !given[i]);
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing`);
  if (args.at(-1)?.isMany || given.length <= args.length) return;
  throw new UsageError(`unexpected argument '${given[args.length]}'`);
}
