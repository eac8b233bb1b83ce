/**
 * Stage 5 in SQLite: the end of attempts.
 *
 * @module
 */

import type { AttemptOutcome, Failure } from "../../job/job.ts";
import type { Outcome, SettleResult, Verdict } from "../store.ts";
import { groupError } from "./errors.ts";
import { addAttempt } from "./attempt.ts";
import { decodeAttempts, encodeText } from "./codec.ts";
import { tellJob } from "./events.ts";
import { ENDING_COLUMNS, type EndingRow, finish } from "./finish.ts";
import { tellChildren } from "./graph.ts";
import { STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** What a settle must know of a job. */
export const HELD_JOB =
  `SELECT ${ENDING_COLUMNS}, fence, server, pool, retry_count FROM jobs WHERE id = ?`;
/** Sends a job to its next retry. */
export const RETRY_JOB = `
UPDATE jobs SET status = ${STATUS_CODE.retry}, moved = ?, run_at = ?, started_at = ?, retry_count = ?, attempts = ?,
  attempts_made = ?, settled_fence = ?, suspect = 0, server = NULL, pool = NULL, claimed_at = NULL,
  lease_until = NULL, error = ?
WHERE n = ?`;
/** Puts a job back to its old place, unharmed. */
export const RELEASE_JOB = `
UPDATE jobs SET status = ${STATUS_CODE.ready}, parked = 0, moved = ?, started_at = ?, settled_fence = ?,
  suspect = max(suspect, ?), server = NULL, pool = NULL, claimed_at = NULL, lease_until = NULL
WHERE n = ?`;

interface HeldRow extends EndingRow {
  readonly fence: number;
  readonly server: string;
  readonly pool: string;
  readonly retry_count: number;
}

/** See `SettleStage.settle`. */
export function settleOne(tx: Transaction, outcome: Outcome): SettleResult {
  const row = tx.db.get<HeldRow>(HELD_JOB, outcome.id);
  if (row === undefined) return "lost";
  if (row.status !== STATUS_CODE.processing || row.fence !== outcome.fence) {
    return row.settled_fence === outcome.fence ? "already" : "lost";
  }
  const { verdict } = outcome;
  switch (verdict.kind) {
    case "release":
      giveBack(tx, row, { settledFence: row.fence, isSuspect: false });
      break;
    case "complete":
      end(tx, row, outcome, "completed", null, verdict.result);
      break;
    case "dead_letter":
      end(tx, row, outcome, "dead_letter", verdict.error, null);
      break;
    case "cancel":
      end(tx, row, outcome, "canceled", verdict.error, null);
      break;
    case "retry":
      retry(tx, row, outcome, verdict);
      break;
    default:
      verdict satisfies never;
  }
  tellChildren(tx);
  return "ok";
}

/** Puts a job back unharmed; one that was suspect stays so. */
export function giveBack(
  tx: Transaction,
  row: EndingRow,
  { settledFence, isSuspect }: {
    readonly settledFence: number | null;
    readonly isSuspect: boolean;
  },
): void {
  const startedAt = decodeAttempts(row.attempts).at(-1)?.startedAt ?? null;
  tx.db.run(RELEASE_JOB, tx.nextMoved(), startedAt, settledFence, isSuspect ? 1 : 0, row.n);
  tx.moved(row.lane, row.status, STATUS_CODE.ready);
  tellJob(tx, "released", row, STATUS_CODE.ready);
  tx.leaves(row);
}

function end(
  tx: Transaction,
  row: HeldRow,
  outcome: Outcome,
  status: "completed" | "dead_letter" | "canceled",
  error: Failure | null,
  result: string | null,
): void {
  finish(tx, row, {
    status,
    error: error?.message ?? null,
    result,
    attempts: attemptsAfter(tx, row, outcome, status, error),
    attemptsMade: row.attempts_made + 1,
    settledFence: row.fence,
  });
}

function retry(
  tx: Transaction,
  row: HeldRow,
  outcome: Outcome,
  { delayMs, counted, error }: Extract<Verdict, { kind: "retry" }>,
): void {
  const runAt = Math.ceil(tx.now + delayMs);
  tx.db.run(
    RETRY_JOB,
    tx.nextMoved(),
    runAt,
    tx.now - Math.floor(outcome.ranMs),
    row.retry_count + (counted ? 1 : 0),
    JSON.stringify(attemptsAfter(tx, row, outcome, "retry", error)),
    row.attempts_made + 1,
    row.fence,
    encodeText(error.message),
    row.n,
  );
  tx.moved(row.lane, row.status, STATUS_CODE.retry);
  tx.insight.count(row.lane, "retried");
  tellJob(tx, "retry", row, STATUS_CODE.retry, { error: error.message });
  tx.leaves(row);
  tx.delayed(runAt);
}

function attemptsAfter(
  tx: Transaction,
  row: HeldRow,
  settled: Outcome,
  outcome: AttemptOutcome,
  error: Failure | null,
): ReturnType<typeof addAttempt> {
  const { ranMs } = settled;
  const { server, pool, attempts_made: made } = row;
  const startedAt = tx.now - Math.floor(ranMs);
  tx.insight.time(row.lane, settled);
  groupError(tx, settled.id, row.lane, settled.verdict);
  const attempt = { attempt: made + 1, startedAt, finishedAt: tx.now, outcome, server, pool };
  return addAttempt(row, error === null ? attempt : { ...attempt, error });
}
