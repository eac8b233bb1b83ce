/**
 * JSON as coloured lines.
 *
 * @module
 */

import { type Line, span } from "../line.ts";

/** So much of a value is shown. */
const MOST_LINES = 2000;

/** A value, a line for each part. */
export function jsonLines(value: unknown): Line[] {
  const all = JSON.stringify(value, null, 2).split("\n");
  const lines = all.slice(0, MOST_LINES).map((text): Line => {
    const [, indent = "", key = "", rest = ""] = /^(\s*)("(?:[^"\\]|\\.)*": )?(.*)$/.exec(text) ??
      [];
    const tone = /^"/.test(rest)
      ? "good"
      : /^[-\d]/.test(rest)
      ? "busy"
      : /^[tfn]/.test(rest)
      ? "warn"
      : undefined;
    return [{ text: indent }, span(key, "faint"), span(rest, tone)];
  });
  if (all.length > MOST_LINES) {
    lines.push([span(`… ${all.length - MOST_LINES} more lines`, "faint")]);
  }
  return lines;
}
