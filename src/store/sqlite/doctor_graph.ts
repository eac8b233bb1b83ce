/**
 * Checks parents and children: that each child that waits will be told, and
 * that each edge has its ends.
 *
 * @module
 */

import type { Part, Problem, Section } from "../check_walk.ts";
import { statusOf } from "./codec.ts";
import { LIMIT } from "./database.ts";
import type { CheckedRow } from "./doctor_jobs.ts";
import type { DoctorView } from "./doctor_view.ts";
import { letsGo, PENDING_EDGES } from "./edges.ts";
import { tellLost } from "./graph.ts";
import { release } from "./moves.ts";
import { IS_FINAL, LINK, STATUS_CODE } from "./schema.ts";

/** Edges behind a place, with what their ends know of them. */
export const CHECKED_EDGES = `
SELECT edges.parent AS parent, edges.child AS child, edges.parent_id AS parent_id,
  parents.links AS parent_links, children.links AS child_links, children.id AS child_id
FROM edges LEFT JOIN jobs AS parents ON parents.n = edges.parent
  LEFT JOIN jobs AS children ON children.n = edges.child
WHERE (edges.parent, edges.child) > (?, ?) ORDER BY edges.parent, edges.child ${LIMIT}`;
const SET_LINK = "UPDATE jobs SET links = links | ? WHERE n = ?";
const SET_PENDING = "UPDATE jobs SET pending = ? WHERE n = ?";
const DELETE_EDGE = "DELETE FROM edges WHERE parent = ? AND child = ?";

interface PendingRow {
  readonly parent: number;
  readonly parent_id: string;
  readonly policy: number;
  readonly status: number | null;
}

interface EdgeRow {
  readonly parent: number;
  readonly child: number;
  readonly parent_id: string;
  readonly parent_links: number | null;
  readonly child_links: number | null;
  readonly child_id: string | null;
}

/** What is wrong with the edges on which a job waits. */
export function checkWaiting(view: DoctorView, row: CheckedRow): Problem[] {
  const { n, id, status, pending, waits_on: waitsOn } = row;
  if (pending !== waitsOn) {
    const text = `Its record says that it waits for ${pending} parents, but it is ${waitsOn}`;
    const mend = view.mend((tx) => void tx.db.run(SET_PENDING, waitsOn, n));
    return [{ kind: "wrong_count", id, text, mend }];
  }
  if (status === STATUS_CODE.deferred) return checkDeferred(view, row);
  if (waitsOn === 0 || IS_FINAL.has(status)) return [];
  const [first] = view.db.all<PendingRow>(PENDING_EDGES, n);
  const text = `It is ${statusOf(status)}, but parent '${first!.parent_id}' has not let it go`;
  return [{ kind: "early_child", id, text }];
}

function checkDeferred(view: DoctorView, row: CheckedRow): Problem[] {
  const { id } = row;
  if (row.waits_on > 0) {
    return view.db.all<PendingRow>(PENDING_EDGES, row.n).flatMap((edge) =>
      checkEdge(view, row, edge)
    );
  }
  const mend = view.mend((tx) => release(tx, row));
  return [{ kind: "stuck_child", id, text: "It is deferred, but waits for no parent", mend }];
}

/** Whether a job that waits for a parent will be told of its end. */
function checkEdge(view: DoctorView, row: CheckedRow, edge: PendingRow): Problem[] {
  const { parent, parent_id: parentId, policy, status } = edge;
  if (status !== null && !IS_FINAL.has(status)) return [];
  const isToBeTold = view.endsOf(parent).some(({ cursor, before, completed }) =>
    cursor < row.n && row.n < before && (letsGo(completed, policy) || row.moved < before)
  );
  if (isToBeTold) return [];
  const how = status === null ? "was removed" : `ended as ${statusOf(status)}`;
  const completed = status === STATUS_CODE.completed;
  return [{
    kind: "stuck_child",
    id: row.id,
    text: `Its parent '${parentId}' ${how}, and nothing would tell it`,
    mend: view.mend((tx) => {
      const end = { parent, id: parentId, how, completed, before: tx.nextMoved(), cursor: 0 };
      tellLost(tx, end, row.n);
    }),
  }];
}

/** The section of all edges. */
export function edgeSection(view: DoctorView): Section {
  return {
    mark: "e",
    place: /^\d{1,16}\.\d{1,16}$/,
    oneByOne: false,
    look: (after, limit): Part => {
      const [parent = 0, child = 0] = after.split(".").map(Number);
      const rows = view.db.all<EdgeRow>(CHECKED_EDGES, parent, child, limit);
      const part = { checked: rows.length, problems: rows.flatMap((row) => judge(view, row)) };
      const last = rows.at(-1);
      return rows.length < limit ? part : { ...part, next: `${last!.parent}.${last!.child}` };
    },
  };
}

function judge(view: DoctorView, row: EdgeRow): Problem[] {
  const { parent, child, parent_id: parentId, child_id: id } = row;
  if (row.child_links === null) {
    const text = `An edge from parent '${parentId}' leads to a job that is not there`;
    const mend = view.mend((tx) => void tx.db.run(DELETE_EDGE, parent, child));
    return [{ kind: "stale_edge", id: null, text, mend }];
  }
  const problems: Problem[] = [];
  if ((row.child_links & LINK.parents) === 0) {
    const text = `It is a child of '${parentId}', but its record says that it has no parents`;
    const mend = view.mend((tx) => void tx.db.run(SET_LINK, LINK.parents, child));
    problems.push({ kind: "lost_entry", id, text, mend });
  }
  if (row.parent_links !== null && (row.parent_links & LINK.children) === 0) {
    const text = `Its parent '${parentId}' does not know of it, so that nothing would tell it`;
    const mend = view.mend((tx) => void tx.db.run(SET_LINK, LINK.children, parent));
    problems.push({ kind: "stuck_child", id, text, mend });
  }
  return problems;
}
