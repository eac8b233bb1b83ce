/**
 * One thing done with all jobs that a query means, however many.
 *
 * @module
 */

import { findJobs } from "../../insight/search.ts";
import { statuses } from "../../job/state.ts";
import { type Answer, cursorPage, data } from "../answer.ts";
import type { Call } from "../call.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { jobQuerySchema } from "../job_query.ts";
import {
  boundedQuery,
  isPart,
  type Operation,
  operationActions,
  searchedFor,
  seesOperation,
} from "../operations/operation.ts";
import {
  addOrder,
  cancelOperation,
  cursorAfter,
  fitsMemo,
  isOperationId,
  listOperations,
  MOST_OPEN,
  openOperations,
  type OperationsPage,
  readOperation,
} from "../operations/operation_memos.ts";
import { orderOf } from "../operations/order.ts";
import { cursorRule, limitRule, type ParamRule } from "../params.ts";
import type { Route } from "../route.ts";
import {
  boolean,
  cursorPaged,
  described,
  enveloped,
  integer,
  list,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";
import { operationOnWire, operationSchema } from "../wire/operation.ts";

/** Jobs that a preview reads at the most, and ids that it tells. */
const PREVIEW_JOBS = 500;
const PREVIEW_IDS = 20;
/** Operations that are read at once for those who see some queues, and most such pages of one request. */
const PAGE = 100;
const MOST_PAGES = 10;
/** How many jobs there may be more than somebody was shown: so many, or a tenth. */
const FEW_MORE = 100;
/** As much as the error of a job may have that is canceled. */
const MAX_REASON_LENGTH = 1000;

const asked: Readonly<Record<string, Schema>> = {
  action: oneOf(...operationActions),
  query: jobQuerySchema,
};

const previewSchema: Schema = object(asked);

const bodySchema: Schema = {
  ...object({
    ...asked,
    "reason?": described(
      { ...text, maxLength: MAX_REASON_LENGTH },
      "In words; of a cancel, the error of its jobs",
    ),
    "expected?": described(
      { ...integer, minimum: 0 },
      "The `total` that somebody was shown: refused if it is far more by now",
    ),
  }),
  examples: [{
    action: "retry",
    query: { status: ["dead_letter"], queue: "mail" },
    reason: "the mail server is back",
  }],
};

const params: Readonly<Record<string, ParamRule>> = {
  id: {
    description: "Id of the operation",
    schema: { type: "string", pattern: "^[0-9a-f-]{36}$" },
    accepts: isOperationId,
  },
};

/** Operations. */
export const operationRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/v1/operations",
    access: "operator",
    summary: "Does one thing with all jobs that a query means, however many",
    description:
      "It is done in the background, by whichever process of the monitor lives; look how far it is " +
      "with GET. What comes into a status after it was asked for is left alone, and it is done with " +
      "each job once. A query that names no status means those that the action is for: `retry` " +
      "those that failed or were canceled; `cancel` those that have not ended; `promote` those that " +
      "are scheduled or wait for a retry; `requeue` (the same again as a new job, without parents, " +
      "unique key and expiry) and `delete`, for " +
      "admins, those that have ended. A `delete` may also name waiting ones.\n\n" +
      "While a `cancel` goes on, a job that somebody brings back may be canceled once more. An " +
      "operation is kept for 30 days.",
    body: bodySchema,
    answer: { status: 202, body: enveloped(operationSchema) },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "operation.start",
    handle: startOperation,
  },
  {
    method: "POST",
    path: "/api/v1/operations/preview",
    access: "operator",
    summary: "What an operation would be done with, as far as a look at up to 500 jobs tells",
    body: previewSchema,
    answer: {
      body: enveloped(object({
        action: oneOf(...operationActions),
        status: described(list(oneOf(...statuses)), "Those that the query means"),
        total: described(integer, "How many jobs the query could mean at most"),
        looked: described(integer, "Jobs that were read"),
        matched: described(integer, "Those of them that are meant"),
        complete: described(boolean, "Whether all were read, so that `matched` is all"),
        job_ids: described(list(text), "The first of those that are meant"),
      })),
    },
    errors: ["NOT_FOUND"],
    handle: previewOperation,
  },
  {
    method: "GET",
    path: "/api/v1/operations",
    access: "viewer",
    summary: "Operations, the newest first",
    description: "Who sees some queues only is told of their own, as far as there are no " +
      `${MOST_PAGES * PAGE} others between them.`,
    query: { limit: limitRule, cursor: cursorRule },
    answer: { body: cursorPaged(operationSchema) },
    handle: async (call): Promise<Answer> => {
      const limit = call.query.number("limit", limitRule);
      const { operations, cursor } = await seenOperations(call, limit, call.query.get("cursor"));
      const shown = operations.map((one) => operationOnWire(one, call.who));
      return cursorPage(shown, { limit, cursor });
    },
  },
  {
    method: "GET",
    path: "/api/v1/operations/{id}",
    access: "viewer",
    summary: "One operation, and how far it is",
    params,
    answer: { body: enveloped(operationSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => {
      const operation = await operationOfPath(call);
      if (operation.end === undefined) call.desk.operations.nudge();
      return data(operationOnWire(operation, call.who));
    },
  },
  {
    method: "POST",
    path: "/api/v1/operations/{id}/cancel",
    access: "operator",
    summary: "Ends an operation early: what it has done stays",
    description: "The step that is under way is done. One that has ended is refused.",
    params,
    answer: { body: enveloped(operationSchema) },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "operation.cancel",
    handle: async (call): Promise<Answer> => {
      const operation = await operationOfPath(call);
      if (operation.end !== undefined) {
        throw new ApiError("CONFLICT", `the operation is ${operation.end.state} already`);
      }
      await cancelOperation(await call.desk.store(), operation.order.id, call.who.name);
      call.desk.operations.wake();
      return data(operationOnWire({ ...operation, isCanceling: true }, call.who));
    },
  },
];

/** The next operations that there are for whoever asks. Of the others neither a short page tells nor a cursor. */
async function seenOperations(
  call: Call,
  limit: number,
  from: string | undefined,
): Promise<OperationsPage> {
  const store = await call.desk.store();
  if (call.who.queues === null) return await listOperations(store, { limit, cursor: from });
  const found: Operation[] = [];
  let cursor = from;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await listOperations(store, { limit: PAGE, cursor });
    found.push(...page.operations.filter((one) => seesOperation(call.who, one)));
    if (found.length > limit) {
      const operations = found.slice(0, limit);
      return { operations, cursor: cursorAfter(operations.at(-1)!) };
    }
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return { operations: found };
}

async function operationOfPath(call: Call): Promise<Operation> {
  const operation = await readOperation(await call.desk.store(), call.params.id!);
  if (operation === undefined || !seesOperation(call.who, operation)) throw notFound("operation");
  return operation;
}

async function startOperation(call: Call): Promise<Answer> {
  const body = await call.body(bodySchema);
  const store = await call.desk.store();
  const order = await orderOf(call, store, body);
  const { id, action, query, reason, total } = order;
  const { expected = Infinity } = body as { expected?: number };
  if (total > expected + Math.max(FEW_MORE, expected / 10)) {
    throw new ApiError("CONFLICT", `it would be for up to ${total} jobs, not ${expected}`);
  }
  if (!fitsMemo(order)) throw badRequest("the query names too many queues");
  if ((await openOperations(store)).length >= MOST_OPEN) {
    throw new ApiError("CONFLICT", `there are ${MOST_OPEN} operations that have not ended`);
  }
  await addOrder(store, order);
  call.desk.operations.wake();
  return {
    ...data(operationOnWire({ order, isCanceling: false }, call.who)),
    status: 202,
    headers: { location: `/api/v1/operations/${id}` },
    detail: { id, action, query, reason, total },
  };
}

async function previewOperation(call: Call): Promise<Answer> {
  const body = await call.body(previewSchema);
  const store = await call.desk.store();
  const order = await orderOf(call, store, body);
  const options = { limit: PREVIEW_JOBS, see: searchedFor(order, call.desk.redactor) };
  const { jobs, scanned, cursor } = await findJobs(store, boundedQuery(order), options);
  const part = jobs.filter((job) => isPart(order, job));
  return data({
    action: order.action,
    status: order.query.statuses,
    total: order.total,
    looked: Math.max(scanned, jobs.length),
    matched: part.length,
    complete: cursor === undefined,
    job_ids: part.slice(0, PREVIEW_IDS).map(({ id }) => id),
  });
}
