/**
 * Looking into the memory store. A list reads every job: what a store with an
 * index does by the index, this one says by a sort.
 *
 * @module
 */

import { statuses } from "../../job/state.ts";
import { checkListQuery } from "../check_list.ts";
import type { CountRow, ListQuery, ListReply } from "../store.ts";
import { toRecord } from "./entry.ts";
import type { MemoryState } from "./state.ts";

/** See `InspectStage.list`. */
export function list(state: MemoryState, query: ListQuery): ListReply {
  const { status, queue, type, limit, cursor } = query;
  checkListQuery(query);
  const below = cursor === undefined ? Infinity : Number(cursor);
  const matching = [...state.jobs.values()]
    .filter((entry) => entry.status === status && entry.moved < below)
    .filter(({ job }) => (queue ?? job.queue) === job.queue && (type ?? job.type) === job.type)
    .sort((a, b) => b.moved - a.moved);
  const jobs = matching.slice(0, limit).map(toRecord);
  return matching.length > limit ? { jobs, cursor: String(matching[limit - 1]!.moved) } : { jobs };
}

/** See `InspectStage.counts`. */
export function counts(state: MemoryState): CountRow[] {
  const lanes = [...state.lanes.values()].flatMap((types) => [...types.values()]);
  const rows = lanes.flatMap(({ queue, type, counts }) =>
    statuses.map((status) => ({ queue, type, status, count: counts[status] }))
  );
  return rows.filter(({ count }) => count > 0);
}
