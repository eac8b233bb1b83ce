/**
 * What a producer may say about one job, checked and turned into what a store
 * takes.
 *
 * @module
 */

import { checkBackoff } from "../check_backoff.ts";
import { checkBoolean, checkInteger, checkKeys, checkOneOf, toTime } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { BackoffPolicy } from "../job/backoff.ts";
import type { JobRetention, JobSettings } from "../job/job.ts";
import {
  DEFAULT_QUEUE,
  isJobId,
  isLimitKey,
  isQueueName,
  LIMIT_KEY_RULE,
  MAX_DELAY_MS,
  MAX_ENQUEUED_BY_LENGTH,
  MAX_PRIORITY,
  MIN_PRIORITY,
} from "../job/names.ts";
import type { TraceContext } from "../job/trace.ts";
import type { NewJob } from "../store/store.ts";
import { type EnqueueContext, mergedMeta, toTrace } from "./context.ts";
import { edgesOf, type ParentRef } from "./edges.ts";
import { InvalidJobIdError, InvalidQueueNameError } from "./errors.ts";
import { toRetention } from "./retention.ts";
import { type ConflictPolicy, storePolicy, type UniqueOptions } from "./unique.ts";

/** What a producer may say about one job. */
export interface EnqueueOptions {
  /** Own id: 1 to 256 of the characters `a-z A-Z 0-9 . _ -`. @default {a UUIDv7} */
  readonly id?: string;
  /** Queue: 1 to 128 of the characters `a-z A-Z 0-9 . _ : -`. @default {"default"} */
  readonly queue?: string;
  /** −30 to 30, higher first. @default {0} */
  readonly priority?: number;
  /**
   * Starts no earlier than this many milliseconds from now, or for a job with
   * parents from the end of the last of them. Not together with `runAt`.
   */
  readonly delayMs?: number;
  /** Starts no earlier than this time (epoch milliseconds or a `Date`); a time that has passed means now. */
  readonly runAt?: number | Date;
  /** Is canceled with the error "expired" unless it has started by this time (epoch milliseconds or a `Date`). */
  readonly expireAt?: number | Date;
  /** Retries after the first attempt; 0 for none. @default {the handler's, else the pool's, else the server's, else 3} */
  readonly maxRetry?: number;
  /** Delays before the retries in milliseconds; the last one goes on. Short for a `custom` backoff. */
  readonly retryIntervals?: readonly number[];
  /** Delay before a retry. Not together with `retryIntervals`. @default {the handler's, else the pool's, else the server's, else 10 s} */
  readonly backoff?: BackoffPolicy;
  /** Time limit of one attempt in milliseconds. @default {the handler's, else the pool's, else the server's, else 30 min} */
  readonly timeoutMs?: number;
  /**
   * Free data that travels with the job; at most 64 KiB as JSON, with what it inherits.
   * @default {what it inherits, which is also added where it has no such key}
   */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Trace that the job belongs to, as W3C Trace Context. @default {what it inherits} */
  readonly trace?: TraceContext;
  /**
   * Whether it takes over `meta` and `trace` from where it is enqueued: from the
   * client's `context`, and below a running handler from its job.
   * @default {true}
   */
  readonly inheritContext?: boolean;
  /** Free text: who enqueues it; at most 256 characters. */
  readonly enqueuedBy?: string;
  /** Goes before the waiting jobs of its queue and priority when it becomes ready. @default {false} */
  readonly atFront?: boolean;
  /**
   * Jobs that must be final before this one runs; at most 1000. They must be in
   * the store, or come in the same batch.
   */
  readonly dependsOn?: readonly ParentRef[];
  /**
   * What to do about a parent that is not in the store: `reject` throws
   * `MissingParentError`, `resolved` runs the job as if that parent had completed.
   * @default {"reject"}
   */
  readonly onMissingParent?: "reject" | "resolved";
  /**
   * What makes this job the same work as another, and for how long. `true`: its
   * `id`, as long as a job with it is there.
   */
  readonly unique?: boolean | UniqueOptions;
  /**
   * What to do when the same work is there already, or the `id` is in use, also
   * by a final job that is still retained:
   *
   * - `reject` throws `DuplicateJobError`;
   * - `existing` resolves to a handle of the job that is there;
   * - `replace` gives that job this payload, if it is of the same type and still
   *   waits, and throws if not;
   * - `debounce` does the same, and its delay begins anew (the last one wins);
   * - `throttle` is `existing` for the time of `unique.ttlMs`, or until that job is
   *   removed (the first one wins);
   * - `rerun`: if that job is running, this one runs once more after it; if it
   *   waits, that is enough, and its handle is the answer.
   *
   * @default {"reject"}
   */
  readonly onConflict?: ConflictPolicy;
  /**
   * Key by which limits count the job, besides its type: 1 to 128 of the
   * characters `a-z A-Z 0-9 . _ : -`, such as the customer that it is for.
   */
  readonly limitKey?: string;
  /**
   * Own retention: milliseconds, 0 to remove it at once (who waits for the result
   * in another process may then miss it), −1 or `Infinity` to keep it for ever;
   * and `maxCount`, how many jobs of its queue, type and final status are kept of
   * those that have one, `Infinity` for no number. What it does not say, its type
   * says in the registry, else the store.
   */
  readonly retention?: JobRetention;
  /** False: out of retries, it is removed instead of kept as a dead letter. @default {true} */
  readonly deadLetter?: boolean;
}

