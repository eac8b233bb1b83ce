/**
 * How a job that waits moves on: to the line of those that are ready, or to a
 * time at which it is due.
 *
 * @module
 */

import { tellJob } from "./events.ts";
import { IS_DELAYED, IS_READY, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** Makes a job ready: since it was due, if it is; one that is ready stays so since before. */
export const MAKE_READY = `
UPDATE jobs SET status = ${STATUS_CODE.ready}, parked = 0, order_seq = ?, moved = ?,
  run_at = CASE WHEN ${IS_READY} THEN run_at WHEN ${IS_DELAYED} THEN min(run_at, ?) ELSE ? END
WHERE n = ?`;
/** Delays a job. */
export const DELAY_JOB = "UPDATE jobs SET status = ?, moved = ?, run_at = ? WHERE n = ?";

/** What must be known of a job to move it. */
export interface MovedRow {
  readonly n: number;
  readonly lane: number;
  readonly status: number;
  readonly at_front: number;
  readonly attempts_made: number;
  readonly limit_key: string | null;
  readonly parked: number;
}

/** What must be known of a job to release it. */
export interface ReleasedRow extends MovedRow {
  readonly run_at: number | null;
  readonly delay_ms: number | null;
}

/** Makes a job ready: at the end of its line, or where it was enqueued to go. */
export function makeReady(tx: Transaction, row: MovedRow, place: "end" | "own"): void {
  const isFirst = place === "own" && row.at_front === 1 && row.attempts_made === 0;
  const order = isFirst ? tx.nextFront() : tx.nextOrder();
  tx.db.run(MAKE_READY, order, tx.nextMoved(), tx.now, tx.now, row.n);
  tx.moved(row.lane, row.status, STATUS_CODE.ready);
  tx.leaves(row);
}

/** Moves a job to a status in which it waits for a time. */
export function delay(
  tx: Transaction,
  row: MovedRow,
  status: "scheduled" | "retry",
  runAt: number,
): void {
  tx.db.run(DELAY_JOB, STATUS_CODE[status], tx.nextMoved(), runAt, row.n);
  tx.moved(row.lane, row.status, STATUS_CODE[status]);
  tx.leaves(row);
  tx.delayed(runAt);
}

/** Moves a job whose parents have let it go on, as if it were new. */
export function release(tx: Transaction, row: ReleasedRow): void {
  const runAt = row.delay_ms === null ? row.run_at ?? tx.now : tx.now + row.delay_ms;
  const status = runAt > tx.now ? "scheduled" : "ready";
  if (status === "scheduled") delay(tx, row, status, runAt);
  else makeReady(tx, row, "own");
  tellJob(tx, status, row, STATUS_CODE[status]);
}
