/**
 * The side of the store port that keeps schedules. When a slot is due is
 * computed outside, by any server's upkeep; whether it fires is decided here:
 * every change of a schedule names the version that it was made from, and is
 * one atomic step with the jobs that it fires. So a slot fires once, with any
 * number of schedulers, crashes and clocks that differ.
 *
 * @module
 */

import type { NewJob } from "./enqueue_stage.ts";

/** Who defined a schedule: the program, its configuration, or somebody at run time. */
export type ScheduleSource = "code" | "config" | "runtime";

/**
 * What becomes of a slot while the last job of its schedule is not final:
 * `skip` leaves the slot out, `allow` runs both, `replace` stops the last one,
 * `queueOne` runs one more after the last one if that has begun, and leaves the
 * slot out if it still waits.
 */
export type OverlapPolicy = "skip" | "allow" | "replace" | "queueOne";

/** Why a schedule fires: a slot came, somebody triggered it, a server that defines it started. */
export type FireKind = "slot" | "trigger" | "start";

/**
 * What became of one fire: a job was enqueued (`fired`), enqueued to run after
 * the last one (`queued`), enqueued in the place of the last one (`replaced`),
 * was there already (`duplicate`, as after a crash), or was not wanted (`skipped`).
 */
export type FireOutcome = "fired" | "skipped" | "queued" | "replaced" | "duplicate";

/** What a history tells: a fire's outcome, slots that nobody fired in time, or why a slot could not be fired. */
export type ScheduleOutcome = FireOutcome | "missed" | "error";

/** What whoever changes a schedule says of it. */
export interface ScheduleState {
  /** JSON text that stores never read; at most 64 KiB. */
  readonly definition: string;
  /** Who defined it. */
  readonly source: ScheduleSource;
  /** The set of schedules of a program that it belongs to; null for none. */
  readonly scope: string | null;
  /** Whether somebody paused it. */
  readonly paused: boolean;
  /** Whether its slots are computed by a function that not every process has. */
  readonly custom: boolean;
  /** Its next slot; null while it is paused, if it has ended, or if the slot is yet to be computed. */
  readonly slotAt: number | null;
  /** When somebody is to look at it: its slot and the jitter of that; null for never. */
  readonly dueAt: number | null;
}

/** A schedule as a store keeps it. All times are epoch milliseconds. */
export interface ScheduleRecord extends ScheduleState {
  /** Unique id, by the rule of job ids, at most 200 characters. */
  readonly id: string;
  /** Rises with each change, also from a schedule to another one that has its id later. */
  readonly version: number;
  /** Store clock. */
  readonly createdAt: number;
  /** Last change of definition, source, scope, `paused` or `custom`, store clock; it rises with each. */
  readonly updatedAt: number;
  /** The newest slot that came to fire, whatever its outcome. */
  readonly lastSlotAt: number | null;
  /** When a job of it was enqueued last, store clock. */
  readonly lastFiredAt: number | null;
  /** When it came to fire last because a server started, store clock. */
  readonly lastStartAt: number | null;
  /** What its history tells last. */
  readonly lastOutcome: ScheduleOutcome | null;
  /** Its newest job. */
  readonly lastJobId: string | null;
}

/** A job of a schedule that is to be enqueued, if the overlap allows it. */
export interface ScheduleFire {
  /** The slot; for other kinds the time of the call. */
  readonly slotAt: number;
  /** Why. */
  readonly kind: FireKind;
  /** What to do if the last job is not final. */
  readonly overlap: OverlapPolicy;
  /** The job: without parents, key and holder, due at once. If its id is in use it was fired before. */
  readonly job: NewJob;
}

/** What is written into the history beside fires. */
export interface ScheduleNote {
  /** The slot that it is about; of several, the newest. */
  readonly slotAt: number;
  /** What happened. */
  readonly outcome: "missed" | "error";
  /** Of how many slots, if more than one. */
  readonly count?: number;
  /** More about it, for people; at most 1000 characters. */
  readonly note?: string;
}

/** A change of one schedule. */
export interface ScheduleChange {
  /** Its id. */
  readonly id: string;
  /** The version that it was made from; null: there must be no such schedule. */
  readonly version: number | null;
  /** What it is from now on; null removes it with its history. @default {as it is} */
  readonly write?: ScheduleState | null;
  /** Written into the history, before the fires; at most 100. */
  readonly notes?: readonly ScheduleNote[];
  /** Jobs to be enqueued, in order; at most 100. */
  readonly fires?: readonly ScheduleFire[];
}

