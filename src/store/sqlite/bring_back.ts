/**
 * A final job waits again.
 *
 * @module
 */

import type { ActionReply } from "../store.ts";
import { decodeAttempts, decodeSettings, encodeText, statusOf } from "./codec.ts";
import { type Hindrance, hindrance } from "./edges.ts";
import { tellJob } from "./events.ts";
import { ENDING_COLUMNS, type EndingRow } from "./finish.ts";
import { makeReady } from "./moves.ts";
import { countOut } from "./quotas.ts";
import { LINK, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";
import { liveOwner, own } from "./unique.ts";

/** A job that somebody intervenes with. */
export const JOB_TO_ACT_ON =
  `SELECT ${ENDING_COLUMNS}, priority, at_front, created_at, server, pool, claimed_at, finished_at ` +
  "FROM jobs";
/** Makes a final job wait for its parents, or as a step on its way to the line. */
export const BRING_BACK = `
UPDATE jobs SET status = ${STATUS_CODE.deferred}, moved = ?, retry_count = 0, deliveries = 0,
  started_at = ?, finished_at = NULL, purge_at = NULL, expire_at = NULL, canceled_by = NULL,
  suspect = 0, error = ?, result = NULL
WHERE n = ?`;

/** A row of `JOB_TO_ACT_ON`. */
export interface ActedRow extends EndingRow {
  readonly priority: number;
  readonly at_front: number;
  readonly created_at: number;
  readonly server: string | null;
  readonly pool: string | null;
  readonly claimed_at: number | null;
  readonly finished_at: number | null;
}

/** Makes a final job wait again; says why, if it may not. */
export function bringBack(
  tx: Transaction,
  row: ActedRow,
): Extract<ActionReply, { outcome: "refused" }> | undefined {
  const { unique } = (row.links & LINK.key) === 0 ? {} : decodeSettings(row.settings);
  const key = unique?.key ?? null;
  const owner = key === null ? undefined : liveOwner(tx, key);
  const status = statusOf(row.status);
  if (owner !== undefined && owner.n !== row.n) {
    return { outcome: "refused", status, reason: "duplicate", by: owner.id };
  }
  const hindered: Hindrance | undefined = (row.links & LINK.parents) === 0
    ? undefined
    : hindrance(tx, row.n);
  if (hindered?.kind === "parent") {
    return { outcome: "refused", status, reason: "parent", by: hindered.by };
  }
  if (key !== null) own(tx, key, unique!, row);
  const last = decodeAttempts(row.attempts).at(-1);
  const error = encodeText(last?.error?.message ?? null);
  tx.db.run(BRING_BACK, tx.nextMoved(), last?.startedAt ?? null, error, row.n);
  if ((row.links & LINK.quota) !== 0) countOut(tx, row);
  tx.moved(row.lane, row.status, STATUS_CODE.deferred);
  if (hindered === undefined) makeReady(tx, { ...row, status: STATUS_CODE.deferred }, "end");
  const now = hindered === undefined ? STATUS_CODE.ready : STATUS_CODE.deferred;
  tellJob(tx, "revived", row, now);
  return undefined;
}
