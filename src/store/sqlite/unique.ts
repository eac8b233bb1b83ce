/**
 * Keys and their owners: which job keeps another one out.
 *
 * @module
 */

import type { JobUnique } from "../../job/job.ts";
import { IS_FINAL, IS_WAITING } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** Columns of a job that may keep a new one out. */
export const STANDING_COLUMNS = `jobs.n AS n, id, lane, status, at_front, attempts_made, created_at,
  payload IS NULL AS is_large, last_line, links, limit_key, parked`;
/** The owner of a key. */
export const OWNER_OF_KEY = `
SELECT ${STANDING_COLUMNS}, until, ends_at FROM locks CROSS JOIN jobs ON jobs.n = locks.n
WHERE key = ?`;
const SET_OWNER = `
INSERT INTO locks (key, n, until, ends_at) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET n = excluded.n, until = excluded.until, ends_at = excluded.ends_at`;

/** A row with `STANDING_COLUMNS`. */
export interface StandingRow {
  readonly limit_key: string | null;
  readonly parked: number;
  readonly n: number;
  readonly id: string;
  readonly lane: number;
  readonly status: number;
  readonly at_front: number;
  readonly attempts_made: number;
  readonly created_at: number;
  readonly is_large: number;
  readonly last_line: number;
  readonly links: number;
}

interface OwnerRow extends StandingRow {
  readonly until: JobUnique["until"];
  readonly ends_at: number | null;
}

/** The job that keeps others with a key out, if there is one. */
export function liveOwner(tx: Transaction, key: string): StandingRow | undefined {
  const owner = tx.db.get<OwnerRow>(OWNER_OF_KEY, key);
  if (owner === undefined || (owner.ends_at !== null && owner.ends_at <= tx.now)) return undefined;
  switch (owner.until) {
    case "started":
      return IS_WAITING.has(owner.status) && owner.attempts_made === 0 ? owner : undefined;
    case "finished":
      return IS_FINAL.has(owner.status) ? undefined : owner;
    case "removed":
      return owner;
  }
}

/** Makes a job the owner of its key. */
export function own(
  tx: Transaction,
  key: string,
  { until, ttlMs }: JobUnique,
  { n, created_at: createdAt }: { readonly n: number; readonly created_at: number },
): void {
  tx.db.run(SET_OWNER, key, n, until, ttlMs === undefined ? null : Math.ceil(createdAt + ttlMs));
}
