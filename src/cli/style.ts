/**
 * Colours of texts in a terminal, by what they mean.
 *
 * @module
 */

/** What a text means. */
export type Tone = "good" | "bad" | "warn" | "busy" | "faint" | "strong";

const CODES: Readonly<Record<Tone, number>> = {
  good: 32,
  bad: 31,
  warn: 33,
  busy: 36,
  faint: 2,
  strong: 1,
};

const OF_STATUS: Readonly<Record<string, Tone>> = {
  processing: "busy",
  retry: "warn",
  completed: "good",
  dead_letter: "bad",
  failed: "bad",
  canceled: "faint",
  stopped: "warn",
};

/** A text in the colour of what it means. */
export function style(text: string, tone: Tone | undefined, hasColours: boolean): string {
  if (!hasColours || tone === undefined) return text;
  return `\u001b[${CODES[tone]}m${text}\u001b[0m`;
}

/** What a status means. */
export function toneOf(status: string): Tone | undefined {
  return OF_STATUS[status];
}
