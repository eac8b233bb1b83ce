/**
 * Schedules, for those who edit them. What switches and triggers them is under `/cron`, as in GQM (Go).
 *
 * @module
 */

import { payloadText } from "../../enqueue/prepare.ts";
import { ScheduleChangedError } from "../../schedule/errors.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { type Answer, cursorPage, data } from "../answer.ts";
import { needType } from "../auth/principal.ts";
import { needWholeEdit } from "../blind_edit.ts";
import type { Call } from "../call.ts";
import { checkScopes } from "../enqueue/enqueue_items.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { pageAfter, type PageOfList } from "../page_after.ts";
import { cursorRule, limitRule } from "../params.ts";
import type { Route } from "../route.ts";
import { cursorPaged, enveloped } from "../schema.ts";
import { findSchedule, seenSchedules, viewOf } from "../schedules.ts";
import {
  scheduleDetails,
  scheduleDetailsSchema,
  scheduleOnWire,
  scheduleSchema,
} from "../wire/schedule.ts";
import {
  newScheduleSchema,
  readSchedule,
  scheduleIdParam,
  scheduleRulesSchema,
} from "../wire/schedule_rules.ts";

/** How many of the newest lines of the history are told with a schedule. */
const RUNS_TOLD = 10;

const path = "/api/v1/schedules/{id}";
const params = { id: scheduleIdParam };

/** Schedules. */
export const scheduleRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/schedules",
    access: "viewer",
    summary: "Schedules by id, by cursor, without their payloads",
    query: { limit: limitRule, cursor: cursorRule },
    answer: { body: cursorPaged(scheduleSchema) },
    handle: listSchedules,
  },
  {
    method: "GET",
    path,
    access: "viewer",
    summary: "One schedule, with its next 5 fires and the newest 10 lines of its history",
    params,
    answer: { body: enveloped(scheduleDetailsSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => data(await detailsOf(call, await needSchedule(call))),
  },
  {
    method: "POST",
    path: "/api/v1/schedules",
    access: "admin",
    summary: "Makes a schedule",
    description:
      "Its jobs are not checked against a registry: a monitor knows none. Its `source` is " +
      "`runtime`. A server whose code defines a schedule with the same id does not start as long " +
      "as this one is there.\n\nKeys and users with some queues or types alone make schedules of " +
      "these.",
    body: newScheduleSchema,
    answer: { status: 201, body: enveloped(scheduleDetailsSchema) },
    errors: ["CONFLICT"],
    change: "schedule.create",
    handle: createSchedule,
  },
  {
    method: "PUT",
    path,
    access: "admin",
    summary: "Gives a schedule other rules, all of them anew",
    description:
      "`updated_at_ms` is that of the schedule as it was read: if somebody has changed it since, " +
      "this is refused. What is not given has its default; whether it is enabled stays as it is, " +
      "and so does its next slot unless its timing is another.\n\nOnly what was defined at run " +
      "time can be changed (`source`): what a program defines is changed in its code, which every " +
      "start of the program brings into the store. Whoever sees `[redacted]` in the payload or in " +
      "meta gives these values anew.",
    params,
    body: scheduleRulesSchema,
    answer: { body: enveloped(scheduleDetailsSchema) },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "schedule.update",
    handle: replaceSchedule,
  },
  {
    method: "DELETE",
    path,
    access: "admin",
    summary: "Removes a schedule with its history; its jobs stay",
    description: "One that a program defines comes back at the next start of the program.",
    params,
    answer: { status: 204 },
    errors: ["NOT_FOUND"],
    change: "schedule.delete",
    handle: async (call): Promise<Answer> => {
      const { id } = await needSchedule(call);
      await call.desk.schedules.remove(id);
      return { status: 204 };
    },
  },
];

async function listSchedules(call: Call): Promise<Answer> {
  const limit = call.query.number("limit", limitRule);
  const before = call.query.get("cursor");
  if (before !== undefined && !scheduleIdParam.accepts(before)) throw badRequest("invalid cursor");
  const { items, cursor } = await pageOf(call, limit, before);
  const view = viewOf(call);
  return cursorPage(items.map((item) => scheduleOnWire(item, view)), { limit, cursor });
}

async function pageOf(
  call: Call,
  limit: number,
  cursor: string | undefined,
): Promise<PageOfList<Schedule>> {
  if (call.who.queues === null) {
    const page = await call.desk.schedules.list({ limit, cursor });
    return { items: page.schedules, cursor: page.cursor };
  }
  // The store's cursor may name a schedule that they do not see.
  return pageAfter(await seenSchedules(call), ({ id }) => id, { limit, cursor });
}

async function needSchedule(call: Call): Promise<Schedule> {
  const schedule = await findSchedule(call);
  if (schedule === undefined) throw notFound("schedule");
  return schedule;
}

async function detailsOf(call: Call, schedule: Schedule): Promise<object> {
  const { entries } = await call.desk.schedules.history(schedule.id, { limit: RUNS_TOLD });
  return scheduleDetails(schedule, viewOf(call), entries);
}

async function createSchedule(call: Call): Promise<Answer> {
  const { id, enabled, ...wire } = await call.body(newScheduleSchema);
  const rules = { ...readSchedule(wire), enabled: enabled as boolean | undefined };
  checkScopes(call, [{ type: rules.type, payload: null, options: rules.options ?? {} }]);
  const made = await call.desk.schedules.upsert(id as string, rules, { ifUpdatedAt: null })
    .catch((error: unknown) => {
      // No more is told of one that they may not see.
      if (error instanceof ScheduleChangedError) throw new ApiError("CONFLICT", "the id is in use");
      throw error;
    });
  return {
    ...data(await detailsOf(call, made)),
    status: 201,
    headers: { location: `/api/v1/schedules/${made.id}` },
    detail: { id: made.id },
  };
}

async function replaceSchedule(call: Call): Promise<Answer> {
  const { updated_at_ms, ...wire } = await call.body(scheduleRulesSchema);
  const { runOnStart, paused, ...old } = await needSchedule(call);
  const rules = readSchedule(wire);
  const { type, payload, options = {} } = rules;
  needType(call.who, old.type);
  checkScopes(call, [{ type, payload: null, options }]);
  // Not nested so deep that it cannot be gone through.
  for (const part of [payload, options.meta]) payloadText(part);
  const before = { payload: old.payload, meta: old.settings.meta };
  needWholeEdit(call, old.type, before, { payload, meta: options.meta });
  const { enqueuedBy } = old.settings;
  const made = await call.desk.schedules.upsert(
    old.id,
    { ...rules, runOnStart, enabled: !paused, options: { ...options, enqueuedBy } },
    { ifUpdatedAt: updated_at_ms as number },
  );
  return data(await detailsOf(call, made));
}
