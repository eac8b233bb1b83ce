/**
 * Checks parents and children in the memory store: that each child that waits
 * will be told, and that each parent knows only of its own children.
 *
 * @module
 */

import { isFinal } from "../../job/state.ts";
import type { Problem } from "../check_walk.ts";
import type { DoctorView } from "./doctor.ts";
import type { Entry } from "./entry.ts";
import { letsGo, policyOf } from "./graph.ts";

/** What is wrong with the edges of one job. */
export function checkFamily(view: DoctorView, entry: Entry): Problem[] {
  return [...checkParents(view, entry), ...checkChildren(view, entry)];
}

function checkParents(view: DoctorView, entry: Entry): Problem[] {
  const { status, pending = new Set<string>(), job: { id } } = entry;
  if (status === "deferred") {
    if (pending.size > 0) return [...pending].flatMap((parent) => checkEdge(view, entry, parent));
    const text = "It is deferred, but waits for no parent";
    return [{ kind: "stuck_child", id, text, mend: view.mend(() => view.state.release(entry)) }];
  }
  const [parent] = pending;
  if (parent === undefined || isFinal(status)) return [];
  const text = `It is ${status}, but parent '${parent}' has not let it go`;
  return [{ kind: "early_child", id, text }];
}

/** Whether a job that waits for a parent will be told of its end. */
function checkEdge(view: DoctorView, entry: Entry, parentId: string): Problem[] {
  const { graph, jobs } = view.state;
  const { job: { id } } = entry;
  const policy = policyOf(entry, parentId);
  if (policy === undefined) {
    const text = `It waits for '${parentId}', which is not its parent`;
    const mend = view.mend(() => graph.tell(entry, parentId, true, ""));
    return [{ kind: "stuck_child", id, text, mend }];
  }
  const there = jobs.get(parentId);
  const knows = there?.children?.has(id) ?? false;
  // A job that came later, and does not know of it, only has the id of the parent.
  const parent = knows || there !== undefined && there.number < entry.number ? there : undefined;
  if (parent !== undefined && !isFinal(parent.status)) {
    if (knows) return [];
    const text = `Its parent '${parentId}' does not know of it, so that nothing would tell it`;
    const mend = view.mend(() => graph.connect(parent, entry, policy));
    return [{ kind: "stuck_child", id, text, mend }];
  }
  const how = parent === undefined ? "was removed" : `ended as ${parent.status}`;
  const isFree = parent === undefined ? policy !== "cancel" : letsGo(parent, policy);
  const text = `Its parent '${parentId}' ${how}, and nothing would tell it`;
  const mend = view.mend(() => graph.tell(entry, parentId, isFree, how));
  return [{ kind: "stuck_child", id, text, mend }];
}

function checkChildren(view: DoctorView, entry: Entry): Problem[] {
  const { children, job: { id } } = entry;
  return [...children?.keys() ?? []].flatMap((childId): Problem[] => {
    const child = view.state.jobs.get(childId);
    if (child !== undefined && policyOf(child, id) !== undefined) return [];
    const text = child === undefined
      ? `Its child '${childId}' is not there`
      : `Its child '${childId}' does not have it as a parent`;
    const mend = view.mend(() => void children!.delete(childId));
    return [{ kind: "stale_edge", id, text, mend }];
  });
}
