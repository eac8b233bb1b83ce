/**
 * Types of jobs: how they stand.
 *
 * @module
 */

import type { TypeStats } from "../../insight/stats.ts";
import { type JobStatus, statuses } from "../../job/state.ts";
import { type Answer, data } from "../answer.ts";
import { queueStats } from "../queues.ts";
import type { Route } from "../route.ts";
import {
  boolean,
  described,
  enveloped,
  integer,
  list,
  named,
  object,
  type Schema,
  text,
} from "../schema.ts";

const countsSchema: Readonly<Record<JobStatus, Schema>> = Object.fromEntries(
  statuses.map((status) => [status, integer]),
) as Record<JobStatus, Schema>;

const typeSchema: Schema = named(
  "Type",
  object({
    type: text,
    ...countsSchema,
    queues: described(
      list(object({
        queue: text,
        ...countsSchema,
        paused: described(boolean, "Whether nothing of the type is started in the queue"),
      })),
      "The same by queue, by name",
    ),
  }),
);

/** Types. */
export const typeRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/types",
    access: "viewer",
    summary: "All types, by name: how many jobs there are in which status",
    description: "In the queues that whoever asks may see.",
    answer: { body: enveloped(list(typeSchema)) },
    handle: async (call): Promise<Answer> => {
      const pairs = (await queueStats(call)).flatMap(({ queue, types }) =>
        types.map((stats) => ({ queue, stats }))
      );
      const byType = Map.groupBy(pairs, ({ stats }) => stats.type);
      return data([...byType.keys()].sort().map((type) => typeOnWire(type, byType.get(type)!)));
    },
  },
];

/** How a type stands in a queue. */
interface Pair {
  readonly queue: string;
  readonly stats: TypeStats;
}

function typeOnWire(type: string, pairs: readonly Pair[]): object {
  const sumOf = (status: JobStatus): number =>
    pairs.reduce((sum, { stats }) => sum + stats.counts[status], 0);
  return {
    type,
    ...Object.fromEntries(statuses.map((status) => [status, sumOf(status)])),
    queues: pairs.map(({ queue, stats: { counts, paused } }) => ({ queue, ...counts, paused })),
  };
}
