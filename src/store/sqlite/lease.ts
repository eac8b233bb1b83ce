/**
 * Stage 3 in SQLite: leases are extended, or end.
 *
 * @module
 */

import { lostMessage } from "../lost_message.ts";
import type { CanceledHold, HeartbeatReply, HeartbeatRequest, Hold, StepReply } from "../store.ts";
import { addAttempt } from "./attempt.ts";
import { decodeText, encodeText } from "./codec.ts";
import { LIMIT } from "./database.ts";
import { tellJob } from "./events.ts";
import { ENDING_COLUMNS, type EndingRow, finish } from "./finish.ts";
import { tellChildren } from "./graph.ts";
import { untilNext } from "./ready.ts";
import { IS_PROCESSING, STATUS_CODE } from "./schema.ts";
import { noteServer } from "./servers.ts";
import { giveBack } from "./settle.ts";
import { dropIdleMarks, IDLE_MARKS, isAhead } from "./start_marks.ts";
import type { Transaction } from "./transaction.ts";

/** Extends a lease. */
export const EXTEND_LEASE =
  `UPDATE jobs SET lease_until = ? WHERE id = ? AND fence = ? AND ${IS_PROCESSING}`;
/** Claims of a server. */
export const CLAIMS_OF_SERVER = `SELECT id, fence FROM jobs WHERE ${IS_PROCESSING} AND server = ?`;

/** Why a job was canceled or stopped. */
export const CANCELED_JOB = `SELECT error FROM jobs
WHERE id = ? AND status IN (${STATUS_CODE.canceled}, ${STATUS_CODE.stopped})`;

// One step of the index per server, since it holds the leases server by server.
const SERVERS = `
WITH RECURSIVE servers (server) AS (
  SELECT min(server) FROM jobs WHERE ${IS_PROCESSING}
  UNION ALL
  SELECT (SELECT min(server) FROM jobs WHERE ${IS_PROCESSING} AND server > servers.server)
  FROM servers WHERE servers.server IS NOT NULL
)`;
/** The earliest end of a lease. */
export const NEXT_LEASE_END = `${SERVERS}
SELECT min((SELECT min(lease_until) FROM jobs WHERE ${IS_PROCESSING} AND server = servers.server)) AS at
FROM servers`;
/** When there is something to reap. */
export const NEXT_REAP =
  `SELECT min(at) AS at FROM (SELECT (${NEXT_LEASE_END}) AS at UNION ALL SELECT (${IDLE_MARKS}))`;
/** Jobs whose lease has ended. */
export const ENDED_LEASES = `${SERVERS}
SELECT ${ENDING_COLUMNS}, jobs.server AS server, pool, claimed_at, fence
FROM servers CROSS JOIN jobs
WHERE ${IS_PROCESSING} AND jobs.server = servers.server AND lease_until <= ? ${LIMIT}`;
/** Takes a job from its holder and puts it back to its old place. */
export const GIVE_BACK_LOST = `
UPDATE jobs SET status = ${STATUS_CODE.ready}, parked = 0, moved = ?, attempts = ?, attempts_made = ?,
  deliveries = ?, suspect = 0, error = ?, server = NULL, pool = NULL, claimed_at = NULL, lease_until = NULL
WHERE n = ?`;

interface LostRow extends EndingRow {
  readonly server: string;
  readonly pool: string;
  readonly claimed_at: number;
  readonly fence: number;
}

/** See `ClaimStage.heartbeat`. */
export function heartbeat(tx: Transaction, request: HeartbeatRequest): HeartbeatReply {
  const leaseUntil = Math.ceil(tx.now + request.leaseMs);
  const lost: Hold[] = [];
  const canceled: CanceledHold[] = [];
  const held = new Set<number>();
  for (const hold of request.holds) {
    if (tx.db.run(EXTEND_LEASE, leaseUntil, hold.id, hold.fence) === 1) {
      held.add(hold.fence);
      continue;
    }
    const row = tx.db.get<{ error: string | null }>(CANCELED_JOB, hold.id);
    if (row === undefined) lost.push(hold);
    else canceled.push({ ...hold, reason: decodeText(row.error) ?? "" });
  }
  if (request.isPart) return { lost, unknown: [], canceled };
  const unknown = tx.db.all<Hold>(CLAIMS_OF_SERVER, request.server)
    .filter(({ fence }) => !held.has(fence))
    .map(({ id, fence }) => ({ id, fence }));
  return noteServer(tx, request)
    ? { lost, unknown, canceled, wantsAbout: true }
    : { lost, unknown, canceled };
}

/** See `ClaimStage.reap`. */
export function reap(
  tx: Transaction,
  { limit, maxDeliveries }: { readonly limit: number; readonly maxDeliveries: number },
): StepReply {
  const rows = tx.db.all<LostRow>(ENDED_LEASES, tx.now, limit);
  for (const row of rows) {
    if (isAhead(tx.db, row)) {
      giveBack(tx, row, { settledFence: row.settled_fence, isSuspect: true });
    } else {
      takeFromHolder(tx, row, maxDeliveries);
    }
  }
  dropIdleMarks(tx.db);
  return { moved: rows.length, nextInMs: untilNext(tx.db, tx.now, NEXT_LEASE_END) };
}

function takeFromHolder(tx: Transaction, row: LostRow, maxDeliveries: number): void {
  tx.insight.count(row.lane, "lost");
  const error = lostMessage(row.server);
  const attempts = addAttempt(row, {
    attempt: row.attempts_made + 1,
    startedAt: row.claimed_at,
    finishedAt: tx.now,
    outcome: "lost",
    server: row.server,
    pool: row.pool,
    error: { message: error },
  });
  const attemptsMade = row.attempts_made + 1;
  const deliveries = row.deliveries + 1;
  if (deliveries >= maxDeliveries) {
    const status = "dead_letter";
    finish(tx, row, { status, error, result: null, attempts, attemptsMade, deliveries });
    tellChildren(tx);
    return;
  }
  tx.db.run(
    GIVE_BACK_LOST,
    tx.nextMoved(),
    JSON.stringify(attempts),
    attemptsMade,
    deliveries,
    encodeText(error),
    row.n,
  );
  tx.moved(row.lane, row.status, STATUS_CODE.ready);
  tellJob(tx, "lost", row, STATUS_CODE.ready, { error });
  tx.leaves(row);
}
