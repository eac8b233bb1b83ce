/**
 * What a program says of a schedule, checked and written down.
 *
 * @module
 */

import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKeys,
  checkOneOf,
  toTime,
} from "../checks.ts";
import type { ItemPayload } from "../enqueue/graph.ts";
import type { EnqueueOptions } from "../enqueue/options.ts";
import type { Preparer } from "../enqueue/prepare.ts";
import { InvalidOptionError } from "../errors.ts";
import type { AnyJobs, JobMap, JobType, PayloadInput } from "../job/registry.ts";
import { bytesIfAbove } from "../job/serialize.ts";
import { isJobId } from "../job/names.ts";
import type { NewJob, OverlapPolicy } from "../store/store.ts";
import { parseCron } from "./cron.ts";
import type { CatchUp, Definition, JobTemplate, TimingRules } from "./definition.ts";
import type { NextSlot } from "./timing.ts";
import { checkZone } from "./zone.ts";

/** What a schedule may say of its jobs: as for `enqueue`, as far as it suits jobs that come again. */
export type ScheduledJobOptions = Omit<
  EnqueueOptions,
  | "id"
  | "delayMs"
  | "runAt"
  | "expireAt"
  | "dependsOn"
  | "onMissingParent"
  | "unique"
  | "onConflict"
  | "inheritContext"
>;

/** When a schedule fires, and what then. Exactly one of `cron`, `everyMs` and `next` is given. */
export interface ScheduleRules {
  /**
   * Cron expression of 5 fields, or 6 with the second first, or a word such as
   * `@daily`. `nextFire` says what it means, also where clocks change.
   */
  readonly cron?: string;
  /**
   * Milliseconds between two slots, at least 100. Slots are multiples of it, counted from `startAt`,
   * else from 1970 in UTC: the same in every process, and no matter when clocks change.
   */
  readonly everyMs?: number;
  /** A function that says the next slot. Only for schedules of the program's own (`Server.schedule`), at most 1000. */
  readonly next?: NextSlot;
  /** Zone of the cron expression, such as `Europe/Berlin`. @default {the server's or client's, else "UTC"} */
  readonly timeZone?: string;
  /** What becomes of a slot while the last job of the schedule is not final. @default {"skip"} */
  readonly overlap?: OverlapPolicy;
  /** What becomes of slots for which no server ran. @default {"latest"} */
  readonly catchUp?: CatchUp;
  /** Each slot fires up to this many milliseconds later, the same in every process; at most a day. @default {0} */
  readonly jitterMs?: number;
  /** Also fires when a server that defines it starts, once a minute at most. @default {false} */
  readonly runOnStart?: boolean;
  /** No slot before this time (epoch milliseconds or a `Date`). */
  readonly startAt?: number | Date;
  /** No slot after this time (epoch milliseconds or a `Date`). */
  readonly endAt?: number | Date;
  /**
   * False: it is paused until somebody resumes it. Counts when the schedule is
   * made, and when this value changes: else what people toggled stays.
   * @default {true}
   */
  readonly enabled?: boolean;
  /** Options of its jobs. */
  readonly options?: ScheduledJobOptions;
}

/** A schedule: when it fires, the type of its jobs, and their payload. */
export type ScheduleOptions<J extends JobMap = AnyJobs> = {
  readonly [T in JobType<J>]: ScheduleRules & ItemPayload<PayloadInput<J, T>> & {
    /** Type of its jobs. */
    readonly type: T;
  };
}[JobType<J>];

/** What a schedule says, as far as it is not typed. */
export type AnySchedule = ScheduleRules & { readonly type: string; readonly payload?: unknown };

/** A schedule that was checked. */
export interface CheckedSchedule {
  /** What is stored. */
  readonly definition: Definition;
  /** The function of a custom one. */
  readonly next: NextSlot | undefined;
}

const ACTION = "define schedule";
const KNOWN: readonly string[] = [
  "type",
  "payload",
  "options",
  "cron",
  "everyMs",
  "next",
  "timeZone",
  "overlap",
  "catchUp",
  "jitterMs",
  "runOnStart",
  "startAt",
  "endAt",
  "enabled",
];
const UNSUITED: readonly string[] = [
  "id",
  "delayMs",
  "runAt",
  "expireAt",
  "dependsOn",
  "onMissingParent",
  "unique",
  "onConflict",
  "inheritContext",
];
const OVERLAPS: readonly OverlapPolicy[] = ["skip", "allow", "replace", "queueOne"];
const MAX_ID_LENGTH = 200;
/** The rule for ids, as error messages say it. */
export const SCHEDULE_ID_RULE = `be 1 to ${MAX_ID_LENGTH} of the characters a-z A-Z 0-9 . _ -`;
/** Shortest interval. */
const LEAST_EVERY_MS = 100;
const MOST_CAUGHT_UP = 100;
const MAX_JITTER_MS = 86_400_000;
/** Largest schedule, as JSON, in bytes. */
const MAX_BYTES = 64 * 1024;

