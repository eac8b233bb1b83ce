/**
 * Options of a server, their rules and defaults.
 *
 * @module
 */

import { checkBoolean, checkInteger, checkKeys, checkOneOf } from "../checks.ts";
import type { Clock } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import type { BackoffPolicy } from "../job/backoff.ts";
import { isQueueName, QUEUE_RULE } from "../job/names.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import { type Logger, type LogLevel, logLevels } from "../logger.ts";
import type { Rng } from "../rng.ts";
import type { ScheduleOptions } from "../schedule/options.ts";
import { checkZone } from "../schedule/zone.ts";
import { type BackoffFunction, defaultBackoff } from "../settle/backoff.ts";
import type { RetentionLimits, Store } from "../store/store.ts";
import { checkTracing, type Tracing } from "../tracing.ts";
import type { AttemptPlan } from "./attempt.ts";
import {
  checkRunLimits,
  type HandlerEntry,
  type Middleware,
  type RunLimits,
  wrap,
} from "./handler.ts";
import type { ApiOptions, DashboardOptions } from "./open_api.ts";
import type { PoolPlan } from "./pool_plan.ts";

/** Options of a server. */
export interface ServerOptions<J extends JobMap = AnyJobs> extends RunLimits {
  /**
   * A store, or its URL. A store given as an object is not closed by the server.
   * @default {the environment variable GQM_STORE, else "sqlite:./gqm.db"}
   */
  readonly store?: Store | string;
  /** Registry: handlers for types outside it are refused, and payloads are checked before they run. */
  readonly jobs?: J;
  /** Retention that a store opened by URL applies. Not together with a store given as an object. */
  readonly retention?: Partial<RetentionLimits>;
  /** Where log lines go. @default {JSON lines on standard error} */
  readonly logger?: Logger;
  /** Least level that is logged. @default {"info", or with a `logger` of your own "debug"} */
  readonly logLevel?: LogLevel;
  /**
   * Milliseconds after which the jobs of a server that died are given to
   * another; at least 100. Extended while the process lives, however long a job
   * runs. Give all servers of a store the same.
   * @default {15_000}
   */
  readonly leaseMs?: number;
  /** Deliveries that end with their holder's death before a job is dead-lettered. @default {5} */
  readonly maxDeliveries?: number;
  /** Milliseconds that `stop` waits for running jobs before it aborts their signals. @default {30_000} */
  readonly shutdownTimeoutMs?: number;
  /**
   * Schedules that the program defines, by id, like those of `Server.schedule`. Give an empty object
   * to remove those that it defined before.
   */
  readonly schedules?: Readonly<Record<string, ScheduleOptions<J>>>;
  /**
   * Name of the program's set of schedules: those in the store with this name that the program does
   * not define any more are removed when it starts. Give each program on one store its own. By the
   * rule of queue names.
   * @default {"default"}
   */
  readonly scheduleScope?: string;
  /** Whether this server fires schedules; all that do share the work. @default {true} */
  readonly scheduler?: boolean;
  /** Zone of schedules that name none, such as `Europe/Berlin`. @default {"UTC"} */
  readonly timeZone?: string;
  /**
   * Serves the monitor beside the workers, on the server's store, from `start` until the end of
   * `stop`; checked by `start`.
   * @default {no monitor}
   */
  readonly api?: ApiOptions;
  /** Whether the monitor of `api` serves the dashboard as well, and where. @default {false} */
  readonly dashboard?: boolean | DashboardOptions;
  /**
   * Follows attempts, what handlers enqueue through their context, fires of schedules, and upkeep:
   * `openTelemetry()` of `@gqm/gqm/otel`, or your own.
   */
  readonly tracing?: Tracing;
  /** Source of elapsed time and timers. @default {the system's clock} */
  readonly clock?: Clock;
  /** Source of chance, for jitter and weighted queues. @default {the system's} */
  readonly rng?: Rng;
}

const KNOWN: readonly string[] = [
  "store",
  "jobs",
  "retention",
  "logger",
  "logLevel",
  "leaseMs",
  "maxDeliveries",
  "shutdownTimeoutMs",
  "clock",
  "rng",
  "timeoutMs",
  "graceMs",
  "maxRetry",
  "backoff",
  "schedules",
  "scheduleScope",
  "scheduler",
  "timeZone",
  "api",
  "dashboard",
  "tracing",
];

/** What holds where neither job, handler, pool nor server says otherwise. */
export const serverDefaults = {
  leaseMs: 15_000,
  maxDeliveries: 5,
  shutdownTimeoutMs: 30_000,
  timeoutMs: 30 * 60_000,
  graceMs: 10_000,
  maxRetry: 3,
  backoff: defaultBackoff as BackoffPolicy | BackoffFunction,
};

/** Shortest lease, in milliseconds. */
export const SHORTEST_LEASE_MS = 100;

/**
 * Checks the options of a server.
 *
 * @throws {InvalidOptionError} If one is unknown or out of range.
 */
