/**
 * Parents and children in the memory store: what the end of a job means for the
 * jobs that wait for it.
 *
 * @module
 */

import type { EdgePolicy } from "../../job/job.ts";
import { isFinal, type JobStatus } from "../../job/state.ts";
import type { ChildrenReply } from "../store.ts";
import type { Entry } from "./entry.ts";
import type { MemoryState } from "./state.ts";

/** A job that is no longer, or never will be, completed as its children hoped. */
interface End {
  readonly entry: Entry;
  /** How it ended, as text. */
  readonly how: string;
}

/** What keeps a job that is to run again. */
export type Hindrance =
  /** A parent failed, or is gone. */
  | { readonly kind: "parent"; readonly by: string }
  /** Parents are not final yet. */
  | { readonly kind: "waits" };

/** The edges of one memory store. */
export class Graph {
  readonly #state: MemoryState;
  /** Jobs whose children are not told yet; not empty only within a verb. */
  readonly #ends: End[] = [];
  #telling = false;
  #lastEdge = 0;

  /** @param state Where the jobs are. */
  constructor(state: MemoryState) {
    this.#state = state;
  }

  /**
   * Adds an edge to a new job that is not in the store yet. A parent that is not
   * there has nothing to say, unless it had failed before it was removed.
   *
   * @param failed Ids of those.
   */
  link(
    child: Entry,
    parentId: string,
    policy: EdgePolicy,
    failed: ReadonlyMap<string, JobStatus> = new Map(),
  ): void {
    const parent = this.#state.jobs.get(parentId);
    if (parent === undefined) {
      if (policy !== "cancel" || !failed.has(parentId)) return;
      (child.pending ??= new Set()).add(parentId);
      child.canceledBy ??= parentId;
      return;
    }
    this.connect(parent, child, policy);
    if (isFinal(parent.status) && letsGo(parent, policy)) return;
    (child.pending ??= new Set()).add(parentId);
    if (isFinal(parent.status)) child.canceledBy ??= parentId;
  }

  /** Makes a parent know of a child. */
  connect(parent: Entry, child: Entry, policy: EdgePolicy): void {
    (parent.children ??= new Map()).set(child.job.id, { policy, number: ++this.#lastEdge });
  }

  /** Tells the children of a job that it has ended, and theirs if that cancels them. */
  ended(entry: Entry, how: string): void {
    if (entry.children === undefined) return;
    this.#ends.push({ entry, how });
    if (this.#telling) return;
    this.#telling = true;
    for (let end = this.#ends.shift(); end !== undefined; end = this.#ends.shift()) {
      this.#tell(end);
    }
    this.#telling = false;
  }

  #tell({ entry, how }: End): void {
    const { id } = entry.job;
    for (const [childId, { policy }] of entry.children ?? []) {
      const child = this.#state.jobs.get(childId);
      if (child?.pending?.has(id)) this.tell(child, id, letsGo(entry, policy), how);
    }
  }

  /** Tells a child of the end of a parent that it waits for. */
  tell(child: Entry, parentId: string, isFree: boolean, how: string): void {
    if (isFree) {
      child.pending?.delete(parentId);
      if (child.status === "deferred" && !child.pending?.size) this.#state.release(child);
    } else if (child.status === "deferred") {
      child.canceledBy = parentId;
      this.#state.finish(child, "canceled", `Parent '${parentId}' ${how}`);
    }
  }

  /** What keeps a final job from running again, if anything does. */
  hindrance(entry: Entry): Hindrance | undefined {
    const { pending } = entry;
    if (pending === undefined) return undefined;
    for (const id of [...pending]) {
      const parent = this.#state.jobs.get(id);
      const edge = parent?.children?.get(entry.job.id);
      // Another job may have the id of a parent that has gone.
      if (parent === undefined || edge === undefined) return { kind: "parent", by: id };
      if (!isFinal(parent.status)) continue;
      if (!letsGo(parent, edge.policy)) return { kind: "parent", by: id };
      pending.delete(id);
    }
    return pending.size > 0 ? { kind: "waits" } : undefined;
  }

  /** A job leaves the store. */
  forget(entry: Entry): void {
    const { follows, job: { id, settings } } = entry;
    for (const parent of settings.dependsOn ?? []) {
      this.#state.jobs.get(parent.id)?.children?.delete(id);
    }
    if (follows !== undefined) this.#state.jobs.get(follows)?.children?.delete(id);
  }

  /** See `InspectStage.children`. */
  children(id: string, limit: number, cursor: string | undefined): ChildrenReply {
    const after = cursor === undefined ? 0 : Number(cursor);
    const edges = [...this.#state.jobs.get(id)?.children ?? []]
      .filter(([child, { number }]) => number > after && this.#state.jobs.has(child))
      .sort(([, a], [, b]) => a.number - b.number);
    const ids = edges.slice(0, limit).map(([child]) => child);
    return edges.length > limit ? { ids, cursor: String(edges[limit - 1]![1].number) } : { ids };
  }
}

/** The policy with which a job names another as a parent, or follows it; undefined if it does not. */
export function policyOf({ follows, job }: Entry, parentId: string): EdgePolicy | undefined {
  const edge = job.settings.dependsOn?.find(({ id }) => id === parentId);
  return edge?.onFailure ?? (follows === parentId ? "continue" : undefined);
}

/** Whether a parent that has ended lets a child go. */
export function letsGo({ status }: Pick<Entry, "status">, policy: EdgePolicy): boolean {
  return policy !== "cancel" || status === "completed";
}
