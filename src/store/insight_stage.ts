/**
 * The side of the store port that tells how it went: totals, days, hours of the last 8
 * days, and minutes of the last 24 hours.
 *
 * What is counted happens in the same step as what it counts, once: an outcome
 * that was settled before adds nothing. Minutes, hours and days are of the store's
 * clock. Hours are made of minutes by upkeep, when they are over.
 *
 * @module
 */

import type { Histogram } from "../insight/buckets.ts";
import type { StepReply } from "./ready_stage.ts";

/** How attempts and jobs ended. */
export interface EndCounts {
  /** Jobs completed. */
  readonly completed: number;
  /** Attempts that failed and were to be retried. */
  readonly retried: number;
  /** Jobs dead-lettered, also those that were not kept. */
  readonly dead: number;
  /** Jobs canceled by a handler, a person, an expiry or the end of a parent, and jobs stopped. */
  readonly canceled: number;
  /** Attempts whose lease ended. */
  readonly lost: number;
}

/** How many jobs had not ended, by status. */
export interface Depth {
  /** Waiting to be claimed. */
  readonly ready: number;
  /** Waiting for their time. */
  readonly scheduled: number;
  /** Waiting for parents. */
  readonly deferred: number;
  /** Running. */
  readonly processing: number;
  /** Waiting to be tried again. */
  readonly retry: number;
}

/** What of the series is asked for. */
export interface SeriesQuery {
  /** Epoch milliseconds, or so many before now if negative; the minute or hour that it is in is the first. */
  readonly fromAt: number;
  /** Epoch milliseconds; the minute or hour that it is in is the last. */
  readonly toAt: number;
  /** What a row is of. @default {"minute"} */
  readonly unit?: "minute" | "hour";
  /** Only of this queue. */
  readonly queue?: string;
  /** Only of this type. */
  readonly type?: string;
  /** Rows after which a page ends with the pair that it is at, 1 to 50 000. @default {50_000} */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
}

/** One minute or hour of one queue and type. */
export interface SeriesRow extends EndCounts {
  /** Name of the queue, or `OTHERS`. */
  readonly queue: string;
  /** The job's type, or `OTHERS`. */
  readonly type: string;
  /** Epoch milliseconds: the beginning of the minute or hour. */
  readonly at: number;
  /** How long the attempts ran that ended in it, releases and lost ones aside. */
  readonly runs: Histogram;
  /** How long those of them waited for which that is known. */
  readonly waits: Histogram;
  /** Jobs that had not ended when the minute was sampled, or the hour last; null if there were none, or no sample. */
  readonly depth: Depth | null;
}

/** A page of a series. */
export interface SeriesReply {
  /** Minutes or hours in which anything happened or waited, in no particular order; each pair is on one page. */
  readonly rows: readonly SeriesRow[];
  /** Beginnings of all minutes or hours of the query whose depth was sampled, in order. */
  readonly sampledAt: readonly number[];
  /**
   * Of hours: epoch milliseconds up to which they were made of minutes; what came later is
   * known by the minute alone.
   */
  readonly rolledTo?: number;
  /** Epoch milliseconds: the store's now. */
  readonly now: number;
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** All that ever ended in one queue and type. */
export interface TotalsRow extends EndCounts {
  /** Name of the queue, or `OTHERS`. */
  readonly queue: string;
  /** The job's type, or `OTHERS`. */
  readonly type: string;
}

/** What ended in one queue on one day. */
export interface DayRow {
  /** Name of the queue, or `OTHERS`. */
  readonly queue: string;
  /** Epoch milliseconds: midnight, UTC, at which the day began. */
  readonly at: number;
  /** Jobs completed. */
  readonly completed: number;
  /** Jobs dead-lettered. */
  readonly dead: number;
}

/** Insight. */
export interface InsightStage {
  /**
   * Counts the jobs that have not ended into the current minute, once in a minute
   * for all servers, and lets go of what is too old, groups of errors too. Then makes hours of the
   * minutes of hours that are over, those of a number of pairs. `moved`: pairs of queue and
   * type that have jobs; `nextInMs`: until the next minute, or 0 if there are hours left to be made.
   *
   * After: within 8 days no minute goes before it has become part of its hour, however long nobody
   * sampled; an hour is only told when it is whole. What ends in an hour that was made, as the
   * clock was set back, is told by its minute alone.
   * Failure: what was not made stays to be made from the minutes.
   * Repeat: goes on with the hours; does nothing more in the same minute.
   */
  sample(): Promise<StepReply>;

  /**
   * Reads minutes of the last 24 hours, or hours of the last 8 days. What ended in the minute under
   * way is among it; in an hour that is not over or was not made yet, it is not: `rolledTo` tells
   * from where on minutes must be read. A minute is in its hour also while it can be read itself.
   *
   * @throws {InvalidOptionError} If the unit is unknown, the limit is out of range, or the cursor
   * is not one that a page gave.
   */
  series(query: SeriesQuery): Promise<SeriesReply>;

  /** Reads what ended since the store began, by queue and type. */
  totals(): Promise<TotalsRow[]>;

  /**
   * Reads what ended on the last days, today among them, in no particular order.
   *
   * @param count How many days, 1 to 90.
   * @throws {InvalidOptionError} If it is out of range.
   */
  days(count: number): Promise<DayRow[]>;
}
