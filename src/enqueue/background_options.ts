/**
 * Options of a background enqueuer, their rules and defaults, and what it tells.
 *
 * @module
 */

import { checkBoolean, checkFunction, checkInteger, checkKeys } from "../checks.ts";
import { type Clock, systemClock } from "../clock.ts";
import { jsonLogger, type Logger } from "../logger.ts";
import type { JobHandle } from "./handle.ts";
import type { EnqueueOptions } from "./options.ts";

/** A job on its way, as it was added. */
export interface BackgroundItem {
  /** Type of the job. */
  readonly type: string;
  /** Its payload, as it was when it was added. */
  readonly payload: unknown;
  /** Its options, with its id. */
  readonly options: EnqueueOptions & { readonly id: string };
}

/** What became of jobs that were added. */
export interface FlushReport {
  /** Jobs that are in the store. */
  readonly enqueued: number;
  /** Jobs that failed for good; each was given to `onError`. */
  readonly failed: number;
}

/** Options of a background enqueuer. */
export interface BackgroundOptions {
  /** Most jobs that may wait to be sent or be under way. @default {10_000} */
  readonly maxBuffered?: number;
  /** Milliseconds that `close` gives the jobs that are left. @default {30_000} */
  readonly closeTimeoutMs?: number;
  /** Called for each job that failed for good. What it throws is logged. @default {logs it} */
  readonly onError?: (error: unknown, item: BackgroundItem) => void;
  /** Called for each job that is in the store. What it throws is logged. */
  readonly onEnqueued?: (handle: JobHandle, item: BackgroundItem) => void;
  /** Where log lines go. @default {JSON lines on standard error} */
  readonly logger?: Logger;
  /** Source of elapsed time and timers. @default {the system's clock} */
  readonly clock?: Clock;
}

/** Options of a background enqueuer that is made by itself, without `Client.background`. */
export interface BackgroundEnqueuerOptions extends BackgroundOptions {
  /** Writes one job, as `enqueue` of a client does. Calls in flight should go to the store together. */
  readonly enqueue: (
    type: string,
    payload: unknown,
    options: EnqueueOptions,
  ) => Promise<JobHandle>;
  /**
   * Whether `enqueue` is called in the async context in which the job was added,
   * as a client's `context` may want it. On behalf of the running job it is always.
   * @default {false}
   */
  readonly keepsContext?: boolean;
}

/** Options of a background enqueuer, filled in. */
export type BackgroundPlan = Required<BackgroundEnqueuerOptions>;

const KNOWN: readonly string[] = [
  "enqueue",
  "keepsContext",
  "maxBuffered",
  "closeTimeoutMs",
  "onError",
  "onEnqueued",
  "logger",
  "clock",
];

/** What tells of a failed job where nobody said how. */
export function logFailed(logger: Logger): (error: unknown, item: BackgroundItem) => void {
  return (error, { type, options: { id } }) =>
    logger.error("Job could not be enqueued", { id, type, error });
}

/**
 * Checks the options of a background enqueuer, and fills in what they leave out.
 *
 * @throws {InvalidOptionError} If one is unknown or breaks its rule.
 */
export function planBackground(options: BackgroundEnqueuerOptions): BackgroundPlan {
  const action = "enqueue in background";
  checkKeys(action, options, KNOWN);
  const {
    enqueue,
    keepsContext = false,
    maxBuffered = 10_000,
    closeTimeoutMs = 30_000,
    onEnqueued = () => {},
    logger = jsonLogger(),
    clock = systemClock,
  } = options;
  const { onError = logFailed(logger) } = options;
  checkFunction(action, "enqueue", enqueue);
  checkBoolean(action, "keepsContext", keepsContext);
  checkInteger(action, "maxBuffered", maxBuffered, 1);
  checkInteger(action, "closeTimeoutMs", closeTimeoutMs, 0);
  checkFunction(action, "onError", onError);
  checkFunction(action, "onEnqueued", onEnqueued);
  return { enqueue, keepsContext, maxBuffered, closeTimeoutMs, onError, onEnqueued, logger, clock };
}
