/**
 * Stage 2 in SQLite: what is due becomes ready, what has expired is canceled.
 *
 * @module
 */

import type { StepReply } from "../store.ts";
import { type Database, LIMIT } from "./database.ts";
import { tellJob } from "./events.ts";
import { ENDING_COLUMNS, type EndingRow, finish } from "./finish.ts";
import { tellChildren } from "./graph.ts";
import { makeReady, type MovedRow } from "./moves.ts";
import { lookAround, NEXT_LOOK } from "./parking.ts";
import { IS_DELAYED, LINK, MAY_EXPIRE, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** The earliest due time; a row without one, as in a damaged file, stops no other. */
export const NEXT_DUE =
  `SELECT run_at AS at FROM jobs WHERE ${IS_DELAYED} AND run_at IS NOT NULL ORDER BY run_at LIMIT 1`;
/** When there is something to promote, or to look for among the parked jobs. */
export const NEXT_PROMOTION =
  `SELECT min(at) AS at FROM (SELECT (${NEXT_DUE}) AS at UNION ALL SELECT (${NEXT_LOOK}))`;
/** Due jobs, earliest first. */
export const DUE_JOBS = `
SELECT n, lane, status, at_front, attempts_made, limit_key, parked FROM jobs
WHERE ${IS_DELAYED} AND run_at <= ? ORDER BY run_at ${LIMIT}`;
/** The earliest `expireAt` of jobs that never started. */
export const NEXT_EXPIRY =
  `SELECT expire_at AS at FROM jobs WHERE ${MAY_EXPIRE} ORDER BY expire_at LIMIT 1`;
/** Expired jobs that never started, earliest first. */
export const EXPIRED_JOBS = `
SELECT ${ENDING_COLUMNS} FROM jobs
WHERE ${MAY_EXPIRE} AND expire_at <= ? ORDER BY expire_at ${LIMIT}`;

/** A job that has expired, unless it is canceled by now. */
export const EXPIRED_JOB = `SELECT ${ENDING_COLUMNS} FROM jobs WHERE n = ? AND ${MAY_EXPIRE}`;

/** Milliseconds until the time that a statement finds; null if it finds none. */
export function untilNext(db: Database, now: number, sql: string): number | null {
  const at = db.get<{ at: number | null }>(sql)?.at ?? null;
  return at === null ? null : Math.max(0, at - now);
}

/** See `ReadyStage.promote`. */
export function promoteStep(tx: Transaction, limit: number): StepReply {
  const { moved } = promote(tx, limit);
  if (tx.hasLimits) lookAround(tx);
  return { moved, nextInMs: untilNext(tx.db, tx.now, NEXT_PROMOTION) };
}

/** Makes due jobs ready. */
export function promote(tx: Transaction, limit: number): StepReply {
  let nextInMs = untilNext(tx.db, tx.now, NEXT_DUE);
  if (nextInMs !== 0) return { moved: 0, nextInMs };
  const rows = tx.db.all<MovedRow>(DUE_JOBS, tx.now, limit);
  for (const row of rows) {
    makeReady(tx, row, "own");
    tellJob(tx, "ready", row, STATUS_CODE.ready);
  }
  nextInMs = untilNext(tx.db, tx.now, NEXT_DUE);
  return { moved: rows.length, nextInMs };
}

/** See `ReadyStage.expire`. */
export function expire(tx: Transaction, limit: number): StepReply {
  let moved = 0;
  let left: number;
  do {
    const rows = tx.db.all<EndingRow>(EXPIRED_JOBS, tx.now, limit - moved);
    const canceled = cancelAll(tx, rows);
    moved += canceled;
    left = rows.length - canceled;
  } while (left > 0);
  return { moved, nextInMs: untilNext(tx.db, tx.now, NEXT_EXPIRY) };
}

/** Cancels those that the end of one before them has not canceled. */
function cancelAll(tx: Transaction, rows: readonly EndingRow[]): number {
  let canceled = 0;
  let isChanged = false;
  for (const row of rows) {
    const current: EndingRow | undefined = isChanged
      ? tx.db.get<EndingRow>(EXPIRED_JOB, row.n)
      : row;
    if (current === undefined) continue;
    cancelExpired(tx, current);
    canceled++;
    isChanged ||= (current.links & LINK.children) !== 0;
  }
  return canceled;
}

/** Cancels a job that did not start in time. */
export function cancelExpired(tx: Transaction, row: EndingRow): void {
  finish(tx, row, { status: "canceled", error: "expired", result: null });
  tellChildren(tx);
}
