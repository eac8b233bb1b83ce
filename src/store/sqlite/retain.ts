/**
 * Stage 6 in SQLite: final jobs leave.
 *
 * @module
 */

import { finalStatuses } from "../../job/state.ts";
import type { StepReply } from "../store.ts";
import { LIMIT } from "./database.ts";
import { pruneDesk } from "./desk.ts";
import { dropUnheard } from "./events.ts";
import { type LeavingRow, remove } from "./finish.ts";
import { DROP_FULL_BUCKETS } from "./meters.ts";
import { mergeLanes, type MergeOrder } from "./merge.ts";
import { countedAbove, LEAVING_COLUMNS } from "./quotas.ts";
import { untilNext } from "./ready.ts";
import { MAY_PURGE, STATUS_CODE } from "./schema.ts";
import { forgetSilent } from "./servers.ts";
import type { Transaction } from "./transaction.ts";

/** The earliest end of a retention. */
export const NEXT_PURGE =
  `SELECT purge_at AS at FROM jobs WHERE ${MAY_PURGE} ORDER BY purge_at LIMIT 1`;
/** Jobs whose retention has ended, earliest first. */
export const ENDED_RETENTIONS = `
SELECT ${LEAVING_COLUMNS} FROM jobs WHERE ${MAY_PURGE} AND purge_at <= ? ORDER BY purge_at ${LIMIT}`;
/** Jobs of a queue and status, whatever their types. */
export const COUNT_OF_QUEUE = `
SELECT coalesce(sum(n), 0) AS n FROM lanes CROSS JOIN counts
WHERE lanes.queue = ? AND counts.status = ? AND counts.lane = lanes.lane`;
/** Queues with more jobs of a final status than are to be kept. */
export const CROWDED_QUEUES = `
SELECT queue, status, sum(n) AS n FROM counts CROSS JOIN lanes USING (lane)
WHERE status IN (${finalStatuses.map((status) => STATUS_CODE[status]).join(", ")}) AND n > 0
GROUP BY queue, status HAVING sum(n) > ?`;

/** Removes lanes that no count names; one that still has jobs stays, whatever the counts say. */
export const FORGET_LANES = `
DELETE FROM lanes WHERE lane NOT IN (SELECT lane FROM counts)
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.lane = lanes.lane)`;

interface OldestRow extends LeavingRow {
  readonly moved: number;
}

/** The order in which jobs of a status are trimmed: the one that entered it first goes first. */
export const TRIM_ORDER: MergeOrder<OldestRow> = {
  range: `SELECT ${LEAVING_COLUMNS}, moved FROM jobs WHERE lane = ? AND status = ?`,
  orderBy: "moved",
  compare: (a, b) => a.moved - b.moved,
};

/** Jobs above the count limit that one ended job takes with it at most. */
const TRIMMED_PER_ENDED = 2;
/** Jobs past their retention that a settle removes at most, besides two per ended job. */
const PRUNED_PER_SETTLE = 64;

/** Removes what is too old or too much, in step with what has just ended. */
export function retainAfterSettle(tx: Transaction, settled: number): void {
  pruneAged(tx, PRUNED_PER_SETTLE + TRIMMED_PER_ENDED * settled);
  trimEnded(tx);
}

/** Removes a bounded number of jobs above the limits of the queues that jobs ended in. */
export function trimEnded(tx: Transaction): void {
  for (const { queue, status, count } of tx.takeEnded()) {
    trim(tx, queue, status, TRIMMED_PER_ENDED * count);
  }
}

/** See `RetainStage.prune`. */
export function prune(tx: Transaction, limit: number): StepReply {
  let moved = pruneAged(tx, limit);
  const counted = countedAbove(tx, limit - moved);
  for (const row of counted.rows) remove(tx, row);
  moved += counted.rows.length;
  let more = !counted.all;
  tx.tally.flush(tx.db);
  const crowded = tx.db.all<{ queue: string; status: number; n: number }>(
    CROWDED_QUEUES,
    tx.limits.maxCount,
  );
  for (const { queue, status, n } of crowded) {
    const trimmed = trim(tx, queue, status, limit - moved);
    moved += trimmed;
    more ||= n - trimmed > tx.limits.maxCount;
  }
  forgetEmptyLanes(tx);
  forgetSilent(tx);
  dropUnheard(tx);
  tx.db.run(DROP_FULL_BUCKETS, tx.now);
  pruneDesk(tx, limit);
  return { moved, nextInMs: more ? 0 : untilNext(tx.db, tx.now, NEXT_PURGE) };
}

function pruneAged(tx: Transaction, limit: number): number {
  const rows = tx.db.all<LeavingRow>(ENDED_RETENTIONS, tx.now, limit);
  for (const row of rows) remove(tx, row);
  return rows.length;
}

/** Removes the oldest jobs of a queue and status that are above the limit. */
function trim(tx: Transaction, queue: string, status: number, limit: number): number {
  tx.tally.flush(tx.db);
  const { n } = tx.db.get<{ n: number }>(COUNT_OF_QUEUE, queue, status)!;
  const most = Math.min(limit, n - tx.limits.maxCount);
  if (most <= 0) return 0;
  const lanes = [...tx.lanes.ofQueue(queue)];
  const rows = mergeLanes(tx.db, TRIM_ORDER, lanes, [status], most);
  for (const row of rows) remove(tx, row);
  return rows.length;
}

/** Removes counts of nothing, and lanes that have no jobs left. */
function forgetEmptyLanes(tx: Transaction): void {
  tx.tally.flush(tx.db);
  if (tx.db.run("DELETE FROM counts WHERE n = 0") === 0) return;
  tx.db.run("DELETE FROM quotas WHERE n = 0");
  const lanes = tx.db.run(FORGET_LANES);
  if (lanes > 0) tx.lanesRemoved();
}
