/**
 * What is due becomes ready, what has expired is canceled, in the memory store.
 *
 * @module
 */

import type { StepReply } from "../store.ts";
import type { Heap } from "../../heap.ts";
import { isDue, isExpiring, type Node, peekAlive } from "./nodes.ts";
import type { MemoryState } from "./state.ts";

/** See `ReadyStage.promote`. */
export function promote(state: MemoryState, limit: number): StepReply {
  const reply = step(state, state.due, isDue, limit, ({ entry }) => {
    state.makeReady(entry, "own");
    state.events.job("ready", entry);
  });
  state.parking.lookAround();
  const lookInMs = state.parking.nextInMs();
  return lookInMs === null
    ? reply
    : { ...reply, nextInMs: Math.min(lookInMs, reply.nextInMs ?? Infinity) };
}

/** See `ReadyStage.expire`. */
export function expire(state: MemoryState, limit: number): StepReply {
  return step(state, state.expiring, isExpiring, limit, (node) => {
    state.finish(node.entry, "canceled", "expired");
  });
}

/** Moves at most `limit` nodes whose time has come. */
export function step(
  state: MemoryState,
  heap: Heap<Node>,
  alive: (node: Node) => boolean,
  limit: number,
  move: (node: Node) => void,
): StepReply {
  const now = state.clock.now();
  let moved = 0;
  let node = peekAlive(heap, alive);
  while (node !== undefined && node.key <= now && moved < limit) {
    heap.pop();
    move(node);
    moved++;
    node = peekAlive(heap, alive);
  }
  return { moved, nextInMs: node === undefined ? null : Math.max(0, node.key - now) };
}