export function checkServerOptions<J extends JobMap>(options: ServerOptions<J>): void {
  const action = "create server";
  checkKeys(action, options, KNOWN);
  checkRunLimits(action, options);
  const { leaseMs, maxDeliveries, shutdownTimeoutMs, logLevel } = options;
  if (leaseMs !== undefined) checkInteger(action, "leaseMs", leaseMs, SHORTEST_LEASE_MS);
  if (maxDeliveries !== undefined) checkInteger(action, "maxDeliveries", maxDeliveries, 1);
  if (shutdownTimeoutMs !== undefined) {
    checkInteger(action, "shutdownTimeoutMs", shutdownTimeoutMs, 0);
  }
  const { schedules, scheduleScope, scheduler, timeZone, api, dashboard, tracing } = options;
  if (schedules !== undefined && (typeof schedules !== "object" || schedules === null)) {
    throw new InvalidOptionError(action, "schedules", "be an object", schedules);
  }
  if (scheduleScope !== undefined && !isQueueName(scheduleScope)) {
    throw new InvalidOptionError(action, "scheduleScope", QUEUE_RULE, scheduleScope);
  }
  if (scheduler !== undefined) checkBoolean(action, "scheduler", scheduler);
  if (timeZone !== undefined) checkZone(action, "timeZone", timeZone);
  if (api !== undefined && (typeof api !== "object" || api === null)) {
    throw new InvalidOptionError(action, "api", "be an object", api);
  }
  if (dashboard !== undefined && dashboard !== false && api === undefined) {
    const rule = "go with 'api', which says who may see it, and where";
    throw new InvalidOptionError(action, "dashboard", rule, dashboard);
  }
  if (logLevel !== undefined) checkOneOf(action, "logLevel", logLevel, logLevels);
  if (tracing !== undefined) checkTracing(action, tracing);
}

/** Times of one `stop`, where they differ from the server's. */
export interface StopOptions {
  /** Milliseconds to wait for running jobs before their signals abort. */
  readonly shutdownTimeoutMs?: number;
  /** Milliseconds to wait after that before their jobs are given back. */
  readonly graceMs?: number;
}

/**
 * Checks the options of `stop`.
 *
 * @throws {InvalidOptionError} If one is unknown or out of range.
 */
export function checkStopOptions(options: StopOptions): void {
  const action = "stop server";
  checkKeys(action, options, ["shutdownTimeoutMs", "graceMs"]);
  const { shutdownTimeoutMs, graceMs } = options;
  if (shutdownTimeoutMs !== undefined) {
    checkInteger(action, "shutdownTimeoutMs", shutdownTimeoutMs, 0);
  }
  if (graceMs !== undefined) checkInteger(action, "graceMs", graceMs, 0);
}

/** The times of a stop: its own word goes before the server's. */
export function stopTimes(
  own: StopOptions,
  server: StopOptions,
): Required<StopOptions> {
  return {
    shutdownTimeoutMs: own.shutdownTimeoutMs ?? server.shutdownTimeoutMs ??
      serverDefaults.shutdownTimeoutMs,
    graceMs: own.graceMs ?? server.graceMs ?? serverDefaults.graceMs,
  };
}

/** How one type is run in one pool. */
export interface TypePlan {
  readonly entry: HandlerEntry;
  readonly plan: AttemptPlan;
}

/** Says how each type of a pool is run: its handler's word goes before the pool's and the server's. */
export function planTypes<J extends JobMap>(
  server: ServerOptions<J>,
  pool: PoolPlan,
  handlers: ReadonlyMap<string, HandlerEntry>,
  middleware: readonly Middleware[],
): ReadonlyMap<string, TypePlan> {
  const types = new Set(pool.sources.flatMap((source) => source.types));
  return new Map([...types].map((type): [string, TypePlan] => {
    const { threads } = pool;
    const { options, handler } = threads === undefined
      ? handlers.get(type)!
      : { options: threads.handlers[type] ?? {}, handler: undefined };
    const limits = { ...serverDefaults, ...given(server), ...given(pool), ...given(options) };
    const { timeoutMs, graceMs, maxRetry, backoff } = limits;
    const definition = server.jobs?.[type];
    const hasSchema = definition?.payload !== undefined;
    const entry = {
      type,
      options,
      handler: handler ?? threads!.pool.handler({ graceMs, hasSchema }),
    };
    return [type, {
      entry,
      plan: {
        handler: wrap(entry.handler, middleware),
        definition,
        timeoutMs,
        graceMs,
        policy: { maxRetry, backoff, isFailure: options.isFailure },
      },
    }];
  }));
}

/** The limits that are set, without those that are undefined. */
function given({ timeoutMs, graceMs, maxRetry, backoff }: RunLimits): RunLimits {
  return Object.fromEntries(
    Object.entries({ timeoutMs, graceMs, maxRetry, backoff }).filter(([, value]) =>
      value !== undefined
    ),
  );
}
