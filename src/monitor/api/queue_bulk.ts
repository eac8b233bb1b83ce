/**
 * One thing done with all jobs of a status in one queue.
 *
 * @module
 */

import type { BulkOptions, BulkReport } from "../../control/bulk.ts";
import { type Answer, done } from "../answer.ts";
import type { Call } from "../call.ts";
import { cursorRule, queueParam } from "../params.ts";
import { queueOfPath } from "../queues.ts";
import type { Route } from "../route.ts";
import { described, integer, object, type Schema, text, yes } from "../schema.ts";

/** Most jobs that one call empties, retries or clears, as in GQM (Go). */
const MOST_AT_ONCE = 1000;

const params = { name: queueParam };
const query = { cursor: cursorRule };
const description = "Answers with a cursor if there may be more: the next call goes on there.";

/** Many jobs of a queue at once. */
export const queueBulkRoutes: readonly Route[] = [
  {
    method: "DELETE",
    path: "/api/v1/queues/{name}/empty",
    access: "admin",
    summary: "Cancels the jobs of a queue that are ready, 1000 at the most",
    description,
    params,
    query,
    answer: { body: bulkSchema("removed") },
    errors: ["NOT_FOUND"],
    change: "queue.empty",
    handle: async (call): Promise<Answer> => {
      const filter = { status: "ready", queue: call.queue() } as const;
      return await bulk(call, "removed", (options) => {
        return call.desk.control.cancelAll(filter, options);
      });
    },
  },
  {
    method: "POST",
    path: "/api/v1/queues/{name}/dead-letter/retry-all",
    access: "operator",
    summary: "Retries the dead letters of a queue, 1000 at the most",
    description,
    params,
    query,
    answer: { body: bulkSchema("retried") },
    errors: ["NOT_FOUND"],
    change: "queue.retry_dead_letters",
    handle: async (call): Promise<Answer> => {
      const filter = { status: "dead_letter", queue: call.queue() } as const;
      return await bulk(call, "retried", (options) => {
        return call.desk.control.retryAll(filter, options);
      });
    },
  },
  {
    method: "DELETE",
    path: "/api/v1/queues/{name}/dead-letter/clear",
    access: "admin",
    summary: "Removes the dead letters of a queue for good, 1000 at the most",
    description,
    params,
    query,
    answer: { body: bulkSchema("cleared") },
    errors: ["NOT_FOUND"],
    change: "queue.clear_dead_letters",
    handle: async (call): Promise<Answer> => {
      const { queue } = await queueOfPath(call);
      const filter = { status: "dead_letter", queue } as const;
      return await bulk(call, "cleared", (options) => {
        return call.desk.control.removeAll(filter, options);
      });
    },
  },
];

/** Does it in steps. Where one fails, those before it are told, as they are done: the next call goes on there. */
async function bulk(
  { query, desk }: Call,
  name: string,
  run: (options: BulkOptions) => Promise<BulkReport>,
): Promise<Answer> {
  let soFar: BulkReport | undefined;
  const onProgress = (report: BulkReport): void => void (soFar = report);
  const options = { limit: MOST_AT_ONCE, cursor: query.get("cursor"), onProgress };
  const { changed, refused, cursor } = await run(options).catch((error: unknown) => {
    if (soFar === undefined) throw error;
    desk.logger.error("Change of many jobs broke off", { [name]: soFar.changed, error });
    return soFar;
  });
  const told = { [name]: changed, refused, cursor };
  return { ...done({}, told), detail: told };
}

function bulkSchema(name: string): Schema {
  const told = {
    [name]: described(integer, "How many"),
    refused: described(integer, "How many could not, such as those whose parent has failed"),
    "cursor?": described(text, "Where to go on; absent when all were looked at"),
  };
  return object({ ok: yes, ...told, data: object(told) });
}
