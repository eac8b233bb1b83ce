/**
 * Changing a schedule that others may change at the same time: each try is made
 * from the newest version, until one is accepted.
 *
 * @module
 */

import { MAX_SCHEDULES } from "../store/schedule_stage.ts";
import type {
  ScheduleChange,
  ScheduleChangeReply,
  ScheduleRecord,
  ScheduleState,
  Store,
} from "../store/store.ts";
import { TooManySchedulesError } from "./errors.ts";

/** Tries before it counts as hopeless: each that fails means that somebody else's was accepted. */
const MAX_TRIES = 1000;

/** A change, without what names the schedule and its version. */
export type Wish = Omit<ScheduleChange, "id" | "version">;

/** What of a schedule as it is would be written again. */
export function stateOf(record: ScheduleRecord): ScheduleState {
  const { definition, source, scope, paused, custom, slotAt, dueAt } = record;
  return { definition, source, scope, paused, custom, slotAt, dueAt };
}

/** A change that was made. */
export type Changed = Extract<ScheduleChangeReply, { outcome: "done" }>;

/**
 * Changes a schedule.
 *
 * @param wish What is to be done with it as it is then; undefined for nothing.
 * @returns Undefined if nothing was to be done.
 * @throws {TooManySchedulesError} If there is no room for one more.
 * @throws What `wish` throws.
 */
export async function changeIt(
  store: Store,
  id: string,
  wish: (record: ScheduleRecord | null, now: number) => Wish | undefined,
): Promise<Changed | undefined> {
  let { records: [record = null], now } = await store.schedules({ ids: [id] });
  for (let i = 0; i < MAX_TRIES; i++) {
    const wanted = wish(record, now);
    if (wanted === undefined) return undefined;
    const reply = await store.changeSchedule({ ...wanted, id, version: record?.version ?? null });
    if (reply.outcome === "done") return reply;
    if (reply.outcome === "full") throw new TooManySchedulesError(id, MAX_SCHEDULES);
    ({ record, now } = reply);
  }
  throw new Error(
    `Cannot change schedule '${id}' as it must be left alone for a moment: it changed ${MAX_TRIES} times meanwhile`,
  );
}
