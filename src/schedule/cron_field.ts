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
  /** Whether a `*`, a range or a step stands in it, not only plain values. */
  readonly isSpread: boolean;
}

/** What other dialects have and ours does not: `?`, `L`, `5L`, `L-3`, `15W`, `LW`, `FRIL`, `5#2`. */
const FOREIGN = /[?#]|^(L|LW|L-\d+|\d+[LW]|[A-Z]{3}L)$/i;

/**
 * Reads one field.
 *
 * @param expression The whole expression, for messages.
 * @param rule What may stand in the field.
 * @param text Its text, without blanks.
 * @throws {InvalidCronError} When the text is against the rule.
 */
export function parseField(expression: string, rule: FieldRule, text: string): FieldSet {
  const { min, max, wraps = false } = rule;
  const refuse = (reason: string, value: string): never => {
    throw new InvalidCronError(expression, rule.name, reason, value);
  };
  const selected = new Set<number>();
  let isSpread = false;
  for (const item of text.split(",")) {
    if (item === "") refuse("have no empty item in its list", text);
    if (FOREIGN.test(item)) {
      refuse("do without '?', 'L', 'W' and '#', which have no meaning here", item);
    }
    const [base = "", step, ...rest] = item.split("/");
    if (rest.length > 0) refuse("have at most one step per item", item);
    if (step !== undefined && !/^0*[1-9]\d*$/.test(step)) {
      refuse("have a whole number >= 1 after '/'", item);
    }
    let first = min;
    let last = max;
    if (base !== "*") {
      const [from = "", to, ...more] = base.split("-");
      if (more.length > 0) refuse(form(rule), item);
      first = valueOf(rule, from) ?? refuse(form(rule), item);
      last = to !== undefined
        ? valueOf(rule, to) ?? refuse(form(rule), item)
        : step !== undefined
        ? max
        : first;
      // SAT-SUN: a week may also end with Sunday.
      if (wraps && last === min && first > min && /^[a-z]/i.test(to ?? "")) last = max;
      if (first < min || first > max || last < min || last > max) {
        refuse(`be from ${min} to ${max}`, item);
      }
      if (first > last) refuse("have ranges that rise", item);
    }
    isSpread ||= base === "*" || first !== last;
    for (let value = first; value <= last; value += Number(step ?? 1)) {
      selected.add(wraps && value === max ? min : value);
    }
  }
  const values = [...selected].sort((a, b) => a - b);
  return { values, isStar: text === "*", isSpread: isSpread && values.length > 1 };
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
