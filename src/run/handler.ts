/**
 * Handlers, middleware and callbacks, and what may be said about them.
 *
 * @module
 */

import { checkBackoff } from "../check_backoff.ts";
import { checkFunction, checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { BackoffPolicy } from "../job/backoff.ts";
import type { Job } from "../job/job.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import type { JobStatus } from "../job/state.ts";
import type { BackoffFunction } from "../settle/backoff.ts";
import type { JobContext } from "./context.ts";

/** Does the work of one type of job. What it returns is stored as the job's result. */
export type Handler<P = unknown, R = unknown, J extends JobMap = AnyJobs> = (
  context: JobContext<P, R, J>,
) => R | Promise<R>;

/**
 * Wraps every handler of a server: `next` runs the rest and gives its result.
 * Of two, the one added first is the outer one.
 */
export type Middleware = (context: JobContext, next: () => Promise<unknown>) => unknown;

/** The end of one attempt, as callbacks get it. */
export interface AttemptEnd<P = unknown, R = unknown> {
  /** The job, as it was when the attempt began. */
  readonly job: Job<P, R>;
  /** The job's status after the attempt. */
  readonly status: Extract<JobStatus, "completed" | "retry" | "dead_letter" | "canceled">;
  /** What the handler returned, if it completed. */
  readonly result?: R;
  /** What was thrown, if it failed. */
  readonly error?: unknown;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Milliseconds that it took. */
  readonly ranMs: number;
}

/** Called after the end of an attempt is in the store. What it throws is logged. */
export type Callback<P = unknown, R = unknown> = (end: AttemptEnd<P, R>) => unknown;

/** Limits and retries that handler, pool and server may each set; the first to say wins. */
export interface RunLimits {
  /** Time limit of one attempt in milliseconds; there is always one. @default {1_800_000} (30 min) */
  readonly timeoutMs?: number;
  /**
   * Time between the signal's abort and the handler's being left alone, in
   * milliseconds; a server's own also holds for `stop`.
   * @default {10_000}
   */
  readonly graceMs?: number;
  /** Retries after the first attempt. @default {3} */
  readonly maxRetry?: number;
  /** Delay before a retry. @default {10 s, always} */
  readonly backoff?: BackoffPolicy | BackoffFunction;
}

/** Options of a handler. */
export interface HandlerOptions<P = unknown, R = unknown> extends RunLimits {
  /** Gives the type a pool of its own, with the type's name and this many slots. */
  readonly concurrency?: number;
  /**
   * Whether an error counts as a failure; one that does not is retried without
   * using up a retry. Must answer at once: a promise counts as yes.
   */
  readonly isFailure?: (error: unknown) => boolean;
  /** Called after an attempt that completed. */
  readonly onSuccess?: Callback<P, R>;
  /** Called after an attempt that failed. */
  readonly onFailure?: Callback<P, R>;
  /** Called after every attempt, after the other one. */
  readonly onComplete?: Callback<P, R>;
}

/** A handler with its options. */
export interface HandlerEntry {
  readonly type: string;
  readonly handler: Handler;
  readonly options: HandlerOptions;
}

/**
 * Checks the limits that handler, pool or server set.
 *
 * @throws {InvalidOptionError} If one is out of range.
 */
export function checkRunLimits(action: string, limits: RunLimits): void {
  const { timeoutMs, graceMs, maxRetry, backoff } = limits;
  if (timeoutMs !== undefined) checkInteger(action, "timeoutMs", timeoutMs, 1);
  if (graceMs !== undefined) checkInteger(action, "graceMs", graceMs, 0);
  if (maxRetry !== undefined) checkInteger(action, "maxRetry", maxRetry, 0);
  if (backoff !== undefined && typeof backoff !== "function") {
    checkBackoff(action, "backoff", backoff);
  }
}

/** Most slots of a pool. */
export const MAX_CONCURRENCY = 100_000;

const KNOWN = [
  "concurrency",
  "timeoutMs",
  "graceMs",
  "maxRetry",
  "backoff",
  "isFailure",
  "onSuccess",
  "onFailure",
  "onComplete",
];

/**
 * Checks the options of a handler.
 *
 * @param more Options that are known besides, and checked elsewhere.
 * @throws {InvalidOptionError} If one is unknown or out of range.
 */
export function checkHandlerOptions(options: HandlerOptions, more: readonly string[] = []): void {
  const action = "add handler";
  checkKeys(action, options, [...more, ...KNOWN]);
  checkRunLimits(action, options);
  if (options.concurrency !== undefined) {
    checkInteger(action, "concurrency", options.concurrency, 1, MAX_CONCURRENCY);
  }
  for (const name of ["isFailure", "onSuccess", "onFailure", "onComplete"] as const) {
    if (options[name] !== undefined) checkFunction(action, name, options[name]);
  }
}

/** Most jobs of a batch, unless its handler says otherwise. */
export const DEFAULT_BATCH = 100;
/** Most jobs of a batch that a handler may ask for. */
const MAX_BATCH_SIZE = 1000;

/**
 * Checks the options of a batch handler.
 *
 * @throws {InvalidOptionError} If one is unknown or out of range.
 */
export function checkBatchHandlerOptions(
  options: HandlerOptions & { readonly size?: number },
): void {
  const action = "add handler";
  checkHandlerOptions(options, ["size"]);
  const { size = DEFAULT_BATCH, concurrency = size } = options;
  checkInteger(action, "size", size, 1, MAX_BATCH_SIZE);
  if (concurrency >= size) return;
  const rule = `be at least 'size', ${size}, as it counts jobs and not batches`;
  throw new InvalidOptionError(action, "concurrency", rule, concurrency);
}

/** Wraps a handler in middleware, the first outermost. */
export function wrap(handler: Handler, middleware: readonly Middleware[]): Handler {
  return middleware.reduceRight<Handler>((inner, outer) => (context) => {
    let called = false;
    const next = async (): Promise<unknown> => {
      if (called) {
        throw new Error(
          "Cannot run handler as middleware must call 'next' once: it was called again",
        );
      }
      called = true;
      return await inner(context);
    };
    return outer(context, () => {
      const rest = next();
      // Middleware that does not wait for it must not crash the process.
      rest.catch(() => {});
      return rest;
    });
  }, handler);
}
