/**
 * How queues and servers stand, and what of that has changed: pure.
 *
 * @module
 */

import type { QueueStats } from "../../insight/stats.ts";
import { isQueueName } from "../../job/names.ts";
import { statuses } from "../../job/state.ts";
import type { ServerRecord } from "../../store/store.ts";
import { showsQueue, type View } from "./view.ts";

/** Most queues and servers that are told at once. */
const MOST_AT_ONCE = 500;

/** How the queues stand, by name. */
export type Queues = ReadonlyMap<string, QueueStats>;
/** The servers that live, by id. */
export type Servers = ReadonlyMap<string, ServerRecord>;

/** The queues of some stats. */
export function toQueues(queues: readonly QueueStats[]): Queues {
  // What stands for queues for which the store had no room is none.
  return new Map(queues.filter(({ queue }) => isQueueName(queue)).map((one) => [one.queue, one]));
}

/** How the queues stand that are new or other than before, and those that are gone. */
export interface QueueChanges {
  /** Whether these are all. */
  readonly full: boolean;
  readonly queues: readonly QueueStats[];
  readonly gone: readonly string[];
}

/** What has changed; all, if nothing was known before. */
export function changesOf(now: Queues, before?: Queues): QueueChanges {
  if (before === undefined) return { full: true, queues: [...now.values()], gone: [] };
  return {
    full: false,
    queues: [...now].flatMap(([name, one]) => isSame(one, before.get(name)) ? [] : [one]),
    gone: [...before.keys()].filter((name) => !now.has(name)),
  };
}

/** The same as a view shows it; undefined if there is nothing to show. */
export function queuesOnWire(changes: QueueChanges, view: View): object | undefined {
  const { full } = changes;
  const queues = changes.queues.filter(({ queue }) => showsQueue(view, queue));
  const gone = changes.gone.filter((name) => showsQueue(view, name));
  if (!full && queues.length + gone.length === 0) return undefined;
  const told = queues.slice(0, MOST_AT_ONCE);
  const left = gone.slice(0, MOST_AT_ONCE);
  const more = queues.length - told.length + gone.length - left.length;
  return { full, queues: told.map((one) => queueOnWire(one, view)), gone: left, more };
}

/** Who came and who went; undefined if nobody did. */
export function serversOnWire(now: Servers, before?: Servers): object | undefined {
  const came = [...now.values()].filter(({ id }) => !before?.has(id));
  const went = [...before?.keys() ?? []].filter((id) => !now.has(id));
  if (before !== undefined && came.length + went.length === 0) return undefined;
  const joined = came.slice(0, MOST_AT_ONCE);
  const left = went.slice(0, MOST_AT_ONCE);
  return {
    count: now.size,
    joined: joined.map(({ id, about }) => ({ id, hostname: about.hostname })),
    left,
    more: came.length - joined.length + went.length - left.length,
  };
}

function queueOnWire({ queue, paused, counts, types }: QueueStats, { type }: View): object {
  if (type === undefined) return { name: queue, paused, ...counts };
  const own = types.find((one) => one.type === type)?.counts;
  const none = Object.fromEntries(statuses.map((status) => [status, 0]));
  return { name: queue, paused, ...own ?? none };
}

function isSame(one: QueueStats, other: QueueStats | undefined): boolean {
  return other !== undefined && one.paused === other.paused &&
    one.types.length === other.types.length &&
    one.types.every(({ type, counts }, i) => {
      const { type: otherType, counts: otherCounts } = other.types[i]!;
      return type === otherType &&
        statuses.every((status) => counts[status] === otherCounts[status]);
    });
}
