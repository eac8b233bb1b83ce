/**
 * A claimed job as its holder may see it: its payload read, and checked by the
 * schema of its type.
 *
 * @module
 */

import { checkPayload } from "../job/check_payload.ts";
import { type ClaimedJob, type Job, toJob } from "../job/job.ts";
import type { JobDefinition } from "../job/registry.ts";
import { failureOf } from "../settle/failure.ts";
import type { Verdict } from "../store/store.ts";
import { StoredPayloadError } from "./errors.ts";

/** The job, or what is to become of one that must not run. */
export type StoredPayload =
  | { readonly ok: true; readonly job: Job }
  | { readonly ok: false; readonly verdict: Verdict; readonly error: unknown };

/**
 * Reads a claimed job and asks its schema. Never throws.
 *
 * @param decideOn Says what becomes of a job that failed with this error.
 */
export async function readStored(
  claimed: ClaimedJob,
  definition: JobDefinition | undefined,
  decideOn: (error: unknown) => Verdict,
): Promise<StoredPayload> {
  let job: Job;
  try {
    job = toJob(claimed);
  } catch (error) {
    const failure = failureOf(error, "Payload cannot be read: ");
    return { ok: false, verdict: { kind: "dead_letter", error: failure }, error };
  }
  return definition === undefined
    ? { ok: true, job }
    : await checkStored(job, definition, decideOn);
}

/**
 * Asks the schema of a job that was just read, and gives it the payload that the schema made. Never throws.
 *
 * @param decideOn Says what becomes of a job that failed with this error.
 */
export async function checkStored(
  job: Job,
  definition: JobDefinition,
  decideOn: (error: unknown) => Verdict,
): Promise<StoredPayload> {
  if (definition.payload === undefined) return { ok: true, job };
  try {
    const check = await checkPayload(definition.payload, job.payload);
    if (!check.ok) return refused(job, definition, check.issues, decideOn);
    (job as { payload: unknown }).payload = check.value;
    return { ok: true, job };
  } catch (error) {
    return { ok: false, verdict: decideOn(error), error };
  }
}

function refused(
  { type }: Job,
  { onInvalidPayload = "dead_letter" }: JobDefinition,
  issues: readonly string[],
  decideOn: (error: unknown) => Verdict,
): StoredPayload {
  const message = `Payload does not pass the schema of '${type}': ${issues.join("; ")}`;
  const error = new StoredPayloadError(message);
  const verdict: Verdict = onInvalidPayload === "retry"
    ? decideOn(error)
    : { kind: onInvalidPayload, error: { message } };
  return { ok: false, verdict, error };
}
