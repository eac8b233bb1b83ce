/**
 * Lines of the screen: texts with what they mean, of which the width is known.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { clip, oneLine } from "../table.ts";
import { style, type Tone } from "../style.ts";

/** A part of a line. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone | "reverse";
}

/** A line. */
export type Line = readonly Span[];

const REVERSE = "\u001b[7m";
const PLAIN = "\u001b[0m";

/** A part of a line, without what would move the cursor. */
export function span(text: string, tone?: Span["tone"]): Span {
  return tone === undefined ? { text: oneLine(text) } : { text: oneLine(text), tone };
}

/** A line of one part. */
export function line(text: string, tone?: Span["tone"]): Line {
  return [span(text, tone)];
}

/** How many columns a line takes. */
export function widthOf(parts: Line): number {
  return parts.reduce((sum, { text }) => sum + unicodeWidth(text), 0);
}

/** A text in a column of a width, cut or filled up. */
export function column(text: string, width: number, isRight = false): string {
  const shown = clip(oneLine(text), width);
  const gap = " ".repeat(Math.max(0, width - unicodeWidth(shown)));
  return isRight ? gap + shown : shown + gap;
}

/** A line of exactly a width. */
export function fitted(parts: Line, width: number): Line {
  const result: Span[] = [];
  let room = width;
  for (const part of parts) {
    if (room <= 0) break;
    const wide = unicodeWidth(part.text);
    result.push(wide <= room ? part : { ...part, text: clip(part.text, room) });
    room -= Math.min(wide, room);
  }
  // Cutting a wide letter may leave a column.
  const gap = width - widthOf(result);
  return gap > 0 ? [...result, { text: " ".repeat(gap) }] : result;
}

/** A line that stands out, whatever its parts mean. */
export function marked(parts: Line): Line {
  return [{ text: parts.map(({ text }) => text).join(""), tone: "reverse" }];
}

/** A line as a terminal gets it. */
export function toAnsi(parts: Line, hasColours: boolean): string {
  return parts.map(({ text, tone }) => {
    // What is marked must be seen without colours too.
    return tone === "reverse" ? REVERSE + text + PLAIN : style(text, tone, hasColours);
  }).join("");
}
