/**
 * What becomes of a schedule when somebody defines it, again or for the first
 * time.
 *
 * @module
 */

import type { ScheduleFire, ScheduleRecord, ScheduleSource } from "../store/store.ts";
import type { Wish } from "./change.ts";
import { type Definition, jobOf, readDefinition } from "./definition.ts";
import { ownerText, ScheduleConflictError } from "./errors.ts";
import { begin, type NextTime, timeOf } from "./plan.ts";
import { timingOf } from "./timing.ts";

/** Within this time a schedule fires for one start only, whichever server starts. */
const ONE_START_MS = 60_000;

/** Who defines a schedule. */
export interface Owner {
  readonly source: ScheduleSource;
  readonly scope: string | null;
}

/**
 * The change that defines a schedule; undefined if all is as it should be.
 *
 * @param start Makes the id of the job that it fires if it is to run on a start; absent if nothing starts.
 * @throws {ScheduleConflictError} If its id belongs to another owner.
 */
export function defineWish(
  { id, definition, owner, start }: {
    readonly id: string;
    readonly definition: Definition;
    readonly owner: Owner;
    readonly start?: () => string;
  },
  record: ScheduleRecord | null,
  now: number,
): Wish | undefined {
  const { source, scope } = owner;
  if (record !== null && (record.source !== source || record.scope !== scope)) {
    throw new ScheduleConflictError(ownerText(source, scope), record);
  }
  const text = JSON.stringify(definition);
  const isSame = record?.definition === text;
  const old = record === null || isSame ? undefined : tryRead(record.definition);
  const paused = record === null || (old !== undefined && old.enabled !== definition.enabled)
    ? !definition.enabled
    : record.paused;
  const fires = start === undefined || paused ? [] : startFires(id, definition, record, now, start);
  if (isSame) return fires.length === 0 ? undefined : { fires };
  const custom = definition.timing.custom === true;
  const keepsTime = old !== undefined && record !== null && record.paused === paused &&
    JSON.stringify(old.timing) === JSON.stringify(definition.timing);
  const time = paused
    ? NEVER
    : keepsTime
    ? sameSlot(record, definition)
    : firstTime(id, definition, now);
  return { write: { definition: text, source, scope, paused, custom, ...time }, fires };
}

const NEVER: NextTime = { slotAt: null, dueAt: null };

/** When a schedule that begins now is next. A custom one is computed by whoever can. */
export function firstTime(id: string, definition: Definition, now: number): NextTime {
  if (definition.timing.custom) return { slotAt: null, dueAt: now };
  const { slotAt, dueAt } = begin(id, definition, timingOf(definition.timing), now);
  return { slotAt, dueAt };
}

/** Its slot stays; the jitter may have changed. */
function sameSlot({ id, slotAt, dueAt }: ScheduleRecord, { jitterMs }: Definition): NextTime {
  return slotAt === null ? { slotAt, dueAt } : timeOf(id, slotAt, jitterMs);
}

function startFires(
  id: string,
  definition: Definition,
  record: ScheduleRecord | null,
  now: number,
  newId: () => string,
): readonly ScheduleFire[] {
  if (!definition.runOnStart) return [];
  const last = record?.lastStartAt ?? -Infinity;
  if (now - last < ONE_START_MS) return [];
  const job = jobOf(definition, { id, slotAt: now }, newId());
  return [{ slotAt: now, kind: "start", overlap: definition.overlap, job }];
}

/** What was stored, if it can be read. */
function tryRead(text: string): Definition | undefined {
  try {
    return readDefinition(text);
  } catch {
    return undefined;
  }
}
