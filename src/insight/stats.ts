/**
 * How a store stands, by queue and type: pure.
 *
 * @module
 */

import { type JobStatus, statuses } from "../job/state.ts";
import type { CountRow, EndCounts, PauseTarget, TotalsRow } from "../store/store.ts";
import { sumOfEnds } from "./points.ts";

/** How jobs stand, and what ended. */
export interface Standing {
  /** Jobs that are in the store now, by status. */
  readonly counts: Readonly<Record<JobStatus, number>>;
  /** What ended since the beginning. */
  readonly totals: EndCounts;
}

/** How the jobs of one type in one queue stand. */
export interface TypeStats extends Standing {
  /** The job's type. */
  readonly type: string;
  /** Whether nothing of it can be claimed: the type, the queue, or the type in the queue is paused. */
  readonly paused: boolean;
}

/** How the jobs of one queue stand. */
export interface QueueStats extends Standing {
  /** Name of the queue. */
  readonly queue: string;
  /** Whether the whole queue is paused. */
  readonly paused: boolean;
  /** The same by type, in the order of their names. */
  readonly types: readonly TypeStats[];
}

/** How a whole store stands. */
export interface Stats extends Standing {
  /** All queues that hold or held jobs or are paused, in the order of their names. */
  readonly queues: readonly QueueStats[];
  /** Everything that is paused. */
  readonly paused: readonly PauseTarget[];
}

/** What stats are made of. */
export interface StatsSource {
  readonly counts: readonly CountRow[];
  readonly totals: readonly TotalsRow[];
  readonly paused: readonly PauseTarget[];
}

/** Puts counts, totals and pauses together. */
export function toStats({ counts, totals, paused }: StatsSource): Stats {
  const isPaused = (queue: string | null, type: string | null): boolean =>
    paused.some((target) => target.queue === queue && target.type === type);
  const countsByQueue = Map.groupBy(counts, ({ queue }) => queue);
  const totalsByQueue = Map.groupBy(totals, ({ queue }) => queue);
  const pausedQueues = paused.map(({ queue }) => queue).filter((queue) => queue !== null);
  const names = new Set([...countsByQueue.keys(), ...totalsByQueue.keys(), ...pausedQueues]);
  const queues = [...names].sort().map((queue): QueueStats => {
    const own = { counts: countsByQueue.get(queue) ?? [], totals: totalsByQueue.get(queue) ?? [] };
    const types = new Set([...own.counts, ...own.totals].map(({ type }) => type));
    return {
      queue,
      ...toStanding(own),
      paused: isPaused(queue, null),
      types: [...types].sort().map((type): TypeStats => ({
        type,
        ...toStanding({
          counts: own.counts.filter((row) => row.type === type),
          totals: own.totals.filter((row) => row.type === type),
        }),
        paused: isPaused(queue, null) || isPaused(null, type) || isPaused(queue, type),
      })),
    };
  });
  return { ...toStanding({ counts, totals }), queues, paused };
}

function toStanding({ counts, totals }: Omit<StatsSource, "paused">): Standing {
  const sums = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<
    JobStatus,
    number
  >;
  for (const { status, count } of counts) sums[status] += count;
  return { counts: sums, totals: sumOfEnds(totals) };
}
