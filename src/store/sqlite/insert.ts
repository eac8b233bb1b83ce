/**
 * A new row of `jobs`.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { NewJob } from "../store.ts";
import { encodeSettings } from "./codec.ts";
import { tellJob } from "./events.ts";
import { inlinePayload, writeLargePayload } from "./payload.ts";
import { LINK, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** Writes a job, unless its id is in use. */
export const INSERT_JOB = `
INSERT INTO jobs (n, id, lane, status, priority, order_seq, moved, at_front, created_at, run_at,
  expire_at, links, pending, delay_ms, limit_key, settings, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING`;

/** What a new job has to do with others. */
export interface Ties {
  /** Sum of `LINK`. */
  readonly links: number;
  /** Parents that it waits for. */
  readonly pending: number;
}

/** A job that was written. */
export interface Inserted {
  readonly id: string;
  readonly n: number;
  readonly lane: number;
  readonly status: JobStatus;
  readonly runAt: number | null;
}

const NO_TIES: Ties = { links: 0, pending: 0 };

/** Writes one job; undefined if its id is in use. `inserted` is to be called once it stays. */
export function insertJob(tx: Transaction, job: NewJob, ties = NO_TIES): Inserted | undefined {
  const { now } = tx;
  const lane = tx.lane(job.queue, job.type);
  const due = job.delayMs === undefined ? job.runAt : now + job.delayMs;
  const runAt = due !== undefined && due > now ? Math.ceil(due) : null;
  const isDeferred = ties.pending > 0;
  const status = isDeferred ? "deferred" : runAt === null ? "ready" : "scheduled";
  const payload = inlinePayload(job.payload);
  const { expireAt } = job.settings;
  const n = tx.nextMoved();
  const changes = tx.db.run(
    INSERT_JOB,
    n,
    job.id,
    lane,
    STATUS_CODE[status],
    job.priority,
    status !== "ready" ? 0 : job.atFront ? tx.nextFront() : tx.nextOrder(),
    n,
    job.atFront ? 1 : 0,
    now,
    runAt,
    expireAt === undefined ? null : Math.ceil(expireAt),
    ties.links | (job.settings.retention?.maxCount === undefined ? 0 : LINK.quota),
    ties.pending,
    isDeferred && job.delayMs !== undefined ? Math.ceil(job.delayMs) : null,
    job.settings.limitKey ?? null,
    encodeSettings(job.settings),
    payload,
  );
  if (changes === 0) return undefined;
  if (payload === null) writeLargePayload(tx, n, job.payload);
  return { id: job.id, n, lane, status, runAt };
}

/** Notes that a job was written for good; returns its status. */
export function inserted(tx: Transaction, row: Inserted): JobStatus {
  const { lane, status, runAt } = row;
  tx.moved(lane, undefined, STATUS_CODE[status]);
  if (status === "scheduled") tx.delayed(runAt!);
  tellJob(tx, "created", row, STATUS_CODE[status]);
  return status;
}
