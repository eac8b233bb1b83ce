/**
 * Enqueueing over HTTP, for producers that cannot reach the store.
 *
 * @module
 */

import { DuplicateJobError } from "../../enqueue/errors.ts";
import { statuses } from "../../job/state.ts";
import { type Answer, data } from "../answer.ts";
import type { Call } from "../call.ts";
import { problemIn } from "../check_schema.ts";
import { checkScopes, conflictFor, enqueueItems } from "../enqueue/enqueue_items.ts";
import { idempotencyHeader, once } from "../enqueue/idempotency.ts";
import { itemOf, itemSchema, MAX_ITEM_BYTES, MAX_ITEMS } from "../enqueue/item.ts";
import { badRequest } from "../errors.ts";
import type { Route } from "../route.ts";
import {
  boolean,
  described,
  enveloped,
  list,
  named,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";

const listSchema: Schema = object({
  jobs: { ...list(itemSchema), minItems: 1, maxItems: MAX_ITEMS },
});

/** A job that was enqueued. */
const enqueuedSchema: Schema = named(
  "Enqueued",
  object({
    id: text,
    status: described(
      oneOf(...statuses, "unknown"),
      "When it was enqueued; `unknown` if that was told nobody and the job has gone",
    ),
    is_new: described(boolean, "False if it is another job, which was there already"),
  }),
);

/** Enqueueing. */
export const enqueueRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/v1/jobs",
    access: "producer",
    summary: "Enqueues a job, or up to 100 of them, all or none",
    description:
      "Answers 201 with a `Location`, or 200 if nothing new was written. A repeat with the same " +
      "`Idempotency-Key` is answered 200 with `Idempotent-Replay: true`; with another body, the key " +
      "is refused. `enqueued_by` of a job is the name of the user or key.\n\n" +
      "Keys and users with some queues alone enqueue into these alone, and cannot `replace`, " +
      "`debounce` or `rerun` what is there; keys with some types, only jobs of these.",
    headers: idempotencyHeader,
    body: { anyOf: [itemSchema, listSchema] },
    answer: {
      status: 201,
      otherStatuses: [200],
      body: { anyOf: [enveloped(enqueuedSchema), enveloped(list(enqueuedSchema))] },
    },
    errors: ["CONFLICT"],
    change: "job.enqueue",
    isRoutine: true,
    handle: enqueue,
  },
];

async function enqueue(call: Call): Promise<Answer> {
  const body = await call.json({ maxBytes: MAX_ITEM_BYTES });
  const isList = Object.hasOwn(body, "jobs");
  const problem = problemIn(isList ? listSchema : itemSchema, body, "");
  if (problem !== undefined) throw badRequest(problem);
  const wireItems = isList ? body.jobs as readonly Readonly<Record<string, unknown>>[] : [body];
  const items = wireItems.map(itemOf);
  checkScopes(call, items);
  const { jobs, isReplay } = await once(
    call,
    body,
    items,
    (named) => enqueueItems(call, named, { isList }),
  ).catch(async (error: unknown) => {
    throw error instanceof DuplicateJobError ? await conflictFor(call, error) : error;
  });
  const ids = jobs.map(({ id }) => id);
  return {
    ...data(isList ? jobs : jobs[0]),
    status: !isReplay && jobs.some(({ is_new }) => is_new) ? 201 : 200,
    headers: {
      ...isList ? {} : { location: `/api/v1/jobs/${ids[0]}` },
      ...isReplay ? { "idempotent-replay": "true" } : {},
    },
    detail: { ids },
  };
}
