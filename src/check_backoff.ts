/**
 * The rules for a backoff policy that a user gives.
 *
 * @module
 */

import { checkInteger, checkKeys, checkNumber, checkOneOf } from "./checks.ts";
import { InvalidOptionError } from "./errors.ts";
import type { BackoffPolicy, BackoffType } from "./job/backoff.ts";

/** Most intervals of a `custom` backoff. */
const MAX_INTERVALS = 100;
const TYPES: readonly BackoffType[] = ["fixed", "linear", "exponential", "polynomial", "custom"];
const KNOWN = ["type", "baseMs", "maxMs", "exponent", "intervals", "jitter"];

/**
 * Checks a policy that a user gave.
 *
 * @param action What cannot be done if it is wrong, such as "enqueue job".
 * @param option Name of the option that holds it.
 * @throws {InvalidOptionError} If a part of it breaks its rule.
 */
export function checkBackoff(action: string, option: string, policy: BackoffPolicy): void {
  checkKeys(action, policy, KNOWN, option);
  checkOneOf(action, `${option}.type`, policy.type, TYPES);
  const { baseMs, maxMs, exponent, jitter, intervals } = policy;
  if (baseMs !== undefined) checkInteger(action, `${option}.baseMs`, baseMs, 0);
  if (maxMs !== undefined) checkInteger(action, `${option}.maxMs`, maxMs, 0);
  if (exponent !== undefined) checkNumber(action, `${option}.exponent`, exponent, 0, 10);
  if (jitter !== undefined) checkNumber(action, `${option}.jitter`, jitter, 0, 1);
  if ((policy.type === "custom") !== (intervals !== undefined)) {
    throw new InvalidOptionError(
      action,
      `${option}.intervals`,
      "be given if and only if the type is 'custom'",
      intervals,
    );
  }
  if (intervals === undefined) return;
  if (!Array.isArray(intervals) || intervals.length === 0 || intervals.length > MAX_INTERVALS) {
    throw new InvalidOptionError(
      action,
      option,
      `be a list of 1 to ${MAX_INTERVALS} milliseconds`,
      intervals,
    );
  }
  for (const interval of intervals) checkInteger(action, option, interval, 0);
}
