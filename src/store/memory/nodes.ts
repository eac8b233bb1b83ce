/**
 * Nodes: entries in the heaps of the memory store, as they were when they were put in. One that has
 * moved on since means nothing any more.
 *
 * @module
 */

import { Heap } from "../../heap.ts";
import type { Entry } from "./entry.ts";

/** An entry as it was when it was put into a heap. */
export interface Node {
  readonly entry: Entry;
  /** Sort key; also tells whether the entry is still the one that was put in. */
  readonly key: number;
}

/** Makes a heap of nodes by key. */
export function byKey(): Heap<Node> {
  return new Heap<Node>((a, b) => a.key < b.key);
}

/** Whether a node of a line is still that job's place in it. */
export function isReady({ entry, key }: Node): boolean {
  return entry.status === "ready" && !entry.removed && entry.order === key;
}

/** Whether a node of `due` still says when that job is due. */
export function isDue({ entry, key }: Node): boolean {
  return entry.runAt === key && (entry.status === "scheduled" || entry.status === "retry");
}

/** Whether a node of `purging` still says when retention removes that job. */
export function isPurging({ entry, key }: Node): boolean {
  return entry.purgeAt === key;
}

/** Whether a node of `expiring` still stands for a job that never started; if not, it is to be dropped. */
export function isExpiring({ entry }: Node): boolean {
  const { attemptsMade, status, keepsOn, removed } = entry;
  entry.listedToExpire = attemptsMade === 0 && !keepsOn && !removed &&
    (status === "ready" || status === "scheduled" || status === "deferred");
  return entry.listedToExpire;
}

/** The first node of a heap that still means something; drops those before it. */
export function peekAlive(heap: Heap<Node>, alive: (node: Node) => boolean): Node | undefined {
  let node = heap.peek();
  while (node !== undefined && !alive(node)) {
    heap.pop();
    node = heap.peek();
  }
  return node;
}
