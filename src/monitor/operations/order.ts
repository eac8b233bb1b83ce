/**
 * From what a request says to the order of an operation.
 *
 * @module
 */

import { queuesOf } from "../../insight/job_query.ts";
import { uuidv7Generator } from "../../job/id.ts";
import type { Store } from "../../store/store.ts";
import { mayUse, needType } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { ApiError, badRequest } from "../errors.ts";
import { toJobQuery } from "../job_query.ts";
import {
  actionRules,
  type OperationAction,
  type OperationOrder,
  statusesFor,
} from "./operation.ts";

/**
 * What is asked for, as far as whoever asks may.
 *
 * @param body Keeps the rules of the schema.
 * @throws {ApiError} If they may not, or the query does not fit the action.
 */
export async function orderOf(
  call: Call,
  store: Store,
  body: Readonly<Record<string, unknown>>,
): Promise<OperationOrder> {
  const { action, reason = null } = body as { action: OperationAction; reason?: string };
  const { who } = call;
  const { role, statuses: known } = actionRules[action];
  if (!mayUse(who.role, role)) throw new ApiError("FORBIDDEN", `this needs the role '${role}'`);
  const query = toJobQuery(call, body.query, "query");
  const meant = statusesFor(action, query.statuses);
  if (meant === undefined) {
    throw badRequest(`'query.status' must be among ${known.join(", ")} for '${action}'`);
  }
  if (action === "requeue" && who.types !== null) {
    if (query.type === undefined) {
      throw badRequest("'query.type' must be given, as not all may be enqueued");
    }
    needType(who, query.type);
  }
  const { now } = await store.schedules({ ids: [] });
  const order = {
    id: uuidv7Generator(() => now)(),
    action,
    query: { ...query, statuses: meant },
    reason,
    who: { name: who.name, role: who.role, by: who.by, from: call.client ?? null },
    createdAt: now,
  };
  return { ...order, total: await mostMeant(store, order) };
}

/** How many jobs a query could mean at most, without a look at them. */
async function mostMeant(
  store: Store,
  { query }: Pick<OperationOrder, "query">,
): Promise<number> {
  const queues = queuesOf(query);
  const rows = (await store.counts()).filter(({ status, queue, type }) =>
    query.statuses.includes(status) && (queues?.includes(queue) ?? true) &&
    (query.type ?? type) === type
  );
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  return query.id === undefined ? total : Math.min(total, 1);
}
