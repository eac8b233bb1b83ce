/**
 * The schedules that a program defines, brought into the store when it starts:
 * new and changed ones are written, those that it defines no more are removed.
 *
 * @module
 */

import type { Logger } from "../logger.ts";
import type { ScheduleRecord, Store } from "../store/store.ts";
import { changeIt } from "./change.ts";
import { defineWish, type Owner } from "./defined.ts";
import type { CheckedSchedule } from "./options.ts";

const PAGE = 500;

/** What a program defines. */
export interface ProgramSchedules {
  readonly schedules: ReadonlyMap<string, CheckedSchedule>;
  readonly owner: Owner;
  /** Makes ids of jobs that are fired because a server starts. */
  readonly newId: () => string;
  readonly logger: Logger;
}

/**
 * Brings them into the store.
 *
 * @throws {ScheduleConflictError} If an id belongs to somebody else: those before it in order were written.
 * @throws {TooManySchedulesError} If there is no room for one more.
 */
export async function syncSchedules(store: Store, program: ProgramSchedules): Promise<void> {
  const { schedules, owner, newId, logger } = program;
  for (const [id, { definition }] of schedules) {
    const what = { id, definition, owner, start: newId };
    const changed = await changeIt(store, id, (record, at) => defineWish(what, record, at));
    if (changed !== undefined) logger.info("Schedule defined", { schedule: id, ...owner });
  }
  for await (const id of idsOf(store, owner)) {
    if (schedules.has(id)) continue;
    const removed = await changeIt(
      store,
      id,
      (record) => record !== null && isOwned(record, owner) ? { write: null } : undefined,
    );
    if (removed === undefined) continue;
    logger.info("Schedule removed, as the program defines it no more", { schedule: id, ...owner });
  }
}

async function* idsOf(store: Store, owner: Owner): AsyncGenerator<string> {
  let cursor: string | undefined;
  do {
    const page = await store.schedules({
      limit: PAGE,
      ...(cursor === undefined ? undefined : { cursor }),
    });
    for (const record of page.records) if (isOwned(record, owner)) yield record.id;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

function isOwned(record: ScheduleRecord, { source, scope }: Owner): boolean {
  return record.source === source && record.scope === scope;
}
