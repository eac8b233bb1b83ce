/**
 * Who has waited longest, in the memory store: what a store with an index finds by the index, this
 * one says by a look at every job.
 *
 * @module
 */

import type { OldestRow } from "../store.ts";
import type { Entry } from "./entry.ts";
import type { Lane, MemoryState } from "./state.ts";

/** See `InspectStage.oldest`. */
export function oldest({ jobs, clock }: MemoryState): OldestRow[] {
  const now = clock.now();
  const found = new Map<Lane, OldestRow>();
  for (const entry of jobs.values()) {
    const readyAt = waitsSince(entry);
    if (readyAt > now || readyAt >= (found.get(entry.lane)?.readyAt ?? Infinity)) continue;
    const { id, queue, type } = entry.job;
    found.set(entry.lane, { queue, type, id, readyAt });
  }
  return [...found.values()];
}

/** Since when a job waits to be claimed; Infinity if it does not. */
function waitsSince({ status, readyAt, runAt }: Entry): number {
  return status === "ready" ? readyAt : runAt ?? Infinity;
}
