/**
 * What is to be done with a schedule that is due: which slots fire, what is
 * noted of the others, and when to look again. Pure: the store decides whether it
 * is done.
 *
 * @module
 */

import { failureOf } from "../settle/failure.ts";
import type { ScheduleNote } from "../store/store.ts";
import type { CatchUp, Definition } from "./definition.ts";
import { dueSlots } from "./slots.ts";
import type { Timing } from "./timing.ts";

/** How old a slot may be and count as in time where nothing is caught up. */
const IN_TIME_MS = 60_000;
/** When a schedule whose next slot could not be computed is looked at again. */
export const RETRY_MS = 60_000;
/** Longest note, in characters. */
const MAX_NOTE_LENGTH = 1000;

/** A schedule as far as a plan needs it. */
export interface Planned {
  /** The schedule's id. */
  readonly id: string;
  /** Its next slot; null if that is to be computed. */
  readonly slotAt: number | null;
}

/** When a schedule is next. */
export interface NextTime {
  /** The slot; null for none, or none known. */
  readonly slotAt: number | null;
  /** When to look at it; null for never. */
  readonly dueAt: number | null;
}

/** What is to be done. */
export interface SlotPlan extends NextTime {
  /** Slots to be fired, in order. */
  readonly fires: readonly number[];
  /** What is to be noted of others. */
  readonly notes: readonly ScheduleNote[];
}

/** Plans the slots of a schedule that is not paused. `now`: the store's. */
export function planSlots(
  planned: Planned,
  definition: Definition,
  timing: Timing,
  now: number,
): SlotPlan {
  const { id, slotAt } = planned;
  const { catchUp, jitterMs } = definition;
  if (slotAt === null) return { fires: [], ...begin(id, definition, timing, now) };
  const delayOf = (slot: number): number => jitter(id, slot, jitterMs);
  const keep = keepOf(catchUp);
  const due = dueSlots(timing, {
    first: slotAt,
    now,
    // The newest of those that do not fire is named.
    keep: keep + 1,
    delayOf,
    maxDelayMs: jitterMs,
  });
  // Where only the newest is wanted, the next look may find it.
  const wanted = due.isBehind && keep === 1 ? [] : due.newest.slice(-keep);
  const fires = wanted.filter((slot) =>
    catchUp !== "none" || now - slot - delayOf(slot) < IN_TIME_MS
  );
  const missed = due.newest.slice(0, due.newest.length - fires.length).at(-1);
  const notes: ScheduleNote[] = [];
  if (missed !== undefined) {
    const count = due.count - fires.length;
    notes.push({
      slotAt: missed,
      outcome: "missed",
      ...(count === 1 ? undefined : { count }),
      ...(due.isMore ? { note: "and more" } : undefined),
    });
  }
  if ("error" in due) return { fires, ...failed([...notes], slotAt, due.error, now) };
  return { fires, notes, ...timeOf(id, due.next, jitterMs) };
}

/** The first slot of a schedule from now on, for one that is made, resumed or has another timing. */
export function begin(
  id: string,
  { jitterMs }: Definition,
  timing: Timing,
  now: number,
): Omit<SlotPlan, "fires"> {
  try {
    return { notes: [], ...timeOf(id, timing.next(now), jitterMs) };
  } catch (error) {
    return failed([], now, error, now);
  }
}

function failed(
  notes: ScheduleNote[],
  slotAt: number,
  error: unknown,
  now: number,
): Omit<SlotPlan, "fires"> {
  notes.push({ slotAt, outcome: "error", note: noteOf(error) });
  return { notes, slotAt: null, dueAt: now + RETRY_MS };
}

/** What was thrown, as a note of a history. */
export function noteOf(error: unknown): string {
  return failureOf(error).message.slice(0, MAX_NOTE_LENGTH);
}

/** When a slot is due. */
export function timeOf(id: string, slotAt: number | null, jitterMs: number): NextTime {
  return slotAt === null
    ? { slotAt: null, dueAt: null }
    : { slotAt, dueAt: slotAt + jitter(id, slotAt, jitterMs) };
}

function keepOf(catchUp: CatchUp): number {
  return typeof catchUp === "object" ? catchUp.all : 1;
}

/** How much later than its slot a schedule fires: the same in every process, another for each slot. */
function jitter(id: string, slotAt: number, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  let hash = 0x811c9dc5;
  for (const char of `${id}.${slotAt}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
  return ((hash ^ hash >>> 13) >>> 0) % jitterMs;
}
