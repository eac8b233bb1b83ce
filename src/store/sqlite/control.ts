/**
 * Interventions in SQLite.
 *
 * @module
 */

import type { Attempt } from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import { lastEnd } from "../list_time.ts";
import type { ActionReply, JobAction } from "../store.ts";
import { addAttempt } from "./attempt.ts";
import { type ActedRow, bringBack, JOB_TO_ACT_ON } from "./bring_back.ts";
import { decodeAttempts, statusOf } from "./codec.ts";
import { tellJob } from "./events.ts";
import { finish, remove } from "./finish.ts";
import { reviveChildren, tellChildren } from "./graph.ts";
import { makeReady } from "./moves.ts";
import { replacePayload } from "./payload.ts";
import { trimEnded } from "./retain.ts";
import { IS_FINAL, IS_WAITING, LINK, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

const STATUS_BY_N = "SELECT status FROM jobs WHERE n = ?";

/** Does one thing with one job. See `ControlStage.act`. */
export function act(
  tx: Transaction,
  id: string,
  action: JobAction,
  from: JobStatus | undefined,
  before?: number,
): ActionReply {
  const row = tx.db.get<ActedRow>(`${JOB_TO_ACT_ON} WHERE id = ?`, id);
  if (row === undefined) return { outcome: "missing" };
  if (from !== undefined && row.status !== STATUS_CODE[from]) return unchanged(row);
  if (before !== undefined && (lastEndOf(row) ?? -Infinity) >= before) return unchanged(row);
  const reply = doOne(tx, row, action);
  tellChildren(tx);
  trimEnded(tx);
  return reply === "done" ? done(tx, row) : reply;
}

function lastEndOf({ finished_at: finishedAt, attempts }: ActedRow): number | null {
  return lastEnd({ finishedAt, attempts: decodeAttempts(attempts) });
}

/** Does it, or says why not. */
function doOne(tx: Transaction, row: ActedRow, action: JobAction): ActionReply | "done" {
  switch (action.kind) {
    case "cancel":
      return cancel(tx, row, action.reason);
    case "retry":
      return retry(tx, row, action);
    case "remove":
      return removeOne(tx, row);
    case "promote":
      if (row.status === STATUS_CODE.ready) return unchanged(row);
      if (row.status !== STATUS_CODE.scheduled && row.status !== STATUS_CODE.retry) {
        return refused(row);
      }
      makeReady(tx, row, "own");
      tellJob(tx, "ready", row, STATUS_CODE.ready);
      return "done";
    case "prioritize":
      return prioritize(tx, row, action.priority);
    case "edit":
      if (!IS_WAITING.has(row.status)) return refused(row);
      replacePayload(tx, row, action.payload);
      return "done";
    default:
      return action satisfies never;
  }
}

function cancel(tx: Transaction, row: ActedRow, reason: string): ActionReply | "done" {
  if (row.status === STATUS_CODE.canceled) return unchanged(row);
  if (IS_FINAL.has(row.status)) return refused(row);
  callOff(tx, row, "canceled", reason);
  return "done";
}

/** Ends a job that is there and not final as `stopped`. Its children are told by `tellChildren`. */
export function stop(tx: Transaction, id: string, reason: string): void {
  callOff(tx, tx.db.get<ActedRow>(`${JOB_TO_ACT_ON} WHERE id = ?`, id)!, "stopped", reason);
}

function callOff(
  tx: Transaction,
  row: ActedRow,
  status: "canceled" | "stopped",
  reason: string,
): void {
  const ending = { status, error: reason, result: null } as const;
  if (row.status !== STATUS_CODE.processing) {
    finish(tx, row, ending);
  } else {
    const attempts = addAttempt(row, canceledAttempt(tx, row, reason));
    finish(tx, row, { ...ending, attempts, attemptsMade: row.attempts_made + 1 });
    tx.holderCanceled(row.server!);
  }
}

function canceledAttempt(tx: Transaction, row: ActedRow, message: string): Attempt {
  return {
    attempt: row.attempts_made + 1,
    startedAt: row.claimed_at!,
    finishedAt: tx.now,
    outcome: "canceled",
    server: row.server!,
    pool: row.pool!,
    error: { message },
  };
}

function retry(
  tx: Transaction,
  row: ActedRow,
  { payload, revive }: Extract<JobAction, { kind: "retry" }>,
): ActionReply | "done" {
  if (!IS_FINAL.has(row.status)) return unchanged(row);
  if (row.status === STATUS_CODE.completed) return refused(row);
  const refusal = bringBack(tx, row);
  if (refusal !== undefined) return refusal;
  if (payload !== undefined) replacePayload(tx, row, payload);
  if (revive) reviveChildren(tx, row);
  return "done";
}

function removeOne(tx: Transaction, row: ActedRow): ActionReply | "done" {
  if (row.status === STATUS_CODE.processing) return refused(row);
  tellJob(tx, "removed", row, null);
  remove(tx, row);
  tx.leaves(row);
  if (!IS_FINAL.has(row.status)) {
    if (tx.isAwaited(row.id)) tx.finals.push({ id: row.id, record: null });
    if ((row.links & LINK.children) !== 0) tx.relay(row, "was removed", false);
  }
  return "done";
}

function prioritize(tx: Transaction, row: ActedRow, priority: number): ActionReply | "done" {
  if (!IS_WAITING.has(row.status)) return refused(row);
  if (row.priority === priority) return unchanged(row);
  tx.db.run("UPDATE jobs SET priority = ? WHERE n = ?", priority, row.n);
  if (row.status === STATUS_CODE.ready) makeReady(tx, row, "end");
  return "done";
}

/** What has become of a job; it may have gone. */
function done(tx: Transaction, { n }: ActedRow): ActionReply {
  const row = tx.db.get<{ status: number }>(STATUS_BY_N, n);
  return { outcome: "done", status: row === undefined ? null : statusOf(row.status) };
}

function unchanged({ status }: ActedRow): ActionReply {
  return { outcome: "unchanged", status: statusOf(status) };
}

function refused({ status }: ActedRow): ActionReply {
  return { outcome: "refused", status: statusOf(status), reason: "status" };
}
