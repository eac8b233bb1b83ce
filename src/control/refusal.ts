/**
 * Why something was not done with a job, in words.
 *
 * @module
 */

import type { ActionReply, JobAction } from "../store/store.ts";
import { JobNotFoundError, JobRefusedError } from "./errors.ts";

const WAITS = "it must wait (ready, scheduled, deferred or retry)";

/** What an action is called in errors, and what must hold of a job for it. */
export const wordsOf: Readonly<
  Record<JobAction["kind"], { readonly action: string; readonly rule: string }>
> = {
  cancel: { action: "cancel job", rule: "it must not have ended" },
  retry: { action: "retry job", rule: "it must have failed or been canceled" },
  remove: { action: "remove job", rule: "it must not be running" },
  promote: { action: "promote job", rule: "it must be scheduled or wait for a retry" },
  prioritize: { action: "change priority of job", rule: WAITS },
  edit: { action: "change payload of job", rule: WAITS },
};

/** Why an action was not carried out; undefined if it was, or if there was nothing to do. */
export function refusalOf(
  kind: JobAction["kind"],
  id: string,
  reply: ActionReply,
): JobNotFoundError | JobRefusedError | undefined {
  const { action, rule } = wordsOf[kind];
  if (reply.outcome === "missing") return new JobNotFoundError(action, id);
  if (reply.outcome === "refused") return new JobRefusedError(action, rule, { ...reply, id });
  return undefined;
}
