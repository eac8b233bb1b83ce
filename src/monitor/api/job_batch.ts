/**
 * One thing done with some jobs that are named.
 *
 * @module
 */

import { isJobId } from "../../job/names.ts";
import type { JobAction } from "../../store/store.ts";
import { actOnJobs } from "../act.ts";
import { type Answer, data } from "../answer.ts";
import type { Call } from "../call.ts";
import { badRequest } from "../errors.ts";
import { jobIdParam } from "../params.ts";
import type { Route } from "../route.ts";
import { boolean, enveloped, integer, list, object, type Schema, text } from "../schema.ts";

/** Most jobs of one call. */
const MOST_IDS = 100;

const bodySchema: Schema = {
  type: "object",
  properties: {
    job_ids: { type: "array", items: jobIdParam.schema, minItems: 1, maxItems: MOST_IDS },
  },
  required: ["job_ids"],
};

const answerSchema = enveloped(object({
  succeeded: integer,
  failed: integer,
  results: list(object({ job_id: text, ok: boolean, "error?": text })),
}));

/** Jobs that are named. */
export const jobBatchRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/v1/jobs/batch/retry",
    access: "operator",
    summary: "Retries up to 100 jobs, each of them or not",
    body: bodySchema,
    answer: { body: answerSchema },
    change: "job.retry",
    handle: (call): Promise<Answer> => batch(call, { kind: "retry" }),
  },
  {
    method: "POST",
    path: "/api/v1/jobs/batch/delete",
    access: "admin",
    summary: "Removes up to 100 jobs for good, each of them or not",
    body: bodySchema,
    answer: { body: answerSchema },
    change: "job.delete",
    handle: (call): Promise<Answer> => batch(call, { kind: "remove" }),
  },
];

async function batch(call: Call, action: JobAction): Promise<Answer> {
  const acted = await actOnJobs(call, await readIds(call), action);
  const done = acted.filter(({ error }) => error === undefined);
  const counts = { succeeded: done.length, failed: acted.length - done.length };
  const results = acted.map(({ id, error }) =>
    error === undefined ? { job_id: id, ok: true } : { job_id: id, ok: false, error: error.message }
  );
  return {
    ...data({ ...counts, results }),
    detail: { ...counts, job_ids: done.map(({ id }) => id) },
  };
}

async function readIds(call: Call): Promise<string[]> {
  const { job_ids: ids } = await call.json();
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MOST_IDS) {
    throw badRequest(`'job_ids' must be a list of 1 to ${MOST_IDS} ids`);
  }
  if (!ids.every(isJobId)) throw badRequest("'job_ids' holds what is no id of a job");
  return [...new Set(ids)];
}
