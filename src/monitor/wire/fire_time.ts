/**
 * When a schedule fires, as programs and as people read it.
 *
 * @module
 */

import type { Schedule } from "../../schedule/schedule.ts";
import { type Timing, timingOf } from "../../schedule/timing.ts";
import { spanAt } from "../../schedule/zone.ts";
import { described, integer, named, object, type Schema, text } from "../schema.ts";

/** The last time for which any zone has a wall clock that a `Date` can hold. */
const LAST_TIME = 8.64e15 - 2 * 86_400_000;

/** A time at which a schedule fires, on the wire. */
export const fireTimeSchema: Schema = named(
  "FireTime",
  object({
    at_ms: integer,
    utc: described(text, "Such as 2026-03-29T01:00:00.000Z"),
    local: described(text, "The same by the clocks of the zone: 2026-03-29T03:00:00.000+02:00"),
  }),
);

/** A time at which a schedule fires, on the wire. */
export interface FireTime {
  readonly at_ms: number;
  readonly utc: string;
  readonly local: string;
}

/** The first times after one at which a timing fires; there may be fewer. */
export function firesAfter(
  timing: Timing,
  zone: string,
  { after, count }: { readonly after: number; readonly count: number },
): FireTime[] {
  const fires: FireTime[] = [];
  let at = timing.next(after);
  while (at !== null && at <= LAST_TIME && fires.length < count) {
    fires.push(fireTime(at, zone));
    at = timing.next(at);
  }
  return fires;
}

/** The next times at which a schedule fires, as far as they are known; none while it is disabled. */
export function nextFires(schedule: Schedule, count: number): FireTime[] {
  const { nextAt, custom, cron, everyMs, timeZone, startAt, endAt } = schedule;
  if (nextAt === undefined || nextAt > LAST_TIME) return [];
  try {
    const first = fireTime(nextAt, timeZone);
    if (custom) return [first];
    const timing = timingOf({ cron, everyMs, timeZone, startAt, endAt });
    const rest = firesAfter(timing, timeZone, { after: nextAt, count: count - 1 });
    return [first, ...rest];
  } catch {
    // A zone or an expression that only another runtime or version knows.
    return [];
  }
}

function fireTime(at: number, zone: string): FireTime {
  const { offset } = spanAt(zone, Math.floor(at / 1000));
  const wall = new Date(at + offset * 1000).toISOString();
  return {
    at_ms: at,
    utc: new Date(at).toISOString(),
    local: wall.replace("Z", offsetText(offset)),
  };
}

/** Seconds east of UTC as `+02:00`; with seconds where a zone had them. */
function offsetText(offset: number): string {
  const east = Math.abs(offset);
  const parts = [Math.floor(east / 3600), Math.floor(east / 60) % 60, east % 60];
  const shown = parts.slice(0, parts[2] === 0 ? 2 : 3).map((part) => `${part}`.padStart(2, "0"));
  return `${offset < 0 ? "-" : "+"}${shown.join(":")}`;
}
