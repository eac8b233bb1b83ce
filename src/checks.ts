/**
 * The checks that options share. Each throws `InvalidOptionError`, naming what
 * cannot be done, the option, the rule and the value seen.
 *
 * @module
 */

import { InvalidOptionError } from "./errors.ts";

/** Checks that a number is whole and within bounds. */
export function checkInteger(
  action: string,
  option: string,
  value: unknown,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return;
  const rule = max === Number.MAX_SAFE_INTEGER
    ? `be a whole number >= ${min}`
    : `be a whole number from ${min} to ${max}`;
  throw new InvalidOptionError(action, option, rule, value);
}

/** Checks that a number is finite and within bounds. */
export function checkNumber(
  action: string,
  option: string,
  value: unknown,
  min: number,
  max: number = Number.MAX_VALUE,
): asserts value is number {
  if (typeof value === "number" && value >= min && value <= max) return;
  const rule = min === -Number.MAX_VALUE
    ? "be a finite number"
    : max === Number.MAX_VALUE
    ? `be a number >= ${min}`
    : `be a number from ${min} to ${max}`;
  throw new InvalidOptionError(action, option, rule, value);
}

/** Checks that a value is one of a list. */
export function checkOneOf(
  action: string,
  option: string,
  value: unknown,
  allowed: readonly unknown[],
): void {
  if (allowed.includes(value)) return;
  const list = allowed.map((item) => `'${item}'`).join(", ");
  throw new InvalidOptionError(action, option, `be one of ${list}`, value);
}

/** Checks that a value is true or false. */
export function checkBoolean(action: string, option: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new InvalidOptionError(action, option, "be true or false", value);
}

/** Checks that a value is a function. */
export function checkFunction(action: string, option: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new InvalidOptionError(action, option, "be a function", value);
}

/** Checks that a value is a list of names, at least one and none twice. */
export function checkNames(
  action: string,
  option: string,
  names: readonly string[],
  isName: (name: unknown) => boolean,
  rule: string,
): void {
  if (!Array.isArray(names) || names.length === 0) {
    throw new InvalidOptionError(action, option, "be a list with at least one name", names);
  }
  for (const [i, name] of names.entries()) {
    if (!isName(name)) throw new InvalidOptionError(action, `${option}[${i}]`, rule, name);
    if (names.indexOf(name) !== i) {
      throw new InvalidOptionError(action, `${option}[${i}]`, "differ from the others", name);
    }
  }
}

/** Last time that a `Date` can hold, in epoch milliseconds. */
const LAST_TIME = 8.64e15;

/** Epoch milliseconds of a time that was given as such or as a `Date`, checked. */
export function toTime(action: string, option: string, value: number | Date): number {
  const ms = value instanceof Date ? value.getTime() : value;
  if (Number.isInteger(ms) && ms >= 0 && ms <= LAST_TIME) return ms;
  throw new InvalidOptionError(action, option, "be epoch milliseconds or a valid Date", value);
}

/**
 * Checks that every key of an options object is known, so that a typo is not
 * ignored.
 *
 * @param holder Name of the option that holds the object, if it is one itself.
 */
export function checkKeys(
  action: string,
  options: object,
  known: readonly string[],
  holder?: string,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(action, holder ?? "options", "be an object", options);
  }
  for (const key in options) {
    if (known.includes(key) || !Object.hasOwn(options, key)) continue;
    const option = holder === undefined ? key : `${holder}.${key}`;
    const rule = `not be given: the options are ${known.join(", ")}`;
    throw new InvalidOptionError(action, option, rule, (options as Record<string, unknown>)[key]);
  }
}
