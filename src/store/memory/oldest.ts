/**
 * Who has waited longest, in the memory store: what a store with an index finds by the index, this
 * one says by a look at every job that waits.
 *
 * @module
 */

import type { OldestRow } from "../store.ts";
import type { Entry } from "./entry.ts";
import type { Node } from "./nodes.ts";
import type { Lane, MemoryState } from "./state.ts";

/** See `InspectStage.oldest`. */
export function oldest(state: MemoryState): OldestRow[] {
  const now = state.clock.now();
  const found = new Map<Lane, OldestRow>();
  for (const { entry } of waiting(state)) {
    const readyAt = waitsSince(entry);
    if (readyAt > now || readyAt >= (found.get(entry.lane)?.readyAt ?? Infinity)) continue;
    const { id, queue, type } = entry.job;
    found.set(entry.lane, { queue, type, id, readyAt });
  }
  return [...found.values()];
}

/** The nodes of all jobs that wait to be claimed, and of some that did. */
function* waiting({ lanes, parking, due }: MemoryState): Generator<Node> {
  for (const types of lanes.values()) {
    for (const lane of types.values()) yield* lane.ready;
  }
  for (const lines of parking.lines.values()) {
    for (const line of lines.values()) yield* line;
  }
  yield* due;
}

/** Since when a job waits to be claimed; Infinity if it does not. */
function waitsSince({ status, readyAt, runAt, removed }: Entry): number {
  if (removed) return Infinity;
  return status === "ready" ? readyAt : runAt ?? Infinity;
}
