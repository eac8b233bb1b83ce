/**
 * Stage 1 in SQLite: new jobs.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { EnqueueReply, NewJob } from "../store.ts";
import { encodeSettings, LARGEST_INLINE_PAYLOAD, statusOf } from "./codec.ts";
import { STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** Writes a job, unless its id is in use. */
export const INSERT_JOB = `
INSERT INTO jobs (id, lane, status, priority, order_seq, moved, at_front, created_at, run_at,
  expire_at, settings, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING`;
const INSERT_PAYLOAD = "INSERT INTO payloads (n, payload) VALUES (?, ?)";

interface Written {
  readonly n: number;
  readonly lane: number;
  readonly runAt: number | null;
}

/** See `EnqueueStage.enqueue`. */
export function enqueue(tx: Transaction, groups: readonly (readonly NewJob[])[]): EnqueueReply[] {
  return groups.map((group) => enqueueGroup(tx, group));
}

function enqueueGroup(tx: Transaction, group: readonly NewJob[]): EnqueueReply {
  const written: Written[] = [];
  for (const [index, job] of group.entries()) {
    const row = insert(tx, job);
    if (row === undefined) {
      takeBack(tx, written);
      return { outcome: "duplicate", index, id: job.id, status: statusById(tx, job.id) };
    }
    written.push(row);
  }
  const statuses = written.map(({ lane, runAt }): JobStatus => {
    const status = runAt === null ? "ready" : "scheduled";
    tx.moved(lane, undefined, STATUS_CODE[status]);
    if (runAt !== null) tx.delayed(runAt);
    return status;
  });
  return { outcome: "created", statuses };
}

/** Writes one job; undefined if its id is in use. */
function insert(tx: Transaction, job: NewJob): Written | undefined {
  const lane = tx.lane(job.queue, job.type);
  const due = job.delayMs === undefined ? job.runAt : tx.now + job.delayMs;
  const runAt = due !== undefined && due > tx.now ? Math.ceil(due) : null;
  const inline = job.payload.length <= LARGEST_INLINE_PAYLOAD;
  const { expireAt } = job.settings;
  const n = tx.db.insert(
    INSERT_JOB,
    job.id,
    lane,
    runAt === null ? STATUS_CODE.ready : STATUS_CODE.scheduled,
    job.priority,
    runAt !== null ? 0 : job.atFront ? tx.nextFront() : tx.nextOrder(),
    tx.nextMoved(),
    runAt !== null && job.atFront ? 1 : 0,
    tx.now,
    runAt,
    expireAt === undefined ? null : Math.ceil(expireAt),
    encodeSettings(job.settings),
    inline ? job.payload : null,
  );
  if (n === 0) return undefined;
  if (!inline) tx.db.run(INSERT_PAYLOAD, n, job.payload);
  return { n, lane, runAt };
}

/** Removes what was written of a group before its duplicate was met. */
function takeBack(tx: Transaction, written: readonly Written[]): void {
  for (const { n } of written) {
    tx.db.run("DELETE FROM jobs WHERE n = ?", n);
    tx.db.run("DELETE FROM payloads WHERE n = ?", n);
  }
}

function statusById(tx: Transaction, id: string): JobStatus {
  return statusOf(
    tx.db.get<{ status: number }>("SELECT status FROM jobs WHERE id = ?", id)!.status,
  );
}
