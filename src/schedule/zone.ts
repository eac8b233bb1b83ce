/**
 * Time zones: when a zone's clocks change, as the runtime's `Intl` knows it.
 *
 * @module
 */

import { InvalidOptionError } from "../errors.ts";

/** A stretch of time with one offset. Instants are seconds since 1970, offsets seconds east of UTC. */
export interface ZoneSpan {
  /** First instant. */
  readonly start: number;
  /** First instant after it: a change, or as far as was looked. */
  readonly end: number;
  /** What wall clocks are ahead of UTC. */
  readonly offset: number;
  /** The offset just before `start`: another one, if the clocks changed then. */
  readonly before: number;
}

const DAY_S = 86_400;

/** Days that are looked at together. */
const CHUNK_S = 32 * DAY_S;

/** How far before itself a chunk knows of changes, so that no repeated wall time is missed. */
const LOOK_BACK_S = 2 * DAY_S;

/** Chunks kept per zone, and zones kept; beyond that the oldest goes. */
const MAX_CHUNKS = 64;
const MAX_ZONES = 256;

/** The farthest instant of a Date, in seconds. */
const FARTHEST = 8.64e12;

const UTC_SPAN: ZoneSpan = { start: -Infinity, end: Infinity, offset: 0, before: 0 };

/** A memo of what `Intl` says, which never changes while the process runs. */
const zones = new Map<string, Zone>();

/**
 * The stretch of time around an instant in which a zone's offset stays the same. A start more than
 * two days before the instant is not to be relied on.
 *
 * @param zone A name that {@linkcode checkZone} takes.
 * @param instant Seconds since 1970.
 */
export function spanAt(zone: string, instant: number): ZoneSpan {
  return zone === "UTC" ? UTC_SPAN : zoneOf(zone).spanAt(instant);
}

/**
 * Checks that a value is a time zone: an IANA name such as `Europe/Berlin` in any case, `UTC`, or
 * an offset such as `+02:00`.
 *
 * @throws {InvalidOptionError} When it is none that the runtime knows.
 */
export function checkZone(action: string, option: string, value: unknown): asserts value is string {
  try {
    if (typeof value === "string" && (value === "UTC" || zoneOf(value))) return;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const rule = "be a time zone that this runtime knows, such as 'Europe/Berlin' or 'UTC'";
  throw new InvalidOptionError(action, option, rule, value);
}

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = new Zone(name);
    keep(zones, name, zone, MAX_ZONES);
  }
  return zone;
}

/** One zone, and the chunks of its time that were looked at. */
class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #chunks = new Map<number, readonly ZoneSpan[]>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  }

  spanAt(instant: number): ZoneSpan {
    const index = Math.floor(instant / CHUNK_S);
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      chunk = this.#look(index * CHUNK_S - LOOK_BACK_S, (index + 1) * CHUNK_S);
      keep(this.#chunks, index, chunk, MAX_CHUNKS);
    }
    return chunk.find(({ end }) => instant < end)!;
  }

  /** Looks once a day: no zone of the tz database has changed back within one. */
  #look(from: number, to: number): readonly ZoneSpan[] {
    const spans: ZoneSpan[] = [];
    let start = from;
    let offset = this.#offsetAt(from);
    let before = offset;
    for (let day = from; day < to; day += DAY_S) {
      const next = this.#offsetAt(day + DAY_S);
      if (next === offset) continue;
      const end = this.#changeWithin(day, day + DAY_S, offset);
      spans.push({ start, end, offset, before });
      [start, before, offset] = [end, offset, next];
    }
    return [...spans, { start, end: to, offset, before }];
  }

  /** The first instant in (`from`, `to`] with another offset than `from` has. */
  #changeWithin(from: number, to: number, offset: number): number {
    while (to - from > 1) {
      const middle = Math.floor((from + to) / 2);
      if (this.#offsetAt(middle) === offset) from = middle;
      else to = middle;
    }
    return to;
  }

  #offsetAt(instant: number): number {
    const at = Math.max(-FARTHEST, Math.min(FARTHEST, instant));
    const parts = this.#format.format(at * 1000).match(/\d+/g)!; // month, day, year, time of day
    const utc = new Date(at * 1000);
    const wallDay = Number(parts[1]);
    // Wall clock and UTC are a day apart at most; years before 1 need no care this way.
    const days = wallDay === utc.getUTCDate()
      ? 0
      : wallDay === new Date((at + DAY_S) * 1000).getUTCDate()
      ? 1
      : -1;
    const seconds = Number(parts[3]) * 3600 + Number(parts[4]) * 60 + Number(parts[5]);
    return days * DAY_S + seconds - ((at % DAY_S) + DAY_S) % DAY_S;
  }
}

/** Adds to a memo, and lets its oldest entry go if there are too many. */
function keep<Key, Value>(memo: Map<Key, Value>, key: Key, value: Value, most: number): void {
  memo.set(key, value);
  if (memo.size > most) memo.delete(memo.keys().next().value!);
}