/** What became of one fire. */
export interface FireReply {
  /** What became of it. */
  readonly outcome: FireOutcome;
  /** The job; for `skipped` the last one, that was in the way. */
  readonly jobId: string;
}

/** What became of a change. */
export type ScheduleChangeReply =
  | {
    readonly outcome: "done";
    /** The store's now. */
    readonly now: number;
    /** The schedule after the change; null if it was removed. */
    readonly record: ScheduleRecord | null;
    /** One per fire, in order. */
    readonly fires: readonly FireReply[];
  }
  | {
    /** `stale`: it is of another version, or not there. `full`: there is no room for one more. */
    readonly outcome: "stale" | "full";
    /** The store's now. */
    readonly now: number;
    /** The schedule as it is; null if there is none. */
    readonly record: ScheduleRecord | null;
  };

/** Which schedules to read. */
export type ScheduleQuery =
  /** Those with these ids, at most 1000, that are there. */
  | { readonly ids: readonly string[] }
  /** All, in the order of their ids (of their UTF-8), a page at a time; 1 to 500. */
  | { readonly limit: number; readonly cursor?: string }
  /**
   * At most so many (1 to 500) that are due, earliest first; custom ones only of
   * those with the ids in `can`, which are looked at besides.
   */
  | { readonly due: number; readonly can: readonly string[] };

/** Schedules that were read. */
export interface SchedulesReply {
  /** The store's now. */
  readonly now: number;
  /** The schedules. */
  readonly records: readonly ScheduleRecord[];
  /** Give it to the next call for a page; absent on the last one. */
  readonly cursor?: string;
  /** For those that are due: milliseconds until the next one is; 0 if more are due now; null if none is known. */
  readonly nextInMs?: number | null;
}

/** One line of a schedule's history. */
export interface ScheduleEntry {
  /** When it was written, store clock. */
  readonly at: number;
  /** The slot; of several that were missed, the newest. */
  readonly slotAt: number;
  /** Why it came to fire. */
  readonly kind: FireKind;
  /** What became of it. */
  readonly outcome: ScheduleOutcome;
  /** The job; for `skipped` the one in the way. */
  readonly jobId?: string;
  /** How many slots it stands for, if more than one. */
  readonly count?: number;
  /** More about it, for people. */
  readonly note?: string;
}

/** One page of a history. */
export interface ScheduleHistoryReply {
  /** Newest first. */
  readonly entries: readonly ScheduleEntry[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Most schedules of a store. */
export const MAX_SCHEDULES = 10_000;
/** Lines of history kept of one schedule; the oldest go. */
export const MAX_SCHEDULE_ENTRIES = 100;

/** Keeping schedules. */
export interface ScheduleStage {
  /**
   * Changes one schedule, writes its history and enqueues its jobs, all in one
   * step, if it is of the version named; else nothing happens.
   *
   * Each fire looks at the last job of the schedule, as the fires before it left
   * that. One whose id is in use is a `duplicate`. While the last job is not
   * final, the fire's `overlap` decides: `replace` makes that job `stopped` with
   * the error "replaced by schedule '<id>'", for its children and its holder as
   * a cancel would; `queueOne` makes the new job a child of one that is
   * `processing` or `retry`, with the policy `continue`.
   *
   * After: the jobs are there; whoever waits for them, and upkeep if its next due
   * time is earlier, has been woken. Of a history the newest 100 lines are kept.
   * Failure: throws; nothing was changed, or the reply was lost.
   * Repeat: answers `stale`.
   */
  changeSchedule(change: ScheduleChange): Promise<ScheduleChangeReply>;

  /**
   * Reads schedules.
   *
   * @throws {InvalidOptionError} If the limit is out of range.
   */
  schedules(query: ScheduleQuery): Promise<SchedulesReply>;

  /**
   * Reads the history of one, newest first. A line that is written between two
   * pages neither repeats nor hides another.
   *
   * @throws {InvalidOptionError} If the limit is out of range or the cursor is
   * not one that a page gave.
   */
  scheduleHistory(
    id: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ScheduleHistoryReply>;
}
