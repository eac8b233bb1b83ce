/**
 * Which slots of a schedule are due, at a bounded cost however many were missed.
 *
 * @module
 */

import type { Timing } from "./timing.ts";

/** Slots that one look goes through one by one. */
const MAX_WALK = 1000;
/** Looks for a span of time that holds as many slots as wanted, and not too many. */
const MAX_LOOKS = 64;

/** Slots that are due. */
export interface DueSlots {
  /** The newest of them, oldest first. */
  readonly newest: readonly number[];
  /** How many there are. */
  readonly count: number;
  /** Whether there are more than `count` says. */
  readonly isMore: boolean;
  /** Whether `next` is due as well: then none of these is the newest of all. */
  readonly isBehind?: boolean;
  /** The first that is not due, or not looked at; null if there is none. */
  readonly next: number | null;
  /** Why `next` could not be computed: it is null then. */
  readonly error?: unknown;
}

/** What to look for. */
export interface DueQuery {
  /** The first slot that was not fired. */
  readonly first: number;
  /** The store's now. */
  readonly now: number;
  /** How many of the newest are wanted. */
  readonly keep: number;
  /** How much later than its slot one is due. */
  readonly delayOf: (slot: number) => number;
  /** The most that `delayOf` says. */
  readonly maxDelayMs: number;
}

/** Looks for the slots of a schedule that are due. */
export function dueSlots(timing: Timing, query: DueQuery): DueSlots {
  const { first, now, keep, delayOf, maxDelayMs } = query;
  const slots: number[] = [];
  let slot: number | null = first;
  try {
    while (slot !== null && slot + delayOf(slot) <= now && slots.length < MAX_WALK) {
      slots.push(slot);
      slot = timing.next(slot);
    }
    const last = slots.at(-1);
    const isCut = slot !== null && slots.length === MAX_WALK && slot + maxDelayMs <= now;
    if (!isCut || !timing.canJump) {
      const rest = { count: slots.length, isMore: false, next: slot };
      return { newest: slots.slice(-keep), ...rest, ...(isCut ? { isBehind: true } : undefined) };
    }
    const { everyMs } = timing;
    const newest = newestOf(timing, { after: last!, until: now - maxDelayMs, keep });
    if (newest.length === 0) {
      return { newest: slots.slice(-keep), count: slots.length, isMore: false, next: slot };
    }
    const skipped = everyMs === undefined ? keep : (newest.at(-1)! - last!) / everyMs;
    const count = slots.length + Math.max(skipped, newest.length);
    return { newest, count, isMore: everyMs === undefined, next: timing.next(newest.at(-1)!) };
  } catch (error) {
    return { newest: slots.slice(-keep), count: slots.length, isMore: false, next: null, error };
  }
}

/** The newest slots of a span that has more than can be gone through. */
function newestOf(
  timing: Timing,
  { after, until, keep }: { readonly after: number; readonly until: number; readonly keep: number },
): readonly number[] {
  // The width of the span that is looked at: `low` holds too few slots, `high` too many.
  let [low, high] = [0, Infinity];
  let width = keep * (timing.everyMs ?? 1000);
  let found: readonly number[] = [];
  for (let look = 0; look < MAX_LOOKS; look++) {
    const from = Math.max(after, until - width);
    const { slots, isCut } = walk(timing, from, until);
    if (!isCut && slots.length > found.length) found = slots;
    if (!isCut && (slots.length >= keep || from === after)) break;
    if (isCut) high = width;
    else low = width;
    width = high === Infinity ? width * 4 : Math.ceil((low + high) / 2);
  }
  return found.slice(-keep);
}

function walk(
  timing: Timing,
  after: number,
  until: number,
): { readonly slots: readonly number[]; readonly isCut: boolean } {
  const slots: number[] = [];
  let slot = timing.next(after);
  while (slot !== null && slot <= until) {
    if (slots.length === MAX_WALK) return { slots, isCut: true };
    slots.push(slot);
    slot = timing.next(slot);
  }
  return { slots, isCut: false };
}
