/**
 * Queues: how they stand, what waits in them, and their switches.
 *
 * @module
 */

import type { QueueStats } from "../../insight/stats.ts";
import { type Answer, data, done } from "../answer.ts";
import { queueParam } from "../params.ts";
import { queueOfPath, queueStats } from "../queues.ts";
import type { Route } from "../route.ts";
import {
  boolean,
  enveloped,
  integer,
  list,
  named,
  object,
  oneOf,
  type Schema,
  text,
  yes,
} from "../schema.ts";

/** A queue on the wire. */
const queueSchema: Schema = named(
  "Queue",
  object({
    name: text,
    ready: integer,
    processing: integer,
    completed: integer,
    dead_letter: integer,
    scheduled: integer,
    deferred: integer,
    retry: integer,
    canceled: integer,
    stopped: integer,
    failed: integer,
    processed_total: integer,
    failed_total: integer,
    paused: boolean,
  }),
);

const params = { name: queueParam };

/** Queues. */
export const queueRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/queues",
    access: "viewer",
    summary: "All queues, by name",
    answer: { body: enveloped(list(queueSchema)) },
    handle: async (call): Promise<Answer> => data((await queueStats(call)).map(queueOnWire)),
  },
  {
    method: "GET",
    path: "/api/v1/queues/{name}",
    access: "viewer",
    summary: "One queue",
    params,
    answer: { body: enveloped(queueSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => data(queueOnWire(await queueOfPath(call))),
  },
  {
    method: "POST",
    path: "/api/v1/queues/{name}/pause",
    access: "operator",
    summary: "Pauses a queue: nothing more of it is started",
    params,
    answer: { body: switched("paused") },
    errors: ["NOT_FOUND"],
    change: "queue.pause",
    handle: async (call): Promise<Answer> => {
      const { queue } = await queueOfPath(call);
      await call.desk.control.pause({ queue });
      return done({ queue, status: "paused" });
    },
  },
  {
    method: "POST",
    path: "/api/v1/queues/{name}/resume",
    access: "operator",
    summary: "Resumes a queue",
    params,
    answer: { body: switched("active") },
    errors: ["NOT_FOUND"],
    change: "queue.resume",
    handle: async (call): Promise<Answer> => {
      const { queue } = await queueOfPath(call);
      await call.desk.control.resume({ queue });
      return done({ queue, status: "active" });
    },
  },
];

function switched(status: string): Schema {
  return object({ ok: yes, queue: text, status: oneOf(status) });
}

function queueOnWire({ queue, counts, totals, paused }: QueueStats): object {
  const { completed: processed_total, dead: failed_total } = totals;
  return { name: queue, ...counts, processed_total, failed_total, paused };
}
