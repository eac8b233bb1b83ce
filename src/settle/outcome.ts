/**
 * What a handler throws to say more than "failed". Each works anywhere in the
 * chain of causes of the error thrown.
 *
 * @module
 */

import { checkInteger } from "../checks.ts";
import { GqmError } from "../errors.ts";

/**
 * Thrown by a handler: no retry will help, dead-letter the job now.
 *
 * @example
 * ```ts
 * import { SkipRetry } from "@gqm/gqm";
 *
 * function send(to: string): void {
 *   if (!to.includes("@")) throw new SkipRetry(`'${to}' is no address`);
 * }
 * send("ada@example.com");
 * ```
 */
export class SkipRetry extends GqmError {
  /** Name of the class. */
  override readonly name = "SkipRetry";
  /** Stable name of this error, for code to branch on. */
  readonly code = "SKIP_RETRY";
}

/** Thrown by a handler: try again after this delay. Uses up a retry. */
export class RetryAfter extends GqmError {
  /** Name of the class. */
  override readonly name = "RetryAfter";
  /** Stable name of this error, for code to branch on. */
  readonly code = "RETRY_AFTER";
  /** Delay in milliseconds. */
  readonly delayMs: number;

  /**
   * Makes the error.
   *
   * @param delayMs Delay in milliseconds.
   * @param message Why.
   * @throws {InvalidOptionError} If the delay is not a whole number >= 0.
   */
  constructor(delayMs: number, message?: string, options?: ErrorOptions) {
    super(message ?? `Asked to be retried after ${delayMs} ms`, options);
    checkInteger("retry job", "delayMs", delayMs, 0);
    this.delayMs = delayMs;
  }
}

/** Thrown by a handler: the job is no longer wanted. It ends as canceled, without a retry. */
export class Cancel extends GqmError {
  /** Name of the class. */
  override readonly name = "Cancel";
  /** Stable name of this error, for code to branch on. */
  readonly code = "CANCEL";
}

/** Longest chain of causes that is looked through. */
const MAX_CAUSES = 20;

/** The first of an outcome's class in an error's chain of causes. */
export function findOutcome(error: unknown): SkipRetry | RetryAfter | Cancel | undefined {
  try {
    let at: unknown = error;
    for (let i = 0; i < MAX_CAUSES && at instanceof Error; i++) {
      if (at instanceof SkipRetry || at instanceof RetryAfter || at instanceof Cancel) return at;
      at = at.cause;
    }
  } catch {
    // A cause that throws when it is read, or a revoked proxy, says no more than "failed".
  }
  return undefined;
}
