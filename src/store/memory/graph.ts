/**
 * Parents and children in the memory store: what the end of a job means for the
 * jobs that wait for it.
 *
 * @module
 */

import type { EdgePolicy } from "../../job/job.ts";
import { isFinal } from "../../job/state.ts";
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
   * there has nothing to say, unless it came with the same group and was
   * canceled and removed on arrival.
   *
   * @param gone Ids of those.
   */
  link(
    child: Entry,
    parentId: string,
    policy: EdgePolicy,
    gone: ReadonlySet<string> = new Set(),
  ): void {
    const parent = this.#state.jobs.get(parentId);
    if (parent === undefined) {
      if (policy !== "cancel" || !gone.has(parentId)) return;
      (child.pending ??= new Set()).add(parentId);
      child.canceledBy ??= parentId;
      return;
    }
    (parent.children ??= new Map()).set(child.job.id, { policy, number: ++this.#lastEdge });
    if (isFinal(parent.status) && letsGo(parent, policy)) return;
    (child.pending ??= new Set()).add(parentId);
    if (isFinal(parent.status)) child.canceledBy ??= parentId;
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
      const pending = child?.pending;
      if (child === undefined || !pending?.has(id)) continue;
      if (letsGo(entry, policy)) {
        pending.delete(id);
        if (child.status === "deferred" && pending.size === 0) this.#state.release(child);
      } else if (child.status === "deferred") {
        child.canceledBy = id;
        this.#state.finish(child, "canceled", `Parent '${id}' ${how}`);
      }
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
  forget({ job }: Entry): void {
    for (const { id } of job.settings.dependsOn ?? []) {
      this.#state.jobs.get(id)?.children?.delete(job.id);
    }
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

/** Whether a parent that has ended lets a child go. */
function letsGo({ status }: Entry, policy: EdgePolicy): boolean {
  return policy !== "cancel" || status === "completed";
}
