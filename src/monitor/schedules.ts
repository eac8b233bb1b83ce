/**
 * The schedules that there are for whoever asks, and how they are shown.
 *
 * @module
 */

import type { Schedule } from "../schedule/schedule.ts";
import type { Call } from "./call.ts";
import type { ScheduleView } from "./wire/cron.ts";

/** Schedules that are read at once. */
const READ_AT_ONCE = 500;

/** Reads all schedules in the order of their ids: a store has at most 10 000. */
export async function seenSchedules(call: Call): Promise<Schedule[]> {
  const found: Schedule[] = [];
  let cursor: string | undefined;
  do {
    const reply = await call.desk.schedules.list({ limit: READ_AT_ONCE, cursor });
    found.push(...reply.schedules.filter(({ queue }) => call.sees(queue)));
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return found;
}

/** Reads the schedule of the path; undefined if there is none for whoever asks. */
export async function findSchedule(call: Call): Promise<Schedule | undefined> {
  const schedule = await call.desk.schedules.get(call.params.id!);
  return schedule !== null && call.sees(schedule.queue) ? schedule : undefined;
}

/** How schedules are shown to whoever asks. */
export function viewOf({ desk, who }: Call): ScheduleView {
  return { redactor: desk.redactor, role: who.role };
}
