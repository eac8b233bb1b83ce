/**
 * How long a job is kept, as its producer or its type says.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import type { JobRetention } from "../job/job.ts";

/** Longest age in milliseconds: as far as a `Date` reaches. */
const LONGEST_MS = 8.64e15;

/**
 * A checked copy, filled in from what the type says. `Infinity` milliseconds
 * become −1; a `maxCount` of `Infinity` is none.
 *
 * @throws {InvalidOptionError} If a number breaks its rule.
 */
export function toRetention(
  action: string,
  retention: JobRetention,
  ofType: JobRetention = {},
): JobRetention {
  checkKeys(action, retention, ["completedMs", "failedMs", "maxCount"], "retention");
  const checked: Record<string, number> = { ...ofType };
  for (const key of ["completedMs", "failedMs"] as const) {
    if (retention[key] === undefined) continue;
    const ms = retention[key] === Infinity ? -1 : retention[key];
    checkInteger(action, `retention.${key}`, ms, -1, LONGEST_MS);
    checked[key] = ms;
  }
  const { maxCount } = retention;
  if (maxCount === Infinity) delete checked.maxCount;
  else if (maxCount !== undefined) {
    checkInteger(action, "retention.maxCount", maxCount, 0);
    checked.maxCount = maxCount;
  }
  return checked;
}
