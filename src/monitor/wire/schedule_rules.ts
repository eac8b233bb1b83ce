/**
 * What somebody says of a schedule over HTTP: the rules of `Schedules.upsert` under the names of the API.
 *
 * @module
 */

import { MAX_TYPE_LENGTH } from "../../job/names.ts";
import { parseCron } from "../../schedule/cron.ts";
import type { CatchUp, TimingRules } from "../../schedule/definition.ts";
import type { ScheduleOptions } from "../../schedule/options.ts";
import { checkZone } from "../../schedule/zone.ts";
import type { OverlapPolicy } from "../../store/store.ts";
import { itemOptions, optionsOf } from "../enqueue/item.ts";
import { badRequest } from "../errors.ts";
import type { ParamRule } from "../params.ts";
import {
  any,
  boolean,
  described,
  integer,
  named,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";

type Wire = Readonly<Record<string, unknown>>;

const ID = /^[a-zA-Z0-9._-]{1,200}$/;
/** The end of the year 9999, so that what is shown of a time is of one length. */
const LAST_MS = 253_402_300_799_999;

/** The id of a schedule. */
export const scheduleIdParam: ParamRule = {
  description: "Id of the schedule",
  schema: { type: "string", pattern: ID.source },
  accepts: (value) => ID.test(value),
};

const time: Schema = { ...integer, minimum: 0, maximum: LAST_MS };

/** When a schedule has its slots. */
export const timingProperties: Readonly<Record<string, Schema>> = {
  "cron?": described(
    { ...text, examples: ["30 3 * * *", "*/10 * * * * *", "@daily"] },
    "5 fields, or 6 with the second first, or a word such as `@daily`",
  ),
  "every_ms?": described({ ...integer, minimum: 100 }, "In the place of `cron`: an interval"),
  "time_zone?": described(
    { ...text, default: "UTC", examples: ["Europe/Berlin", "UTC", "+02:00"] },
    "In which `cron` is read",
  ),
  "start_at_ms?": described(time, "No slot before this"),
  "end_at_ms?": described(time, "No slot after this"),
};

/** What becomes of a slot while the last job of its schedule is not final. */
export const overlapSchema: Schema = oneOf("skip", "allow", "replace", "queue_one");

/** Of how many of the slots that were missed a job is made. */
export const catchUpSchema: Schema = described(
  { anyOf: [oneOf("none", "latest"), { ...integer, minimum: 1, maximum: 100 }] },
  "Of how many of the slots that were missed a job is made",
);

const rules: Readonly<Record<string, Schema>> = {
  type: { ...text, minLength: 1, maxLength: MAX_TYPE_LENGTH },
  "payload?": described(any, "What the handler gets: any JSON"),
  ...timingProperties,
  "overlap?": described(
    { ...overlapSchema, default: "skip" },
    "What becomes of a slot while the last job is not final",
  ),
  "catch_up?": { ...catchUpSchema, default: "latest" },
  "jitter_ms?": described(
    { ...integer, minimum: 0, maximum: 86_400_000, default: 0 },
    "Each slot fires up to this much later",
  ),
  ...itemOptions("queue", "priority", "max_retry", "retry_intervals_ms", "backoff", "timeout_ms"),
  ...itemOptions("meta", "trace", "at_front", "limit_key", "retention", "dead_letter"),
};

/** A schedule that is to be made. */
export const newScheduleSchema: Schema = named("NewSchedule", {
  ...object({
    id: scheduleIdParam.schema,
    ...rules,
    "enabled?": { ...boolean, default: true },
  }),
  examples: [{
    id: "nightly-report",
    type: "report",
    payload: { kind: "sales" },
    cron: "30 3 * * *",
    time_zone: "Europe/Berlin",
  }],
});

/** The rules that a schedule is to have from now on. */
export const scheduleRulesSchema: Schema = named(
  "ScheduleRules",
  object({
    updated_at_ms: described(
      { ...integer, minimum: 0 },
      "As it was read: with another one, somebody has changed the schedule since",
    ),
    ...rules,
  }),
);

/**
 * Reads when a schedule has its slots.
 *
 * @throws {ApiError} `BAD_REQUEST` if it says too much or too little.
 * @throws {InvalidOptionError} If the zone is unknown; `InvalidCronError` for the expression.
 */
export function readTiming(wire: Wire): TimingRules {
  const { cron, every_ms, time_zone = "UTC", start_at_ms, end_at_ms } = wire as {
    readonly cron?: string;
    readonly every_ms?: number;
    readonly time_zone?: string;
    readonly start_at_ms?: number;
    readonly end_at_ms?: number;
  };
  if ((cron === undefined) === (every_ms === undefined)) {
    throw badRequest("either 'cron' or 'every_ms' must be given");
  }
  if (cron !== undefined) parseCron(cron);
  checkZone("tell slots", "time_zone", time_zone);
  if (end_at_ms !== undefined && end_at_ms < (start_at_ms ?? 0)) {
    throw badRequest("'end_at_ms' must not be before 'start_at_ms'");
  }
  return {
    cron,
    everyMs: every_ms,
    timeZone: time_zone,
    startAt: start_at_ms,
    endAt: end_at_ms,
  };
}

/**
 * Reads the rules of a schedule, which are as their schema says.
 *
 * @throws As `readTiming` does.
 */
export function readSchedule(wire: Wire): ScheduleOptions {
  const { type, payload, overlap, catch_up, jitter_ms, ...rest } = wire;
  const { cron: _cron, every_ms: _every, time_zone: _zone, ...others } = rest;
  const { start_at_ms: _start, end_at_ms: _end, ...options } = others;
  return {
    type: type as string,
    payload,
    ...readTiming(wire),
    overlap: overlap === "queue_one" ? "queueOne" : overlap as OverlapPolicy | undefined,
    catchUp: typeof catch_up === "number" ? { all: catch_up } : catch_up as CatchUp | undefined,
    jitterMs: jitter_ms as number | undefined,
    options: optionsOf(options),
  };
}
