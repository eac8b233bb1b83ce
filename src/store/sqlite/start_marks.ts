/**
 * Up to where pools have started what they claimed, in SQLite.
 *
 * @module
 */

import type { Holder } from "../../job/job.ts";
import type { StartMark } from "../claim_stage.ts";
import type { Database } from "./database.ts";
import { IS_PROCESSING } from "./schema.ts";

const SET_MARK = `
INSERT INTO start_marks (server, pool, fence) VALUES (?, ?, ?)
ON CONFLICT (server, pool) DO UPDATE SET fence = excluded.fence`;
const DROP_MARK = "DELETE FROM start_marks WHERE server = ? AND pool = ?";
const BEGIN_MARK = `
INSERT INTO start_marks (server, pool, fence) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`;
const MARK = "SELECT fence FROM start_marks WHERE server = ? AND pool = ?";
const HOLDS_NOTHING = `NOT EXISTS (
  SELECT 1 FROM jobs WHERE ${IS_PROCESSING} AND jobs.server = start_marks.server)`;
/** 0 if there are marks of servers that hold nothing, which say nothing; else null. */
export const IDLE_MARKS = `SELECT min(0) AS at FROM start_marks WHERE ${HOLDS_NOTHING}`;
const DROP_IDLE_MARKS = `DELETE FROM start_marks WHERE ${HOLDS_NOTHING}`;
const DROP_IDLE_MARKS_OF = `${DROP_IDLE_MARKS} AND server = ?`;

/** Sets or removes a mark, as its pool says. */
export function writeMark(db: Database, { server, pool, unstartedFrom }: StartMark): void {
  if (unstartedFrom === null) db.run(DROP_MARK, server, pool);
  else db.run(SET_MARK, server, pool, unstartedFrom);
}

/** Sets a mark, unless there is one, at the first claim that a pool got ahead. */
export function beginMark(db: Database, { server, pool, fence }: Holder): void {
  db.run(BEGIN_MARK, server, pool, fence);
}

/** Whether a claim was not started, as far as its pool has told. */
export function isAhead(
  db: Database,
  { server, pool, fence }: Pick<Holder, "server" | "pool" | "fence">,
): boolean {
  const mark = db.get<{ fence: number }>(MARK, server, pool);
  return mark !== undefined && fence >= mark.fence;
}

/** Drops the marks of servers that hold nothing. */
export function dropIdleMarks(db: Database): void {
  db.run(DROP_IDLE_MARKS);
}

/** The same for one server. */
export function dropIdleMarksOf(db: Database, server: string): void {
  db.run(DROP_IDLE_MARKS_OF, server);
}
