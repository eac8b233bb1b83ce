/**
 * A schedule as users see it.
 *
 * @module
 */

import type { OverlapPolicy, ScheduleRecord } from "../store/store.ts";
import type { ScheduleOutcome, ScheduleSource } from "../store/store.ts";
import { type CatchUp, type Definition, readDefinition } from "./definition.ts";
import type { JobSettings } from "../job/job.ts";

/** A schedule as users see it. All times are epoch milliseconds. */
export interface Schedule {
  /** Unique id. */
  readonly id: string;
  /** Type of its jobs. */
  readonly type: string;
  /** What its handler gets. */
  readonly payload: unknown;
  /** Queue of its jobs. */
  readonly queue: string;
  /** Priority of its jobs. */
  readonly priority: number;
  /** What else its jobs are enqueued with. */
  readonly settings: JobSettings;
  /** Whether its jobs go before their equals. */
  readonly atFront: boolean;
  /** Cron expression, if it has one. */
  readonly cron: string | undefined;
  /** Milliseconds between two slots, if it has an interval. */
  readonly everyMs: number | undefined;
  /** Whether a function of a program says its slots. */
  readonly custom: boolean;
  /** Zone of the cron expression. */
  readonly timeZone: string;
  /** No slot before this. */
  readonly startAt: number | undefined;
  /** No slot after this. */
  readonly endAt: number | undefined;
  /** What becomes of a slot while the last job is not final. */
  readonly overlap: OverlapPolicy;
  /** What becomes of slots for which no server ran. */
  readonly catchUp: CatchUp;
  /** Up to how much later than its slot it fires, in milliseconds. */
  readonly jitterMs: number;
  /** Whether it fires when a server that defines it starts. */
  readonly runOnStart: boolean;
  /** Who defined it. */
  readonly source: ScheduleSource;
  /** The set of schedules of a program that it belongs to. */
  readonly scope: string | undefined;
  /** Whether somebody paused it. */
  readonly paused: boolean;
  /** Whether it has no more slots. */
  readonly ended: boolean;
  /** Its next slot. */
  readonly nextAt: number | undefined;
  /** The newest slot that came, whatever became of it. */
  readonly lastSlotAt: number | undefined;
  /** When a job of it was enqueued last. */
  readonly lastFiredAt: number | undefined;
  /** What its history tells last. */
  readonly lastOutcome: ScheduleOutcome | undefined;
  /** Its newest job. */
  readonly lastJobId: string | undefined;
  /** When it was made. */
  readonly createdAt: number;
  /** When it was defined, paused or resumed last. */
  readonly updatedAt: number;
  /** Why its definition cannot be read, as one that a newer version wrote. */
  readonly error: string | undefined;
}

const NOTHING: Omit<Definition, "enabled"> = {
  timing: { timeZone: "UTC" },
  job: { type: "", queue: "", priority: 0, payload: "null", settings: {} },
  overlap: "skip",
  catchUp: "latest",
  jitterMs: 0,
  runOnStart: false,
};

/** Turns a store's record into what users see. */
export function toSchedule(record: ScheduleRecord): Schedule {
  let definition = NOTHING;
  let payload: unknown;
  let error: string | undefined;
  try {
    definition = readDefinition(record.definition);
    payload = JSON.parse(definition.job.payload);
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  const { timing, job, overlap, catchUp, jitterMs, runOnStart } = definition;
  return {
    id: record.id,
    type: job.type,
    payload,
    queue: job.queue,
    priority: job.priority,
    settings: job.settings,
    atFront: job.atFront === true,
    cron: timing.cron,
    everyMs: timing.everyMs,
    custom: record.custom,
    timeZone: timing.timeZone,
    startAt: timing.startAt,
    endAt: timing.endAt,
    overlap,
    catchUp,
    jitterMs,
    runOnStart,
    source: record.source,
    scope: record.scope ?? undefined,
    paused: record.paused,
    ended: !record.paused && record.dueAt === null,
    nextAt: record.slotAt ?? undefined,
    lastSlotAt: record.lastSlotAt ?? undefined,
    lastFiredAt: record.lastFiredAt ?? undefined,
    lastOutcome: record.lastOutcome ?? undefined,
    lastJobId: record.lastJobId ?? undefined,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    error,
  };
}
