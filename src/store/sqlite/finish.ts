/**
 * The one way into a final status, and out of the file.
 *
 * @module
 */

import type { Attempt } from "../../job/job.ts";
import { countedAs } from "../counted_as.ts";
import type { EndStatus } from "../event_stage.ts";
import { keepMs } from "../retention.ts";
import { tellJob } from "./events.ts";
import { decodeSettings, encodeText, RECORD_COLUMNS, type RecordRow, toRecord } from "./codec.ts";
import { DELETE_PAYLOAD } from "./payload.ts";
import { countIn, countOut } from "./quotas.ts";
import { IS_FINAL, LINK, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** Columns of a job that is about to end, or to go. */
export const ENDING_COLUMNS =
  "n, id, lane, status, started_at, settings, payload IS NULL AS is_large, last_line, attempts, attempts_made, " +
  "deliveries, settled_fence, links, limit_key, parked";

/** A row with `ENDING_COLUMNS`. */
export interface EndingRow extends LeavingRow {
  readonly id: string;
  readonly started_at: number | null;
  readonly settings: string | null;
  readonly attempts: string | null;
  readonly attempts_made: number;
  readonly deliveries: number;
  readonly settled_fence: number | null;
  readonly limit_key: string | null;
  readonly parked: number;
}

/** What must be known of a job to remove it. */
export interface LeavingRow {
  readonly n: number;
  readonly lane: number;
  readonly status: number;
  readonly is_large: number;
  readonly last_line: number;
  readonly links: number;
}

/** How a job ends. What is absent stays as it is. */
export interface Ending {
  readonly status: EndStatus;
  readonly error: string | null;
  readonly result: string | null;
  /** Attempts with the last one. */
  readonly attempts?: readonly Attempt[];
  readonly attemptsMade?: number;
  readonly deliveries?: number;
  /** Fence of the claim that settles it. */
  readonly settledFence?: number;
  /** Id of the parent whose end cancels it. */
  readonly canceledBy?: string;
}

/** Writes the end of a job. */
export const FINISH_JOB = `
UPDATE jobs SET status = ?, moved = ?, started_at = ?, finished_at = ?, purge_at = ?, attempts = ?,
  attempts_made = ?, deliveries = ?, settled_fence = ?, server = NULL, pool = NULL,
  claimed_at = NULL, lease_until = NULL, canceled_by = ?, error = ?,
  result = ?
WHERE n = ?`;
/** Removes a job. */
export const REMOVE_JOB = "DELETE FROM jobs WHERE n = ?";

/**
 * Moves a job to a final status, and on to nowhere if it is not to be kept.
 * Whoever waits for it is told either way; its children are to be told by
 * `tellChildren`.
 */
export function finish(tx: Transaction, row: EndingRow, ending: Ending): void {
  const status = STATUS_CODE[ending.status];
  tx.leaves(row);
  if ((row.links & LINK.children) !== 0) {
    tx.relay(row, `ended as ${ending.status}`, ending.status === "completed");
  }
  tx.insight.count(row.lane, countedAs(ending.status));
  const settings = decodeSettings(row.settings);
  const { status: kind, error } = ending;
  tellJob(tx, kind, row, status, error === null ? {} : { error });
  const keep = keepMs(settings, ending.status, tx.limits);
  const isAwaited = tx.isAwaited(row.id);
  if (keep === 0 && !isAwaited) return remove(tx, row);
  tx.db.run(
    FINISH_JOB,
    status,
    tx.nextMoved(),
    ending.attempts?.at(-1)?.startedAt ?? row.started_at,
    tx.now,
    keep < 0 ? null : tx.now + keep,
    ending.attempts === undefined ? row.attempts : JSON.stringify(ending.attempts),
    ending.attemptsMade ?? row.attempts_made,
    ending.deliveries ?? row.deliveries,
    ending.settledFence ?? row.settled_fence,
    ending.canceledBy ?? null,
    encodeText(ending.error),
    ending.result,
    row.n,
  );
  tx.moved(row.lane, row.status, status);
  if (isAwaited) tx.finals.push({ id: row.id, record: readRecord(tx, row.n) });
  // It was not counted.
  if (keep === 0) return remove(tx, { ...row, status, links: row.links & ~LINK.quota });
  if ((row.links & LINK.quota) !== 0) {
    const most = settings.retention?.maxCount ?? Infinity;
    for (const old of countIn(tx, row.lane, status, most)) remove(tx, old);
  }
  tx.ended(row.lane, status);
}

/** Removes a job for good. Its children are not told: that is for whoever ends it. */
export function remove(tx: Transaction, row: LeavingRow): void {
  tx.db.run(REMOVE_JOB, row.n);
  if ((row.links & LINK.parents) !== 0) tx.db.run("DELETE FROM edges WHERE child = ?", row.n);
  if ((row.links & LINK.key) !== 0) tx.db.run("DELETE FROM locks WHERE n = ?", row.n);
  if ((row.links & LINK.quota) !== 0 && IS_FINAL.has(row.status)) countOut(tx, row);
  if (row.is_large === 1) tx.db.run(DELETE_PAYLOAD, row.n);
  if (row.last_line > 0) tx.db.run("DELETE FROM logs WHERE n = ?", row.n);
  tx.tally.add(row.lane, row.status, -1);
}

function readRecord(tx: Transaction, n: number): ReturnType<typeof toRecord> {
  const row = tx.db.get<RecordRow>(`SELECT ${RECORD_COLUMNS} FROM jobs WHERE n = ?`, n)!;
  return toRecord(tx.db, tx.lanes, row);
}
