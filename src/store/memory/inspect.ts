/**
 * Looking into the memory store. A list reads every job: what a store with an
 * index does by the index, this one says by a sort.
 *
 * @module
 */

import { statuses } from "../../job/state.ts";
import { checkListQuery } from "../check_list.ts";
import type { CountRow, ListQuery, ListReply } from "../store.ts";
import { isByDueTime, isInRange } from "../list_time.ts";
import { type Entry, toRecord } from "./entry.ts";
import type { MemoryState } from "./state.ts";

/** See `InspectStage.list`. */
export function list(state: MemoryState, query: ListQuery): ListReply {
  const { status, queue, type, limit, cursor } = query;
  const byTime = isByDueTime(query);
  checkListQuery(query, byTime ? TIME_AND_MOVE : undefined);
  const keyOf = ({ runAt, moved }: Entry): Key => [byTime ? runAt! : 0, moved];
  const last = cursor === undefined ? undefined : parseKey(cursor);
  const matching = [...state.jobs.values()]
    .filter((entry) => entry.status === status && isInRange(query, entry))
    .filter(({ job }) => (queue ?? job.queue) === job.queue && (type ?? job.type) === job.type)
    .filter((entry) => last === undefined || newestFirst(last, keyOf(entry)) < 0)
    .sort((a, b) => newestFirst(keyOf(a), keyOf(b)));
  const jobs = matching.slice(0, limit).map(toRecord);
  if (matching.length <= limit) return { jobs };
  const [time, moved] = keyOf(matching[limit - 1]!);
  return { jobs, cursor: byTime ? `${time}:${moved}` : String(moved) };
}

/** Where a job stands in a list: by due time if that is asked for, then by its move. */
type Key = readonly [time: number, moved: number];

const TIME_AND_MOVE = /^\d{1,16}:\d{1,15}$/;

function parseKey(cursor: string): Key {
  const [moved = 0, time = 0] = cursor.split(":").reverse().map(Number);
  return [time, moved];
}

function newestFirst(a: Key, b: Key): number {
  return b[0] - a[0] || b[1] - a[1];
}

/** See `InspectStage.counts`. */
export function counts(state: MemoryState): CountRow[] {
  const lanes = [...state.lanes.values()].flatMap((types) => [...types.values()]);
  const rows = lanes.flatMap(({ queue, type, counts }) =>
    statuses.map((status) => ({ queue, type, status, count: counts[status] }))
  );
  return rows.filter(({ count }) => count > 0);
}