const KNOWN: readonly string[] = [
  "id",
  "queue",
  "priority",
  "delayMs",
  "runAt",
  "expireAt",
  "maxRetry",
  "retryIntervals",
  "backoff",
  "timeoutMs",
  "meta",
  "trace",
  "inheritContext",
  "enqueuedBy",
  "atFront",
  "dependsOn",
  "onMissingParent",
  "unique",
  "onConflict",
  "limitKey",
  "retention",
  "deadLetter",
];

const FLAGS = ["atFront", "deadLetter", "inheritContext"] as const;

const ENQUEUE = "enqueue job";
const NO_SETTINGS: JobSettings = {};

/**
 * Checks the options and makes the job that a store takes.
 *
 * @param payload JSON text.
 * @param newId Makes an id where the options name none.
 * @throws {InvalidOptionError} If an option breaks its rule.
 */
export function newJob(
  type: string,
  payload: string,
  options: EnqueueOptions | undefined,
  newId: () => string,
  inherited?: EnqueueContext,
  ofType?: JobRetention,
): NewJob {
  if (options === undefined) {
    if (inherited !== undefined) return newJob(type, payload, {}, newId, inherited, ofType);
    const settings = ofType === undefined ? NO_SETTINGS : { retention: ofType };
    return { id: newId(), type, queue: DEFAULT_QUEUE, priority: 0, payload, settings };
  }
  checkKeys(ENQUEUE, options, KNOWN);
  const { queue = DEFAULT_QUEUE, priority = 0, delayMs, runAt, atFront, onMissingParent } = options;
  const onConflict = storePolicy(options.onConflict);
  const { id = newId() } = options;
  if (!isJobId(id)) throw new InvalidJobIdError(ENQUEUE, id);
  if (!isQueueName(queue)) throw new InvalidQueueNameError(ENQUEUE, queue);
  checkInteger(ENQUEUE, "priority", priority, MIN_PRIORITY, MAX_PRIORITY);
  for (const name of FLAGS) {
    if (options[name] !== undefined) checkBoolean(ENQUEUE, name, options[name]);
  }
  if (onMissingParent !== undefined) {
    checkOneOf(ENQUEUE, "onMissingParent", onMissingParent, ["reject", "resolved"]);
  }
  if (delayMs !== undefined) {
    checkInteger(ENQUEUE, "delayMs", delayMs, 0, MAX_DELAY_MS);
    if (runAt !== undefined) {
      throw new InvalidOptionError(ENQUEUE, "runAt", "not be given together with 'delayMs'", runAt);
    }
  }
  const context = options.inheritContext === false ? undefined : inherited;
  const settings = settingsOf(options, id, context, ofType);
  const job: Writable<NewJob> = { id, type, queue, priority, payload, settings };
  // Also in the settings, so that whoever runs the job can tell how long it waited.
  if (delayMs !== undefined) settings.delayMs = job.delayMs = delayMs;
  if (runAt !== undefined) settings.runAt = job.runAt = toTime(ENQUEUE, "runAt", runAt);
  if (atFront === true) job.atFront = atFront;
  if (onMissingParent === "resolved") job.onMissingParent = onMissingParent;
  if (onConflict !== undefined) job.onConflict = onConflict;
  return job;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The part of the options that is kept with the job. */
function settingsOf(
  options: EnqueueOptions,
  id: string,
  inherited: EnqueueContext | undefined,
  ofType: JobRetention | undefined,
): Writable<JobSettings> {
  const { maxRetry, timeoutMs, expireAt, deadLetter, enqueuedBy, limitKey } = options;
  const meta = mergedMeta(options.meta, inherited?.meta);
  const trace = options.trace === undefined ? inherited?.trace : toTrace(options.trace);
  const retention = options.retention === undefined
    ? ofType
    : toRetention(ENQUEUE, options.retention, ofType);
  const edges = options.dependsOn === undefined
    ? undefined
    : edgesOf(ENQUEUE, options.dependsOn, id);
  if (maxRetry !== undefined) checkInteger(ENQUEUE, "maxRetry", maxRetry, 0);
  if (timeoutMs !== undefined) checkInteger(ENQUEUE, "timeoutMs", timeoutMs, 1);
  if (
    enqueuedBy !== undefined &&
    !(typeof enqueuedBy === "string" && enqueuedBy.length <= MAX_ENQUEUED_BY_LENGTH)
  ) {
    const rule = `be a string of at most ${MAX_ENQUEUED_BY_LENGTH} characters`;
    throw new InvalidOptionError(ENQUEUE, "enqueuedBy", rule, enqueuedBy);
  }
  if (limitKey !== undefined && !isLimitKey(limitKey)) {
    throw new InvalidOptionError(ENQUEUE, "limitKey", LIMIT_KEY_RULE, limitKey);
  }
  const backoff = backoffOf(options);
  const settings: Writable<JobSettings> = {};
  if (maxRetry !== undefined) settings.maxRetry = maxRetry;
  if (backoff !== undefined) settings.backoff = backoff;
  if (timeoutMs !== undefined) settings.timeoutMs = timeoutMs;
  if (expireAt !== undefined) settings.expireAt = toTime(ENQUEUE, "expireAt", expireAt);
  if (deadLetter === false) settings.deadLetter = deadLetter;
  if (retention !== undefined) settings.retention = retention;
  if (meta !== undefined) settings.meta = meta;
  if (trace !== undefined) settings.trace = trace;
  if (enqueuedBy !== undefined) settings.enqueuedBy = enqueuedBy;
  if (edges !== undefined && edges.length > 0) settings.dependsOn = edges;
  if (limitKey !== undefined) settings.limitKey = limitKey;
  return settings;
}

/** The backoff of a job: a copy, so that later changes by the caller do not reach it. */
function backoffOf({ retryIntervals, backoff }: EnqueueOptions): BackoffPolicy | undefined {
  if (retryIntervals !== undefined && backoff !== undefined) {
    const rule = "not be given together with 'retryIntervals'";
    throw new InvalidOptionError(ENQUEUE, "backoff", rule, backoff);
  }
  const policy: BackoffPolicy | undefined = retryIntervals === undefined
    ? backoff
    : { type: "custom", intervals: retryIntervals };
  if (policy === undefined) return undefined;
  checkBackoff(ENQUEUE, retryIntervals === undefined ? "backoff" : "retryIntervals", policy);
  const { intervals } = policy;
  return intervals === undefined ? { ...policy } : { ...policy, intervals: [...intervals] };
}
