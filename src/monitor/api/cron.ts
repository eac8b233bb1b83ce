/**
 * Schedules, under the name that they have in GQM (Go).
 *
 * @module
 */

import type { Schedule } from "../../schedule/schedule.ts";
import { MAX_SCHEDULE_ENTRIES } from "../../store/schedule_stage.ts";
import { type Answer, data, done } from "../answer.ts";
import { needType } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { notFound } from "../errors.ts";
import { limitRule, nameParam, type QueryRule } from "../params.ts";
import type { Route } from "../route.ts";
import { findSchedule, seenSchedules, viewOf } from "../schedules.ts";
import { boolean, enveloped, list, object, oneOf, type Schema, text, yes } from "../schema.ts";
import {
  entryOnWire,
  hasFired,
  historyOnWire,
  historySchema,
  listedEntrySchema,
  oneEntryOnWire,
  oneEntrySchema,
} from "../wire/cron.ts";

const params = { id: nameParam("Id of the schedule") };

const showRule: QueryRule = {
  description: "Which lines: those that tell of a job, or also skipped and missed slots and errors",
  schema: { ...oneOf("fired", "all"), default: "fired" },
};

/** Schedules. */
export const cronRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/cron",
    access: "viewer",
    summary: "All schedules, by id",
    answer: { body: enveloped(list(listedEntrySchema)) },
    handle: async (call): Promise<Answer> => {
      const view = viewOf(call);
      return data((await seenSchedules(call)).map((schedule) => entryOnWire(schedule, view)));
    },
  },
  {
    method: "GET",
    path: "/api/v1/cron/{id}",
    access: "viewer",
    summary: "One schedule",
    params,
    answer: { body: enveloped(oneEntrySchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> =>
      data(oneEntryOnWire(await scheduleOfPath(call), viewOf(call))),
  },
  {
    method: "GET",
    path: "/api/v1/cron/{id}/history",
    access: "viewer",
    summary: "What became of the slots of a schedule, newest first",
    description: "The newest 100 lines are kept. Of a schedule that nobody knows there are none.",
    params,
    query: { limit: limitRule, show: showRule },
    answer: { body: enveloped(list(historySchema)) },
    handle: async (call): Promise<Answer> => data(await history(call)),
  },
  {
    method: "POST",
    path: "/api/v1/cron/{id}/trigger",
    access: "operator",
    summary: "Enqueues a job of a schedule now, also of one that is disabled",
    description: "Keys for some types trigger schedules of these alone.",
    params,
    answer: {
      body: object({ ok: yes, cron_id: text, job_id: text, data: object({ job_id: text }) }),
    },
    errors: ["NOT_FOUND"],
    change: "schedule.trigger",
    handle: async (call): Promise<Answer> => {
      const { id, type } = await scheduleOfPath(call);
      needType(call.who, type);
      const told = { job_id: await call.desk.schedules.trigger(id) };
      return { ...done({ cron_id: id }, told), detail: told };
    },
  },
  {
    method: "POST",
    path: "/api/v1/cron/{id}/enable",
    access: "admin",
    summary: "Enables a schedule: its next slot is the first one from now on",
    params,
    answer: { body: switched(true) },
    errors: ["NOT_FOUND"],
    change: "schedule.enable",
    handle: async (call): Promise<Answer> => {
      const { id } = await scheduleOfPath(call);
      await call.desk.schedules.resume(id);
      return done({ cron_id: id, enabled: true });
    },
  },
  {
    method: "POST",
    path: "/api/v1/cron/{id}/disable",
    access: "admin",
    summary: "Disables a schedule: none of its slots fires until it is enabled",
    params,
    answer: { body: switched(false) },
    errors: ["NOT_FOUND"],
    change: "schedule.disable",
    handle: async (call): Promise<Answer> => {
      const { id } = await scheduleOfPath(call);
      await call.desk.schedules.pause(id);
      return done({ cron_id: id, enabled: false });
    },
  },
];

function switched(enabled: boolean): Schema {
  return object({ ok: yes, cron_id: text, enabled: { ...boolean, const: enabled } });
}

async function scheduleOfPath(call: Call): Promise<Schedule> {
  const schedule = await findSchedule(call);
  if (schedule === undefined) throw notFound("cron entry");
  return schedule;
}

async function history(call: Call): Promise<object[]> {
  const { desk, query } = call;
  const limit = query.number("limit", limitRule);
  const show = query.choice("show", ["fired", "all"], "fired");
  const schedule = await findSchedule(call);
  if (schedule === undefined) return [];
  const { entries } = await desk.schedules.history(schedule.id, { limit: MAX_SCHEDULE_ENTRIES });
  const wanted = show === "all" ? entries : entries.filter(hasFired);
  const view = viewOf(call);
  return wanted.slice(0, limit).map((entry) => historyOnWire(entry, view));
}
