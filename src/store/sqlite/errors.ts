/**
 * Groups of failures in SQLite.
 *
 * @module
 */

import {
  cursorOf,
  ERROR_GROUP_MS,
  grouped,
  MAX_ERROR_GROUPS,
  placeOf,
  withJob,
} from "../error_groups.ts";
import type { ErrorGroup, ErrorGroupQuery, ErrorGroupsReply, Verdict } from "../store.ts";
import { decodeText, encodeText } from "./codec.ts";
import { type Database, LIMIT } from "./database.ts";
import type { Transaction } from "./transaction.ts";

const COLUMNS = "fingerprint, name, message, type, count, first_at, last_at, job_ids";
/** A group. */
export const ERROR_GROUP = `SELECT ${COLUMNS} FROM error_groups WHERE fingerprint = ?`;
/** Writes a group. */
export const WRITE_GROUP = `
INSERT INTO error_groups (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, message = excluded.message,
  type = excluded.type, count = excluded.count, last_at = excluded.last_at,
  job_ids = excluded.job_ids`;
const COUNT_GROUPS = "SELECT count(*) AS n FROM error_groups";
/** Removes the group that failed longest ago. */
export const DROP_OLDEST = `
DELETE FROM error_groups WHERE fingerprint =
  (SELECT fingerprint FROM error_groups ORDER BY last_at, fingerprint LIMIT 1)`;
/** Removes groups that have not failed for long. */
export const DROP_OLD_GROUPS = "DELETE FROM error_groups WHERE last_at <= ?";
/** Groups after a place, those that failed last first. */
export const LIST_GROUPS = `
SELECT ${COLUMNS} FROM error_groups WHERE (last_at, fingerprint) < (?, ?)
ORDER BY last_at DESC, fingerprint DESC ${LIMIT}`;

interface GroupRow {
  readonly fingerprint: string;
  readonly name: string | null;
  readonly message: string;
  readonly type: string;
  readonly count: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly job_ids: string;
}

/** Adds the end of an attempt, if it is a failure. */
export function groupError(tx: Transaction, id: string, lane: number, verdict: Verdict): void {
  const sample = grouped(verdict);
  if (sample === undefined) return;
  const { fingerprint, name, message } = sample;
  const row = tx.db.get<GroupRow>(ERROR_GROUP, fingerprint);
  const before = row === undefined ? undefined : toGroup(row);
  tx.db.run(
    WRITE_GROUP,
    fingerprint,
    encodeText(name),
    encodeText(message),
    tx.lanes.name(lane).type,
    (before?.count ?? 0) + 1,
    before?.firstAt ?? tx.now,
    tx.now,
    withJob(before?.jobIds ?? [], id).join(","),
  );
  if (before !== undefined) return;
  if (tx.db.get<{ n: number }>(COUNT_GROUPS)!.n > MAX_ERROR_GROUPS) tx.db.run(DROP_OLDEST);
}

/** Lets go of groups that have not failed for long. */
export function dropOldGroups({ db, now }: Transaction): void {
  db.run(DROP_OLD_GROUPS, now - ERROR_GROUP_MS);
}

/** See `ErrorStage.errorGroups`. */
export function errorGroups(db: Database, query: ErrorGroupQuery): ErrorGroupsReply {
  const { limit, type, fingerprint } = query;
  const { lastAt, fingerprint: last } = placeOf(query) ??
    { lastAt: Number.MAX_SAFE_INTEGER, fingerprint: "" };
  // There are so few that whoever asks for some of them reads all.
  const rows = fingerprint === undefined
    ? db.all<GroupRow>(LIST_GROUPS, lastAt, last, type === undefined ? limit + 1 : -1)
    : db.all<GroupRow>(ERROR_GROUP, fingerprint);
  const groups = rows.map(toGroup)
    .filter((group) => type === undefined || group.type === type);
  const page = groups.slice(0, limit);
  return groups.length > limit
    ? { groups: page, cursor: cursorOf(page.at(-1)!) }
    : { groups: page };
}

function toGroup(row: GroupRow): ErrorGroup {
  return {
    fingerprint: row.fingerprint,
    name: decodeText(row.name),
    message: decodeText(row.message) ?? "",
    type: row.type,
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    jobIds: row.job_ids.split(","),
  };
}
