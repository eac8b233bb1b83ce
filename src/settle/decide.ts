/**
 * The verdict on a failed attempt: retry, dead-letter or cancel. Pure.
 *
 * @module
 */

import type { BackoffPolicy } from "../job/backoff.ts";
import type { JobSettings } from "../job/job.ts";
import { MAX_DELAY_MS } from "../job/names.ts";
import type { Rng } from "../rng.ts";
import type { Verdict } from "../store/store.ts";
import { type BackoffFunction, defaultBackoff, retryDelayMs } from "./backoff.ts";
import { failureOf } from "./failure.ts";
import { Cancel, findOutcome, RetryAfter, SkipRetry } from "./outcome.ts";

/** What handler, pool and server say about failures. */
export interface FailurePolicy {
  /** Retries after the first attempt, unless the job says. */
  readonly maxRetry: number;
  /** Delay before a retry, unless the job says. */
  readonly backoff: BackoffPolicy | BackoffFunction;
  /** Whether an error counts; one that does not is retried without using up a retry. */
  readonly isFailure?: (error: unknown) => boolean;
}

/** A failed attempt. */
export interface FailedAttempt {
  readonly error: unknown;
  readonly retryCount: number;
  readonly settings: JobSettings;
  /** The handler did not stop and was left alone: always counts. */
  readonly abandoned?: boolean;
  /** Put before the error's message. */
  readonly prefix?: string;
}

/**
 * Decides what becomes of a job whose attempt failed.
 *
 * In this order: `SkipRetry` dead-letters, `Cancel` cancels; a counted failure
 * is retried while retries are left, else dead-lettered; one that does not
 * count is retried if retries are allowed at all. A predicate or a backoff
 * function that throws counts as "yes" and as the default delay.
 */
export function decide(attempt: FailedAttempt, policy: FailurePolicy, rng: Rng): Verdict {
  const error = failureOf(attempt.error, attempt.prefix);
  const outcome = findOutcome(attempt.error);
  if (outcome instanceof SkipRetry) return { kind: "dead_letter", error };
  if (outcome instanceof Cancel) return { kind: "cancel", error };

  const maxRetry = attempt.settings.maxRetry ?? policy.maxRetry;
  const counted = attempt.abandoned === true || outcome instanceof RetryAfter ||
    counts(attempt.error, policy);
  const retry = counted ? attempt.retryCount + 1 : attempt.retryCount;
  if (maxRetry === 0 || retry > maxRetry) return { kind: "dead_letter", error };
  const delayMs = outcome instanceof RetryAfter
    ? outcome.delayMs
    : delayOf(attempt.settings.backoff ?? policy.backoff, retry, attempt.error, rng);
  return { kind: "retry", delayMs: Math.min(delayMs, MAX_DELAY_MS), counted, error };
}

function counts(error: unknown, { isFailure }: FailurePolicy): boolean {
  try {
    return isFailure === undefined || isFailure(error) !== false;
  } catch {
    return true;
  }
}

function delayOf(
  backoff: BackoffPolicy | BackoffFunction,
  retry: number,
  error: unknown,
  rng: Rng,
): number {
  if (typeof backoff !== "function") return retryDelayMs(backoff, retry, rng);
  try {
    const delay = backoff(Math.max(1, retry), error);
    if (Number.isFinite(delay) && delay >= 0) return Math.round(delay);
  } catch {
    // The default below is the answer to a function that cannot give one.
  }
  return retryDelayMs(defaultBackoff, retry, rng);
}
