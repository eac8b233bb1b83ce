/**
 * Options of a consumer and of its claims, their rules and defaults.
 *
 * @module
 */

import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKeys,
  checkNames,
  checkOneOf,
} from "../checks.ts";
import { type Clock, systemClock } from "../clock.ts";
import { isJobType, isQueueName, QUEUE_RULE, TYPE_RULE } from "../job/names.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import { type Logger, loggerOf, type LogLevel, logLevels } from "../logger.ts";
import { type Rng, systemRng } from "../rng.ts";
import type { FailurePolicy } from "../settle/decide.ts";
import type { ClaimSource, Store } from "../store/store.ts";
import { checkRunLimits, type RunLimits } from "./handler.ts";
import { serverDefaults, SHORTEST_LEASE_MS } from "./server_options.ts";

/** Options of a consumer. */
export interface ConsumerOptions<J extends JobMap = AnyJobs>
  extends Pick<RunLimits, "maxRetry" | "backoff"> {
  /**
   * A store, or its URL. A store given as an object is not closed by the consumer.
   * @default {the environment variable GQM_STORE, else "sqlite:./gqm.db"}
   */
  readonly store?: Store | string;
  /** Registry: claims of types outside it are refused, and payloads are checked before they are given out. */
  readonly jobs?: J;
  /**
   * Milliseconds that a claim holds, unless it is extended; at least 100. Shorter
   * than it takes to do the work, and the job runs twice.
   * @default {15_000}
   */
  readonly leaseMs?: number;
  /**
   * Whether leases are extended while the process lives, as a server does. Else
   * only `extend` does so, and a job that was claimed and forgotten comes back
   * after `leaseMs`.
   * @default {false}
   */
  readonly autoExtend?: boolean;
  /**
   * Whether to keep the store in order meanwhile, as servers do: without it, and
   * without a server, jobs whose holder died never come back, and no schedule fires.
   * @default {true}
   */
  readonly upkeep?: boolean;
  /** Deliveries that end with their holder's death before a job is dead-lettered. @default {5} */
  readonly maxDeliveries?: number;
  /**
   * Whether an error counts as a failure; one that does not is retried without
   * using up a retry.
   */
  readonly isFailure?: (error: unknown) => boolean;
  /** Where log lines go. @default {JSON lines on standard error} */
  readonly logger?: Logger;
  /** Least level that is logged. @default {"info", or with a `logger` of your own "debug"} */
  readonly logLevel?: LogLevel;
  /** Source of elapsed time and timers. @default {the system's clock} */
  readonly clock?: Clock;
  /** Source of chance, for jitter. @default {the system's} */
  readonly rng?: Rng;
}

/** What a consumer asks for. */
export interface ClaimOptions<T extends string = string> {
  /** Types of the jobs. */
  readonly types: readonly T[];
  /** Queues, the first one before the others. @default {all queues, in turn} */
  readonly queues?: readonly string[];
  /** Most jobs, from 1 to 1000. @default {1} */
  readonly limit?: number;
  /**
   * Milliseconds to wait until there is a job; `Infinity` waits for as long as it
   * takes.
   * @default {0}
   */
  readonly waitMs?: number;
  /** Ends the wait. What is claimed at that moment is given back. */
  readonly signal?: AbortSignal;
}

const KNOWN: readonly string[] = [
  "store",
  "jobs",
  "leaseMs",
  "autoExtend",
  "upkeep",
  "maxDeliveries",
  "maxRetry",
  "backoff",
  "isFailure",
  "logger",
  "logLevel",
  "clock",
  "rng",
];

/** Options of a consumer with their defaults. */
export interface ConsumerPlan {
  readonly leaseMs: number;
  readonly autoExtend: boolean;
  readonly upkeep: boolean;
  readonly maxDeliveries: number;
  readonly policy: FailurePolicy;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly rng: Rng;
}

/**
 * Checks the options of a consumer, and fills in what they leave out.
 *
 * @throws {InvalidOptionError} If one is unknown or out of range.
 */
export function planConsumer<J extends JobMap>(options: ConsumerOptions<J>): ConsumerPlan {
  const action = "create consumer";
  checkKeys(action, options, KNOWN);
  checkRunLimits(action, options);
  const {
    leaseMs = serverDefaults.leaseMs,
    autoExtend = false,
    upkeep = true,
    maxDeliveries = serverDefaults.maxDeliveries,
    maxRetry = serverDefaults.maxRetry,
    backoff = serverDefaults.backoff,
    isFailure,
    logger,
    logLevel,
    clock = systemClock,
    rng = systemRng,
  } = options;
  checkInteger(action, "leaseMs", leaseMs, SHORTEST_LEASE_MS);
  checkBoolean(action, "autoExtend", autoExtend);
  checkBoolean(action, "upkeep", upkeep);
  checkInteger(action, "maxDeliveries", maxDeliveries, 1);
  if (isFailure !== undefined) checkFunction(action, "isFailure", isFailure);
  if (logLevel !== undefined) checkOneOf(action, "logLevel", logLevel, logLevels);
  return {
    leaseMs,
    autoExtend,
    upkeep,
    maxDeliveries,
    policy: { maxRetry, backoff, isFailure },
    logger: loggerOf({ logger, logLevel }),
    clock,
    rng,
  };
}

/** What a claim asks for, checked. */
export interface ClaimPlan {
  readonly sources: readonly ClaimSource[];
  readonly limit: number;
  readonly waitMs: number;
}

/** Most jobs of one claim. */
const MAX_CLAIM = 1000;

/**
 * Checks the options of a claim.
 *
 * @throws {InvalidOptionError} If one is unknown or breaks its rule.
 */
export function planClaim(options: ClaimOptions): ClaimPlan {
  const action = "claim jobs";
  checkKeys(action, options, ["types", "queues", "limit", "waitMs", "signal"]);
  const { types, queues, limit = 1, waitMs = 0 } = options;
  checkNames(action, "types", types, isJobType, TYPE_RULE);
  if (queues !== undefined) checkNames(action, "queues", queues, isQueueName, QUEUE_RULE);
  checkInteger(action, "limit", limit, 1, MAX_CLAIM);
  if (waitMs !== Infinity) checkInteger(action, "waitMs", waitMs, 0);
  const sources = (queues ?? [null]).map((queue) => ({ queue, types, share: limit }));
  return { sources, limit, waitMs };
}
