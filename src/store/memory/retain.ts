/**
 * Final jobs leave, in the memory store.
 *
 * @module
 */

import type { StepReply } from "../store.ts";
import { step } from "./ready.ts";
import { isPurging } from "./nodes.ts";
import type { MemoryState } from "./state.ts";

/** See `RetainStage.prune`. */
export function prune(state: MemoryState, limit: number): StepReply {
  const aged = step(state, state.purging, isPurging, limit, ({ entry }) => state.remove(entry));
  let moved = aged.moved;
  moved += state.quotas.prune(limit - moved, (entry) => state.remove(entry));
  let more = state.quotas.over.size > 0;
  const lists = [...state.retained.values()].flatMap((byQueue) => [...byQueue.values()]);
  for (const list of lists) {
    while (moved < limit && state.trim(list)) moved++;
    more ||= list.entries.size > state.limits.maxCount;
  }
  state.desk.prune(limit);
  return { moved, nextInMs: more ? 0 : aged.nextInMs };
}

/** Removes a few of those whose time has come, with every settle. */
export function pruneAged(state: MemoryState, limit: number): void {
  step(state, state.purging, isPurging, limit, ({ entry }) => state.remove(entry));
}