/**
 * Checks the id of a schedule.
 *
 * @throws {InvalidOptionError} If it breaks the rule.
 */
export function checkScheduleId(action: string, id: unknown): asserts id is string {
  if (isJobId(id) && id.length <= MAX_ID_LENGTH) return;
  throw new InvalidOptionError(action, "id", SCHEDULE_ID_RULE, id);
}

/**
 * Checks a schedule and writes it down; a promise only if the schema of its
 * payload takes time.
 *
 * @param timeZone Zone where it names none.
 * @throws {InvalidOptionError} If it breaks a rule; `InvalidCronError` for its cron expression.
 * @throws As `enqueue` does for its type and payload.
 */
export function checkSchedule(
  id: string,
  schedule: AnySchedule,
  timeZone: string,
  preparer: Preparer,
): CheckedSchedule | Promise<CheckedSchedule> {
  checkScheduleId(ACTION, id);
  checkKeys(ACTION, schedule, KNOWN);
  const rest = rulesOf(schedule, timeZone);
  const { next, type, payload, options = {} } = schedule;
  for (const option of UNSUITED) {
    if (Object.hasOwn(options, option)) {
      const value = options[option as keyof ScheduledJobOptions];
      throw new InvalidOptionError(ACTION, `options.${option}`, "not be given", value);
    }
  }
  const finish = (job: NewJob): CheckedSchedule => ({
    definition: withinLimits({ ...rest, job: templateOf(job) }),
    next,
  });
  const job = preparer.job(type, payload, options, undefined);
  return job instanceof Promise ? job.then(finish) : finish(job);
}

function rulesOf(schedule: ScheduleRules, zone: string): Omit<Definition, "job"> {
  const { overlap = "skip", catchUp = "latest", jitterMs = 0, runOnStart = false } = schedule;
  const { enabled = true } = schedule;
  checkOneOf(ACTION, "overlap", overlap, OVERLAPS);
  checkInteger(ACTION, "jitterMs", jitterMs, 0, MAX_JITTER_MS);
  checkBoolean(ACTION, "runOnStart", runOnStart);
  checkBoolean(ACTION, "enabled", enabled);
  return {
    timing: timingRulesOf(schedule, zone),
    overlap,
    catchUp: catchUpOf(catchUp),
    jitterMs,
    runOnStart,
    enabled,
  };
}

function timingRulesOf(schedule: ScheduleRules, zone: string): TimingRules {
  const { cron, everyMs, next, timeZone = zone } = schedule;
  const given = [cron, everyMs, next].filter((one) => one !== undefined).length;
  if (given !== 1) {
    const rule = "be given alone, or 'everyMs' or 'next' in its place";
    throw new InvalidOptionError(ACTION, "cron", rule, cron);
  }
  checkZone(ACTION, "timeZone", timeZone);
  if (cron !== undefined) parseCron(cron);
  if (everyMs !== undefined) checkInteger(ACTION, "everyMs", everyMs, LEAST_EVERY_MS);
  if (next !== undefined) checkFunction(ACTION, "next", next);
  const startAt = timeOf("startAt", schedule.startAt);
  const endAt = timeOf("endAt", schedule.endAt);
  if (endAt !== undefined && endAt < (startAt ?? 0)) {
    throw new InvalidOptionError(ACTION, "endAt", "not be before 'startAt'", schedule.endAt);
  }
  return {
    ...(cron === undefined ? undefined : { cron }),
    ...(everyMs === undefined ? undefined : { everyMs }),
    ...(next === undefined ? undefined : { custom: true }),
    timeZone,
    ...(startAt === undefined ? undefined : { startAt }),
    ...(endAt === undefined ? undefined : { endAt }),
  };
}

function timeOf(option: string, value: number | Date | undefined): number | undefined {
  return value === undefined ? undefined : toTime(ACTION, option, value);
}

function catchUpOf(catchUp: CatchUp): CatchUp {
  if (catchUp === "none" || catchUp === "latest") return catchUp;
  if (typeof catchUp !== "object" || catchUp === null) {
    throw new InvalidOptionError(ACTION, "catchUp", "be 'none', 'latest' or { all: n }", catchUp);
  }
  checkKeys(ACTION, catchUp, ["all"], "catchUp");
  checkInteger(ACTION, "catchUp.all", catchUp.all, 1, MOST_CAUGHT_UP);
  return { all: catchUp.all };
}

function templateOf({ type, queue, priority, payload, settings, atFront }: NewJob): JobTemplate {
  const template = { type, queue, priority, payload, settings };
  return atFront === true ? { ...template, atFront } : template;
}

function withinLimits(definition: Definition): Definition {
  const bytes = bytesIfAbove(JSON.stringify(definition), MAX_BYTES);
  if (bytes === undefined) return definition;
  const rule = `be so small that the schedule is at most ${MAX_BYTES} bytes of JSON`;
  throw new InvalidOptionError(ACTION, "payload", rule, `${bytes} bytes`);
}
