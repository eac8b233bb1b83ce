/**
 * Jobs that run otherwise than their producer said: with another payload, or another priority.
 *
 * @module
 */

import { payloadText } from "../../enqueue/prepare.ts";
import { readJob } from "../../insight/readable_job.ts";
import type { JobRecord } from "../../job/job.ts";
import { MAX_PRIORITY, MIN_PRIORITY } from "../../job/names.ts";
import { isFinal, statuses } from "../../job/state.ts";
import { actOnJob } from "../act.ts";
import { type Answer, done } from "../answer.ts";
import { needType } from "../auth/principal.ts";
import { needWholeEdit } from "../blind_edit.ts";
import type { Call } from "../call.ts";
import { optionsAgain } from "../enqueue/again.ts";
import { enqueueItems } from "../enqueue/enqueue_items.ts";
import { idempotencyHeader, once } from "../enqueue/idempotency.ts";
import { MAX_ITEM_BYTES } from "../enqueue/item.ts";
import { badRequest } from "../errors.ts";
import { jobIdParam } from "../params.ts";
import type { Route } from "../route.ts";
import {
  any,
  boolean,
  described,
  integer,
  object,
  oneOf,
  type Schema,
  text,
  yes,
} from "../schema.ts";

const params = { id: jobIdParam };

const editSchema: Schema = {
  ...object({
    payload: described(any, "What the handler gets: any JSON of at most 1 MiB"),
    "as_new?": described(
      { ...boolean, default: false },
      "Whether a new job gets the payload, and the one that is there stays as it is",
    ),
  }),
  examples: [{ payload: { to: "ada@example.com" } }],
};

const prioritySchema: Schema = object({
  priority: described({ ...integer, minimum: MIN_PRIORITY, maximum: MAX_PRIORITY }, "Higher first"),
});

/** Edits of jobs. */
export const jobEditRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/v1/jobs/{id}/edit",
    access: "operator",
    summary: "Gives a job another payload, and lets it run again if it has ended",
    description:
      "A job that waits keeps its place (`edited`). One that failed or was canceled runs again " +
      "with all its retries (`retried`). One that runs or has completed is refused. With `as_new`, " +
      "the job stays as it is, and a new one with the payload is enqueued (`enqueued`): of its " +
      "type, queue and priority, with its limits, retention and meta. It runs at once, and has no " +
      "parents, no unique key and no expiry. A repeat with the same `Idempotency-Key` adds none." +
      "\n\nThe payload is not checked before the job runs: a monitor knows no schemas of types. " +
      "Whoever sees `[redacted]` in the payload gives these values anew. Keys with some types edit " +
      "jobs of these alone.",
    params,
    headers: idempotencyHeader,
    body: editSchema,
    answer: {
      body: object({
        ok: yes,
        job_id: described(text, "The job that has the payload now"),
        status: oneOf(...statuses, "unknown"),
        outcome: oneOf("edited", "retried", "enqueued"),
      }),
    },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "job.edit",
    handle: edit,
  },
  {
    method: "POST",
    path: "/api/v1/jobs/{id}/priority",
    access: "operator",
    summary:
      "Changes the priority of a job that waits; a ready one goes to the end of its new line",
    params,
    body: prioritySchema,
    answer: {
      body: object({
        ok: yes,
        job_id: text,
        status: oneOf("ready", "scheduled", "deferred", "retry"),
        priority: integer,
      }),
    },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "job.priority",
    handle: async (call): Promise<Answer> => {
      const priority = (await call.body(prioritySchema)).priority as number;
      const status = await actOnJob(call, { kind: "prioritize", priority });
      return { ...done({ job_id: call.params.id, status, priority }), detail: { priority } };
    },
  },
];

async function edit(call: Call): Promise<Answer> {
  const { payload, as_new = false } = await call.body(editSchema, { maxBytes: MAX_ITEM_BYTES });
  const job = await call.job();
  needType(call.who, job.type);
  const text = payloadText(payload);
  checkHidden(call, job, payload);
  if (as_new) return await enqueueAgain(call, job, payload);
  if (!isFinal(job.status)) {
    return edited(job.id, await actOnJob(call, { kind: "edit", payload: text }), "edited");
  }
  return edited(job.id, await actOnJob(call, { kind: "retry", payload: text }), "retried");
}

function checkHidden(call: Call, record: JobRecord, payload: unknown): void {
  const { type } = record;
  const { job, isReadable } = readJob(record);
  if (!isReadable && call.desk.redactor.hides(type, call.who.role)) {
    throw badRequest("the payload that is there must be JSON, as a part of it is hidden");
  }
  needWholeEdit(call, type, { payload: job.payload, meta: null }, { payload, meta: null });
}

async function enqueueAgain(call: Call, record: JobRecord, payload: unknown): Promise<Answer> {
  const { id, type } = record;
  const item = { type, payload, options: optionsAgain(record) };
  const { jobs: [made] } = await once(call, { again: id, payload }, [item], (items) => {
    return enqueueItems(call, items, { isList: false });
  });
  return edited(made!.id, made!.status, "enqueued");
}

/** The payload is not in the audit log: it may hold what is not for admins. */
function edited(
  job_id: string,
  status: string | null,
  outcome: "edited" | "retried" | "enqueued",
): Answer {
  return { ...done({ job_id, status, outcome }), detail: { job_id, outcome } };
}
