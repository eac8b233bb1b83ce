/**
 * Tables for people: as wide as the terminal, so that a row is a line.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { style, type Tone } from "./style.ts";

/** A column. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Gives room first where there is not enough for all. */
  readonly isLong?: boolean;
  readonly tone?: (row: T) => Tone | undefined;
}

/** How it is drawn. */
export interface TableLook {
  /** Characters of a line; undefined for as many as it takes. */
  readonly width?: number;
  readonly hasColours: boolean;
}

/** What stands between two columns. */
export const GAP = "  ";
/** The least width of a column that gives room to others. */
export const LEAST_LONG = 8;

/** The lines of a table, with a head. */
export function table<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { width, hasColours }: TableLook,
): string {
  const texts = rows.map((row) => columns.map(({ cell }) => oneLine(cell(row))));
  const widths = columns.map(({ title }, i) =>
    Math.max(unicodeWidth(title), ...texts.map((row) => unicodeWidth(row[i]!)))
  );
  if (width !== undefined) fitWidths(widths, columns, width);
  const line = (
    cells: readonly string[],
    toneOf: (column: Column<T>) => Tone | undefined,
  ): string =>
    cells.map((cell, i) => {
      const column = columns[i]!;
      const shown = clip(cell, widths[i]!);
      const pad = " ".repeat(widths[i]! - unicodeWidth(shown));
      const styled = style(shown, toneOf(column), hasColours);
      return column.isNumber ? pad + styled : styled + pad;
    }).join(GAP).trimEnd();
  const head = line(columns.map(({ title }) => title), () => "faint");
  const body = rows.map((row, i) => line(texts[i]!, ({ tone }) => tone?.(row)));
  return [head, ...body].map((one) => `${one}\n`).join("");
}

/** Takes from the long columns what is too much for the line. */
export function fitWidths(
  widths: number[],
  columns: readonly { readonly isLong?: boolean }[],
  width: number,
): void {
  let excess = widths.reduce((sum, one) => sum + one + GAP.length, -GAP.length) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [i, { isLong }] of columns.entries()) {
      if (isLong && widths[i]! > LEAST_LONG && widths[i]! > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) return;
    widths[widest]!--;
    excess--;
  }
}

/** A text cut to a width, with a mark that it was. */
export function clip(text: string, width: number): string {
  if (unicodeWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const wide = unicodeWidth(segment);
    if (used + wide > width - 1) break;
    cut += segment;
    used += wide;
  }
  return `${cut}…`;
}

/** Without what would move the cursor or begin a line. */
export function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
