/**
 * One field of a cron expression: its text becomes the set of values that it selects.
 *
 * @module
 */

import { type CronField, InvalidCronError } from "./cron_error.ts";

/** What may stand in a field. */
export interface FieldRule {
  /** Its name in messages. */
  readonly name: CronField;
  /** Least value. */
  readonly min: number;
  /** Greatest value. */
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
  /** Whether `max` is another name of `min`: Sunday is both 0 and 7. */
  readonly wraps?: boolean;
}

/** What a field selects. */
export interface FieldSet {
  /** The values, rising; never empty. */
  readonly values: readonly number[];
  /** Whether the field is literally `*`. */
  readonly isStar: boolean;
  /** Whether a `*`, a range or a step that selects several values stands in it. */
  readonly isSpread: boolean;
}

/** What other dialects have and ours does not: `?`, `L`, `5L`, `L-3`, `15W`, `LW`, `FRIL`, `5#2`. */
const FOREIGN = /[?#]|^(L|LW|L-\d+|\d+[LW]|[A-Z]{3}L)$/i;

/** One item of a field's list. */
interface Item {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/**
 * Reads one field.
 *
 * @param expression The whole expression, for messages.
 * @param rule What may stand in the field.
 * @param text Its text, without blanks.
 * @throws {InvalidCronError} When the text is against the rule.
 */
export function parseField(expression: string, rule: FieldRule, text: string): FieldSet {
  const refuse = (reason: string, value: string): never => {
    throw new InvalidCronError(expression, rule.name, reason, value);
  };
  const selected = new Set<number>();
  let isSpread = false;
  for (const itemText of text.split(",")) {
    if (itemText === "") refuse("have no empty item in its list", text);
    const { first, last, step } = parseItem(rule, itemText, refuse);
    for (let value = first; value <= last; value += step) {
      selected.add(rule.wraps && value === rule.max ? rule.min : value);
    }
    isSpread ||= first + step <= last;
  }
  return { values: [...selected].sort((a, b) => a - b), isStar: text === "*", isSpread };
}

function parseItem(
  rule: FieldRule,
  text: string,
  refuse: (reason: string, value: string) => never,
): Item {
  const { min, max, wraps = false } = rule;
  if (FOREIGN.test(text)) {
    refuse("do without '?', 'L', 'W' and '#', which have no meaning here", text);
  }
  const [base = "", stepText, ...moreSteps] = text.split("/");
  if (moreSteps.length > 0) refuse("have at most one step per item", text);
  if (stepText !== undefined && !/^0*[1-9]\d*$/.test(stepText)) {
    refuse("have a whole number >= 1 after '/'", text);
  }
  const step = Number(stepText ?? 1);
  if (base === "*") return { first: min, last: max, step };
  const [from = "", to, ...moreEnds] = base.split("-");
  const first = valueOf(rule, from);
  let last = to !== undefined ? valueOf(rule, to) : stepText !== undefined ? max : first;
  if (first === undefined || last === undefined || moreEnds.length > 0) {
    return refuse(form(rule), text);
  }
  // SAT-SUN: a week may also end with Sunday.
  if (wraps && last === min && first > min && to !== undefined && !/^\d/.test(to)) last = max;
  if (first < min || first > max || last < min || last > max) {
    refuse(`be from ${min} to ${max}`, text);
  }
  if (first > last) refuse("have ranges that rise", text);
  return { first, last, step };
}

/** What a number or a name stands for, if it does; it may be out of bounds. */
function valueOf({ min, names = [] }: FieldRule, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const place = names.indexOf(text.toUpperCase());
  return place < 0 ? undefined : min + place;
}

/** The forms that an item may have. */
function form({ names }: FieldRule): string {
  const value = names === undefined
    ? "N is a number"
    : `N is a number or ${names[0]} to ${names.at(-1)}`;
  return `be a list of *, N, N-M, */S, N/S or N-M/S, where ${value}`;
}
