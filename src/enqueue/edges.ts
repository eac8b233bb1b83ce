/**
 * Edges of a graph: which jobs a new job waits for, and an order of new jobs in
 * which parents come first.
 *
 * @module
 */

import { checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { Heap } from "../heap.ts";
import { edgePolicies, type EdgePolicy, MAX_PARENTS, type ParentEdge } from "../job/job.ts";
import { isJobId } from "../job/names.ts";
import type { NewJob } from "../store/store.ts";
import { CyclicDependencyError, InvalidJobIdError } from "./errors.ts";

/**
 * A job to wait for: its id, its handle, or an object with its id and what is to
 * happen when it does not complete (`cancel` unless told otherwise).
 */
export type ParentRef = string | {
  /** The parent's id. */
  readonly id: string;
  /**
   * `cancel`: the child is canceled. `continue`: it runs once all parents are
   * final. `ignore`: the same, and `job.parents()` leaves that parent out.
   * @default {"cancel"}
   */
  readonly onFailure?: EdgePolicy;
};

/** Reads the policy of an edge. */
export function policyOf(action: string, onFailure: EdgePolicy | undefined): EdgePolicy {
  if (onFailure === undefined) return "cancel";
  checkOneOf(action, "onFailure", onFailure, edgePolicies);
  return onFailure;
}

/**
 * Checks the parents of a new job.
 *
 * @param id The new job's own id.
 * @throws {InvalidOptionError} If there are too many, or one is there twice.
 * @throws {InvalidJobIdError} If an id breaks the rule for ids.
 * @throws {CyclicDependencyError} If the job is its own parent.
 */
export function edgesOf(
  action: string,
  parents: readonly ParentRef[],
  id: string,
): readonly ParentEdge[] {
  if (!Array.isArray(parents)) {
    throw new InvalidOptionError(action, "dependsOn", "be an array", parents);
  }
  if (parents.length > MAX_PARENTS) {
    const rule = `name at most ${MAX_PARENTS} jobs`;
    throw new InvalidOptionError(action, "dependsOn", rule, `${parents.length} jobs`);
  }
  const seen = new Set<string>();
  return (parents as readonly ParentRef[]).map((parent): ParentEdge => {
    const ref = typeof parent === "string" ? { id: parent } : parent;
    const parentId: unknown = ref?.id;
    if (!isJobId(parentId)) throw new InvalidJobIdError(action, parentId);
    if (parentId === id) throw new CyclicDependencyError([id, id]);
    if (seen.has(parentId)) {
      throw new InvalidOptionError(action, "dependsOn", "name each job once", parentId);
    }
    seen.add(parentId);
    return { id: parentId, onFailure: policyOf(action, ref.onFailure) };
  });
}

/**
 * An order of new jobs in which the parents among them come first, and which is
 * else that of the jobs: of those that may come next, the first one does. Takes
 * time linear in the edges.
 *
 * @param nameOf What to call a job in the error.
 * @throws {CyclicDependencyError} If there is none.
 */
export function parentsFirst(
  jobs: readonly NewJob[],
  nameOf: (index: number) => string,
): readonly number[] {
  const indexOf = new Map(jobs.map(({ id }, index) => [id, index]));
  const parents = jobs.map(({ settings }) =>
    (settings.dependsOn ?? []).flatMap(({ id }) => indexOf.get(id) ?? [])
  );
  const children = jobs.map((): number[] => []);
  parents.forEach((list, child) => list.forEach((parent) => children[parent]!.push(child)));
  const open = parents.map((list) => list.length);
  const next = new Heap<number>((a, b) => a < b);
  for (let index = 0; index < jobs.length; index++) if (open[index] === 0) next.push(index);
  const sorted: number[] = [];
  for (let parent = next.pop(); parent !== undefined; parent = next.pop()) {
    sorted.push(parent);
    for (const child of children[parent]!) if (--open[child]! === 0) next.push(child);
  }
  if (sorted.length === jobs.length) return sorted;
  throw new CyclicDependencyError(cycleIn(parents, open).map(nameOf));
}

/** A way along edges that ends where it began, parents first. */
function cycleIn(
  parents: readonly (readonly number[])[],
  open: readonly number[],
): readonly number[] {
  const path: number[] = [];
  const placeOf = new Map<number, number>();
  // A job that is still open has a parent that is.
  let at = open.findIndex((count) => count > 0);
  while (!placeOf.has(at)) {
    placeOf.set(at, path.length);
    path.push(at);
    at = parents[at]!.find((parent) => open[parent]! > 0)!;
  }
  return [...path.slice(placeOf.get(at)), at].reverse();
}
