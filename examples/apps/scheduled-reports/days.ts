/** Days as the clocks of a zone have them: not all of them have 24 hours. */

import { nextFire } from "../../../mod.ts";

const DAY_MS = 86_400_000;

/** Some whole days. */
export interface Days {
  /** The first moment. */
  readonly fromAt: number;
  /** The first moment after them. */
  readonly toAt: number;
  /** The first day, as `YYYY-MM-DD`. */
  readonly name: string;
}

/** The last so many whole days before a moment. */
export function daysBefore(at: number, count: number, timeZone: string): Days {
  const midnights: number[] = [];
  let midnight = nextFire("0 0 * * *", timeZone, at - (count + 2) * DAY_MS);
  while (midnight !== null && midnight <= at) {
    midnights.push(midnight);
    midnight = nextFire("0 0 * * *", timeZone, midnight);
  }
  const [fromAt = 0, toAt = 0] = [midnights.at(-1 - count), midnights.at(-1)];
  // This locale writes dates as ISO 8601 does.
  const name = new Intl.DateTimeFormat("sv-SE", { timeZone }).format(fromAt);
  return { fromAt, toAt, name };
}
