/**
 * What commands print: for people, or as JSON for programs.
 *
 * @module
 */

import type { Terminal } from "../runtime/terminal.ts";
import { type Column, oneLine, table, type TableLook } from "./table.ts";
import { style, type Tone } from "./style.ts";
import { yes } from "./flags.ts";

/** The flag of all commands that print data. */
export const jsonFlag = { json: yes("Print JSON, for programs") };

/** Prints data as JSON: in lines for people, in one for programs. */
export function printJson(data: unknown, terminal: Terminal): void {
  terminal.out(`${JSON.stringify(data, null, terminal.interactive ? 2 : 0)}\n`);
}

/** Prints a table, or that there is nothing. */
export function printTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  terminal: Terminal,
  nothing: string,
): void {
  if (rows.length === 0) terminal.out(`${nothing}\n`);
  else terminal.out(table(rows, columns, lookOf(terminal)));
}

/** A value with its name; values that are undefined are left out. */
export type Fact = readonly [name: string, value: string | undefined, tone?: Tone];

/** Prints values below each other, with their names. */
export function printFacts(facts: readonly Fact[], terminal: Terminal): void {
  const known = facts.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([name]) => name.length)) + 2;
  for (const [name, value = "", tone] of known) {
    const label = style(name.padEnd(width), "faint", terminal.colours);
    terminal.out(`${label}${style(oneLine(value), tone, terminal.colours)}\n`);
  }
}

/** Prints the head of a part. */
export function printHead(title: string, terminal: Terminal): void {
  terminal.out(`\n${style(title, "strong", terminal.colours)}\n`);
}

/** Says that something was done. */
export function printDone(told: string, terminal: Terminal): void {
  terminal.out(`✓ ${told}\n`);
}

/** How tables look here: as wide as the terminal where a person looks on. */
function lookOf(terminal: Terminal): TableLook {
  return {
    hasColours: terminal.colours,
    ...terminal.interactive ? { width: terminal.columns() } : {},
  };
}
