/**
 * Final jobs with a `maxCount` of their own, counted by lane and status.
 *
 * @module
 */

import { COUNTED_OUT_PER_END } from "../retention.ts";
import { LIMIT } from "./database.ts";
import type { LeavingRow } from "./finish.ts";
import { IS_COUNTED, IS_OVER } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

const COUNT_IN = `
INSERT INTO quotas (status, lane, n) VALUES (?, ?, 1)
ON CONFLICT (status, lane) DO UPDATE SET n = n + 1, most = NULL RETURNING n`;
const COUNT_OUT = "UPDATE quotas SET n = n - 1 WHERE status = ? AND lane = ?";
const SET_MOST = "UPDATE quotas SET most = ? WHERE status = ? AND lane = ?";
/** Columns of `LeavingRow`. */
export const LEAVING_COLUMNS = "n, lane, status, payload IS NULL AS is_large, last_line, links";
/** The oldest jobs that are counted. */
export const OLDEST_COUNTED = `
SELECT ${LEAVING_COLUMNS} FROM jobs
WHERE lane = ? AND status = ? AND ${IS_COUNTED} ORDER BY moved ${LIMIT}`;
/** Lanes and statuses with more than they are to keep. */
export const OVER_QUOTAS = `SELECT status, lane, n, most FROM quotas WHERE ${IS_OVER} ${LIMIT}`;

/** Counts a job that has ended; gives those that are to go, as they are above its number. */
export function countIn(
  tx: Transaction,
  lane: number,
  status: number,
  most: number,
): LeavingRow[] {
  const { n } = tx.db.get<{ n: number }>(COUNT_IN, status, lane)!;
  if (n <= most) return [];
  if (n - most > COUNTED_OUT_PER_END) tx.db.run(SET_MOST, most, status, lane);
  return oldest(tx, lane, status, Math.min(n - most, COUNTED_OUT_PER_END));
}

/** Counts a job no more, as it leaves its final status. */
export function countOut(
  tx: Transaction,
  { lane, status }: Pick<LeavingRow, "lane" | "status">,
): void {
  tx.db.run(COUNT_OUT, status, lane);
}

/** At most `limit` jobs that are above their number still, and whether that is all. */
export function countedAbove(tx: Transaction, limit: number): { rows: LeavingRow[]; all: boolean } {
  const rows: LeavingRow[] = [];
  const quotas = tx.db.all<{ status: number; lane: number; n: number; most: number }>(
    OVER_QUOTAS,
    limit + 1,
  );
  for (const { status, lane, n, most } of quotas) {
    const above = n - most;
    if (rows.length + above > limit) {
      rows.push(...oldest(tx, lane, status, limit - rows.length));
      return { rows, all: false };
    }
    if (above > 0) rows.push(...oldest(tx, lane, status, above));
    tx.db.run(SET_MOST, null, status, lane);
  }
  return { rows, all: quotas.length <= limit };
}

function oldest(tx: Transaction, lane: number, status: number, count: number): LeavingRow[] {
  return tx.db.all<LeavingRow>(OLDEST_COUNTED, lane, status, count);
}
