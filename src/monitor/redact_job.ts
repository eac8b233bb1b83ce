/**
 * A job without what is not for whoever looks: pure.
 *
 * @module
 */

import { readJob } from "../insight/readable_job.ts";
import type { Attempt, JobRecord } from "../job/job.ts";
import type { Role } from "./auth/principal.ts";
import { REDACTED, type Redactor } from "./redact.ts";

/** What is not shown to everyone, and who looks. */
export interface Looker {
  readonly redactor: Redactor;
  readonly role: Role;
}

const REDACTED_JSON = JSON.stringify(REDACTED);

/** Copies a job without what is not for a role; the same object if there is nothing. */
export function redactJob(record: JobRecord, looker: Looker): JobRecord {
  const { redactor, role } = looker;
  const { type, settings } = record;
  if (!redactor.hides(type, role)) return record;
  const { job, isReadable } = readJob(record);
  const { payload, result, meta } = redactor.apply(job, type, role);
  // What is hidden cannot be found in a text that is no JSON.
  const toJson = (value: unknown): string => isReadable ? JSON.stringify(value) : REDACTED_JSON;
  return withoutTexts({
    ...record,
    payload: toJson(payload),
    result: record.result === null ? null : toJson(result),
    settings: settings.meta === undefined
      ? settings
      : { ...settings, meta: meta as typeof settings.meta },
  }, looker);
}

function withoutTexts(record: JobRecord, { redactor, role }: Looker): JobRecord {
  const { type, error, attempts, logs, progress } = record;
  const hidesError = redactor.hidesText("error", type, role);
  const hidesLogs = redactor.hidesText("logs", type, role);
  const hidesProgress = redactor.hidesText("progress", type, role);
  return {
    ...record,
    error: hidesError && error !== null ? REDACTED : error,
    attempts: hidesError ? attempts.map(withoutError) : attempts,
    logs: hidesLogs ? logs.map(({ at }) => ({ at, text: REDACTED })) : logs,
    progress: hidesProgress && progress?.message ? { ...progress, message: REDACTED } : progress,
  };
}

/** What an error is called and grouped by tells nothing of payloads. */
function withoutError(attempt: Attempt): Attempt {
  const { error } = attempt;
  if (error === undefined) return attempt;
  const stack = error.stack === undefined ? {} : { stack: REDACTED };
  return { ...attempt, error: { ...error, message: REDACTED, ...stack } };
}
