/**
 * Checks each job by itself: that its record can be read, and that its columns
 * say one thing about where it is.
 *
 * @module
 */

import type { Part, Problem, Section } from "../check_walk.ts";
import { decodeSettings, statusOf } from "./codec.ts";
import { LIMIT } from "./database.ts";
import { checkBroken } from "./doctor_broken.ts";
import { checkLimits } from "./doctor_limits.ts";
import { checkWaiting } from "./doctor_graph.ts";
import type { DoctorView } from "./doctor_view.ts";
import { ENDING_COLUMNS, type EndingRow } from "./finish.ts";
import type { ReleasedRow } from "./moves.ts";
import { IS_FINAL, STATUS_CODE } from "./schema.ts";

/** Jobs behind a place, with all that places them. */
export const CHECKED_JOBS = `
SELECT ${ENDING_COLUMNS}, priority, order_seq, moved, at_front, run_at, delay_ms, expire_at, finished_at,
  purge_at, server, pool, claimed_at, lease_until, pending, progress, error,
  payload IS NOT NULL OR EXISTS (SELECT 1 FROM payloads WHERE payloads.n = jobs.n) AS has_payload,
  (SELECT count(*) FROM edges WHERE edges.child = jobs.n AND edges.pending = 1) AS waits_on
FROM jobs WHERE n > ? ORDER BY n ${LIMIT}`;
const REVIVE_LEASE = `
UPDATE jobs SET server = coalesce(server, 'unknown'), pool = coalesce(pool, 'unknown'),
  claimed_at = coalesce(claimed_at, started_at, ?), lease_until = ? WHERE n = ?`;
const CLEAR_LEASE = `
UPDATE jobs SET server = NULL, pool = NULL, claimed_at = NULL, lease_until = NULL WHERE n = ?`;
const SET_END = "UPDATE jobs SET finished_at = ?, purge_at = ? WHERE n = ?";

/** A row of `CHECKED_JOBS`. */
export interface CheckedRow extends EndingRow, ReleasedRow {
  readonly attempts_made: number;
  readonly priority: number;
  readonly order_seq: number;
  readonly moved: number;
  readonly expire_at: number | null;
  readonly finished_at: number | null;
  readonly purge_at: number | null;
  readonly server: string | null;
  readonly pool: string | null;
  readonly claimed_at: number | null;
  readonly lease_until: number | null;
  /** Edges on which it waits, as its record says. */
  readonly pending: number;
  readonly progress: string | null;
  readonly error: string | null;
  readonly has_payload: number;
  /** Edges on which it waits. */
  readonly waits_on: number;
}

/** The section of all jobs, in the order in which they came. */
export function jobSection(view: DoctorView): Section {
  return {
    mark: "j",
    place: /^\d{1,16}$/,
    oneByOne: true,
    look: (after, limit): Part => {
      const rows = view.db.all<CheckedRow>(CHECKED_JOBS, Number(after), limit);
      const part = { checked: rows.length, problems: rows.flatMap((row) => judge(view, row)) };
      return rows.length < limit ? part : { ...part, next: String(rows.at(-1)!.n) };
    },
  };
}

/** What is wrong with one job. */
function judge(view: DoctorView, row: CheckedRow): Problem[] {
  const broken = checkBroken(view, row);
  if (broken.length > 0) return broken;
  return [
    ...checkLease(view, row),
    ...checkTimes(view, row),
    ...checkWaiting(view, row),
    ...checkLimits(view, row),
  ];
}

function checkLease(view: DoctorView, row: CheckedRow): Problem[] {
  const { n, id, status } = row;
  const columns = [row.server, row.pool, row.claimed_at, row.lease_until];
  const present = columns.filter((column) => column !== null).length;
  if (status !== STATUS_CODE.processing) {
    if (present === 0) return [];
    const text = `It is ${statusOf(status)}, but has the lease of server '${row.server}'`;
    const mend = view.mend((tx) => void tx.db.run(CLEAR_LEASE, n));
    return [{ kind: "stale_lease", id, text, mend }];
  }
  if (present === columns.length) return [];
  const text = row.lease_until === null
    ? "It is processing, but its lease does not end"
    : "It is processing, but nothing says who holds it";
  // Its lease ends now: whoever reaps next goes on with it.
  const mend = view.mend((tx) => void tx.db.run(REVIVE_LEASE, tx.now, tx.now, n));
  return [{ kind: "lost_lease", id, text, mend }];
}

function checkTimes(view: DoctorView, row: CheckedRow): Problem[] {
  const { status } = row;
  if (IS_FINAL.has(status)) return checkEnd(view, row);
  const { n, id, finished_at: finishedAt, purge_at: purgeAt } = row;
  const problems: Problem[] = [];
  const name = statusOf(status);
  if (finishedAt !== null || purgeAt !== null) {
    problems.push({
      kind: "stale_entry",
      id,
      text: `It is ${name}, but retention would remove it, as it has an end`,
      mend: view.mend((tx) => void tx.db.run(SET_END, null, null, n)),
    });
  }
  if (row.expire_at !== null && decodeSettings(row.settings).expireAt === undefined) {
    problems.push({
      kind: "stale_entry",
      id,
      text: `It is ${name}, and would expire, but was not told to`,
      mend: view.mend((tx) => void tx.db.run("UPDATE jobs SET expire_at = NULL WHERE n = ?", n)),
    });
  }
  if (row.run_at === null && (name === "scheduled" || name === "retry")) {
    problems.push({
      kind: "lost_entry",
      id,
      text: `It is ${name}, but never due`,
      mend: view.mend((tx) => {
        tx.db.run("UPDATE jobs SET run_at = ? WHERE n = ?", tx.now, n);
        tx.delayed(tx.now);
      }),
    });
  }
  return problems;
}

/** How long a final job is kept by a time of its own. */
function ownLimit({ settings, status }: CheckedRow): number | undefined {
  const { retention } = decodeSettings(settings);
  return status === STATUS_CODE.completed ? retention?.completedMs : retention?.failedMs;
}

function checkEnd(view: DoctorView, row: CheckedRow): Problem[] {
  const { n, id, status, finished_at: finishedAt, purge_at: purgeAt } = row;
  const keep = ownLimit(row) ?? -1;
  const isLost = purgeAt === null && keep > 0;
  if (finishedAt !== null && !isLost) return [];
  const text = finishedAt === null
    ? `It is ${statusOf(status)}, but nothing says since when`
    : "It has a retention of its own, but nothing would remove it";
  const mend = view.mend((tx) => {
    const end = finishedAt ?? tx.now;
    tx.db.run(SET_END, end, isLost ? end + keep : purgeAt, n);
  });
  return [{ kind: "lost_entry", id, text, mend }];
}
