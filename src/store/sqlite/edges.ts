/**
 * Parents and children in SQLite: the edges, as rows of a child.
 *
 * @module
 */

import type { EdgePolicy } from "../../job/job.ts";
import type { ChildrenReply } from "../store.ts";
import { type Database, LIMIT } from "./database.ts";
import { IS_FINAL, LINK, POLICY_CODE, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** What an edge must know of the job at its other end. */
export const PARENT_BY_ID = "SELECT n, id, status, links FROM jobs WHERE id = ?";
/** Parents that a job waits for. */
export const PENDING_PARENTS =
  "SELECT parent_id FROM edges WHERE child = ? AND pending = 1 ORDER BY place";
/** Edges on which a job waits, with what has become of the parents. */
export const PENDING_EDGES = `
SELECT parent, parent_id, policy, status FROM edges LEFT JOIN jobs ON jobs.n = edges.parent
WHERE child = ? AND edges.pending = 1 ORDER BY place`;
/** Children of a job. */
export const CHILD_IDS = `
SELECT child, jobs.id AS id FROM edges CROSS JOIN jobs ON jobs.n = edges.child
WHERE edges.parent = ? AND child > ? ORDER BY child ${LIMIT}`;
const INSERT_EDGE = `
INSERT INTO edges (parent, child, place, policy, pending, parent_id) VALUES (?, ?, ?, ?, ?, ?)`;
const MARK_PARENT = `UPDATE jobs SET links = links | ${LINK.children} WHERE n = ?`;
const CLEAR_EDGE = "UPDATE edges SET pending = 0 WHERE parent = ? AND child = ?";
const COUNT_DOWN = "UPDATE jobs SET pending = pending - 1 WHERE n = ?";

/** A job that is to be a parent. */
export interface ParentRow {
  readonly n: number;
  readonly id: string;
  readonly status: number;
  readonly links: number;
}

/** An edge of a job that is not written yet. */
export interface NewEdge {
  readonly parent: ParentRow;
  readonly policy: EdgePolicy;
  /** Whether the job has to wait for the parent, or may never run for it. */
  readonly isPending: boolean;
}

/** What keeps a final job from running again. */
export type Hindrance =
  /** A parent failed, or is gone. */
  | { readonly kind: "parent"; readonly by: string }
  /** Parents are not final yet. */
  | { readonly kind: "waits" };

/** Makes the edge to a parent, as the parent is now. */
export function newEdge(parent: ParentRow, policy: EdgePolicy): NewEdge {
  const isSatisfied = IS_FINAL.has(parent.status) &&
    letsGo(parent.status === STATUS_CODE.completed, POLICY_CODE[policy]);
  return { parent, policy, isPending: !isSatisfied };
}

/** Writes the edges of a new job. */
export function writeEdges(tx: Transaction, child: number, edges: Iterable<NewEdge>): void {
  let place = 0;
  for (const { parent, policy, isPending } of edges) {
    const { n, id, links } = parent;
    tx.db.run(INSERT_EDGE, n, child, place++, POLICY_CODE[policy], isPending ? 1 : 0, id);
    if ((links & LINK.children) === 0) tx.db.run(MARK_PARENT, n);
  }
}

/** A parent lets a child go. */
export function clearEdge(tx: Transaction, parent: number, child: number): void {
  tx.db.run(CLEAR_EDGE, parent, child);
  tx.db.run(COUNT_DOWN, child);
}

/** Whether a parent that has ended lets a child go. */
export function letsGo(completed: boolean, policy: number): boolean {
  return completed || policy !== POLICY_CODE.cancel;
}

/** Parents that a job waits for, in the order in which it names them. */
export function pendingParents(db: Database, n: number): string[] {
  return db.all<{ parent_id: string }>(PENDING_PARENTS, n).map((row) => row.parent_id);
}

/**
 * What keeps a final job from running again, if anything does. Notes on the way
 * which parents let it go after all.
 */
export function hindrance(tx: Transaction, child: number): Hindrance | undefined {
  let waits = false;
  const edges = tx.db.all<
    { parent: number; parent_id: string; policy: number; status: number | null }
  >(PENDING_EDGES, child);
  for (const { parent, parent_id: id, policy, status } of edges) {
    const isFinal = status !== null && IS_FINAL.has(status);
    const isFree = isFinal && letsGo(status === STATUS_CODE.completed, policy) ||
      tx.relays.endsOf(parent).some((end) => child < end.before && letsGo(end.completed, policy));
    if (isFree) clearEdge(tx, parent, child);
    else if (status === null || isFinal) return { kind: "parent", by: id };
    else waits = true;
  }
  return waits ? { kind: "waits" } : undefined;
}

/** See `InspectStage.children`. */
export function children(
  db: Database,
  id: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): ChildrenReply {
  const parent = db.get<ParentRow>(PARENT_BY_ID, id);
  if (parent === undefined) return { ids: [] };
  const after = cursor === undefined ? 0 : Number(cursor);
  const rows = db.all<{ child: number; id: string }>(CHILD_IDS, parent.n, after, limit + 1);
  const ids = rows.slice(0, limit).map((row) => row.id);
  return rows.length > limit ? { ids, cursor: String(rows[limit - 1]!.child) } : { ids };
}
