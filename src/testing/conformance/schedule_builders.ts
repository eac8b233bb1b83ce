/**
 * Makers of schedules, their changes and fires.
 *
 * @module
 */

import assert from "node:assert/strict";
import type {
  FireReply,
  NewJob,
  ScheduleChange,
  ScheduleChangeReply,
  ScheduleEntry,
  ScheduleFire,
  ScheduleRecord,
  ScheduleState,
  Store,
} from "../../store/store.ts";

/** A schedule that is never due, unless `fields` say more. */
export function scheduleState(fields: Partial<ScheduleState> = {}): ScheduleState {
  return {
    definition: "{}",
    source: "runtime",
    scope: null,
    paused: false,
    custom: false,
    slotAt: null,
    dueAt: null,
    ...fields,
  };
}

/** The change that makes a schedule. */
export function define(
  id: string,
  fields: Partial<ScheduleState> & Pick<ScheduleChange, "fires" | "notes"> = {},
): ScheduleChange {
  const { fires, notes, ...state } = fields;
  return {
    id,
    version: null,
    write: scheduleState(state),
    ...(fires === undefined ? undefined : { fires }),
    ...(notes === undefined ? undefined : { notes }),
  };
}

/** A slot that fires a job, whatever overlaps. */
export function fire(job: NewJob, fields: Partial<Omit<ScheduleFire, "job">> = {}): ScheduleFire {
  return { slotAt: 0, kind: "slot", overlap: "allow", ...fields, job };
}

/** Changes a schedule, which must be possible, and returns it. */
export async function change(store: Store, what: ScheduleChange): Promise<ScheduleRecord> {
  const { record } = done(await store.changeSchedule(what));
  assert.ok(record !== null, "the schedule must be there after the change");
  return record;
}

/** The reply to a change that was made. */
export function done(
  reply: ScheduleChangeReply,
): Extract<ScheduleChangeReply, { outcome: "done" }> {
  if (reply.outcome === "done") return reply;
  return assert.fail(`the change must be made, but is '${reply.outcome}'`);
}

/** Fires jobs of a schedule as it is now; returns what became of them. */
export async function fireNow(
  store: Store,
  id: string,
  ...fires: readonly ScheduleFire[]
): Promise<readonly FireReply[]> {
  const { version } = await readSchedule(store, id);
  return done(await store.changeSchedule({ id, version, fires })).fires;
}

/** Reads a schedule that must be there. */
export async function readSchedule(store: Store, id: string): Promise<ScheduleRecord> {
  const { records } = await store.schedules({ ids: [id] });
  assert.equal(records.length, 1, `schedule '${id}' must be there`);
  return records[0]!;
}

/** The newest lines of a history, newest first. */
export async function historyOf(
  store: Store,
  id: string,
  limit: number = 100,
): Promise<readonly ScheduleEntry[]> {
  return (await store.scheduleHistory(id, { limit })).entries;
}
