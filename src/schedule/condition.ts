/**
 * On what it depends that a schedule is defined, so that two who edit it do not undo each other's work.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import type { ScheduleRecord } from "../store/store.ts";
import { ScheduleChangedError, ScheduleNotFoundError } from "./errors.ts";

/**
 * On what it depends that a schedule is defined.
 *
 * @example
 * ```ts
 * import { Client, memoryStore, ScheduleChangedError } from "@gqm/gqm";
 * import { rejects } from "node:assert/strict";
 *
 * await using client = new Client({ store: memoryStore() });
 * const { schedules } = client;
 * const made = await schedules.upsert("s", { type: "report", cron: "@daily" }, { ifUpdatedAt: null });
 *
 * const asRead = { ifUpdatedAt: made.updatedAt };
 * await schedules.upsert("s", { type: "report", cron: "@hourly" }, asRead);
 * const late = schedules.upsert("s", { type: "report", cron: "@weekly" }, asRead);
 * await rejects(late, ScheduleChangedError);
 * ```
 */
export interface ScheduleCondition {
  /**
   * The `updatedAt` of the schedule as it was read: if somebody has changed it since, it stays as
   * they wanted it. Null: only if there is none.
   * @default {whatever is there}
   */
  readonly ifUpdatedAt?: number | null;
}

/**
 * Checks a condition.
 *
 * @throws {InvalidOptionError} If it breaks its rule.
 */
export function checkCondition(action: string, condition: ScheduleCondition): ScheduleCondition {
  checkKeys(action, condition, ["ifUpdatedAt"], "condition");
  const { ifUpdatedAt } = condition;
  if (ifUpdatedAt !== undefined && ifUpdatedAt !== null) {
    checkInteger(action, "ifUpdatedAt", ifUpdatedAt, 0);
  }
  return condition;
}

/**
 * Refuses to define a schedule that is not as it was read.
 *
 * @param wanted Its `updatedAt` then; null if there was none.
 * @throws {ScheduleNotFoundError} If it is gone.
 * @throws {ScheduleChangedError} If it is another one, or one is there.
 */
export function needAsRead(
  action: string,
  id: string,
  record: ScheduleRecord | null,
  wanted: number | null,
): void {
  if ((record?.updatedAt ?? null) === wanted) return;
  if (record === null) throw new ScheduleNotFoundError(action, id);
  throw new ScheduleChangedError(id, wanted, record.updatedAt);
}
