/**
 * From a file's keys to options of a server. Its times are in seconds, as in GQM (Go).
 *
 * @module
 */

import type { BackoffPolicy } from "../job/backoff.ts";
import type { LogLevel } from "../logger.ts";
import type { PoolOptions } from "../run/pool_plan.ts";
import type { ConfiguredLimit, ServerConfig } from "../run/server_config.ts";
import type { OverlapPolicy } from "../store/store.ts";
import type { ScheduleOptions } from "../schedule/options.ts";
import type { Strategy } from "../claim/strategy.ts";
import { toMonitoring } from "./convert_monitoring.ts";
import { camelCase } from "./place.ts";
import type { FileValue } from "./table/table.ts";
import { camelKeys, msOf, unlessZero, withoutUnset } from "./values.ts";

type Pool = NonNullable<FileValue["pools"]>[number];
type Retry = NonNullable<Pool["retry"]>;
type Entry = NonNullable<NonNullable<FileValue["scheduler"]>["cron_entries"]>[number];
type Limit = NonNullable<FileValue["limits"]>[number];

/** What a file describes. It must have been checked. */
export function toConfig(file: FileValue): Omit<ServerConfig, "notes"> {
  const { pools = [], queues = [], limits = [], scheduler } = file;
  const weights = new Map(queues.map(({ name, priority }) => [name!, priority]));
  const entries = scheduler?.cron_entries?.map((entry) => [entry.id!, toSchedule(entry)] as const);
  return {
    server: toServer(file),
    pools: pools.map((pool) => toPool(pool, weights)),
    ...entries && { schedules: Object.fromEntries(entries) },
    limits: limits.map(toLimit),
  };
}

/** The options of the server. */
export function toServer(
  { store, redis, app = {}, retention, scheduler = {}, monitoring = {} }: FileValue,
): ServerConfig["server"] {
  const kept = withoutUnset({
    completedMs: retention?.completed_ms ?? ttlOf(app.result_ttl),
    failedMs: retention?.failed_ms ?? ttlOf(app.failure_ttl),
    maxCount: retention?.max_count,
  });
  return withoutUnset({
    store: store ?? (redis && redisUrl(redis)),
    retention: Object.keys(kept).length > 0 ? kept : undefined,
    timeZone: app.timezone,
    logLevel: app.log_level as LogLevel | undefined,
    shutdownTimeoutMs: msOf(unlessZero(app.shutdown_timeout)),
    timeoutMs: msOf(unlessZero(app.global_job_timeout)),
    graceMs: msOf(unlessZero(app.grace_period)),
    leaseMs: app.lease_ms,
    maxDeliveries: app.max_deliveries,
    scheduler: scheduler.enabled,
    scheduleScope: scheduler.scope,
    ...toMonitoring(monitoring),
  });
}

function redisUrl(redis: NonNullable<FileValue["redis"]>): string {
  const { addr = "localhost:6379", password = "", db = 0, prefix = "", tls = false } = redis;
  const host = addr.startsWith(":") ? `localhost${addr}` : addr;
  const user = password === "" ? "" : `:${encodeURIComponent(password)}@`;
  const query = prefix === "" ? "" : `?prefix=${encodeURIComponent(prefix.replace(/:$/, ""))}`;
  return `${tls ? "rediss" : "redis"}://${user}${host}/${db}${query}`;
}

/** A pool. @param priorities Of the queues, where they have one. */
export function toPool(
  pool: Pool,
  priorities: ReadonlyMap<string, number | undefined>,
): PoolOptions {
  const queues = pool.queues?.length ? pool.queues : ["default"];
  const { dequeue_strategy: strategy } = pool;
  const isWeighted = (strategy ?? "weighted") === "weighted" &&
    queues.some((queue) => priorities.get(queue) !== undefined);
  return withoutUnset({
    name: pool.name!,
    types: pool.job_types!,
    queues,
    concurrency: unlessZero(pool.concurrency),
    timeoutMs: msOf(unlessZero(pool.job_timeout)),
    graceMs: msOf(unlessZero(pool.grace_period)),
    strategy: strategy as Strategy | undefined,
    weights: isWeighted
      ? Object.fromEntries(queues.map((queue) => [queue, Math.max(1, priorities.get(queue) ?? 1)]))
      : undefined,
    prefetch: pool.prefetch,
    maxRetry: pool.retry?.max_retry,
    backoff: pool.retry && toBackoff(pool.retry),
  });
}

function toBackoff(retry: Retry): BackoffPolicy | undefined {
  const { backoff: type, intervals = [] } = retry;
  const baseMs = msOf(unlessZero(retry.backoff_base));
  const maxMs = msOf(unlessZero(retry.backoff_max));
  if (type === "custom") return { type, intervals: intervals.map((one) => one * 1000) };
  if (type === undefined && baseMs === undefined) return undefined;
  return withoutUnset({
    type: (type ?? "fixed") as BackoffPolicy["type"],
    baseMs,
    maxMs: type === "exponential" ? maxMs : undefined,
  });
}

/** A schedule. */
export function toSchedule(entry: Entry): ScheduleOptions {
  const options = withoutUnset({
    queue: entry.queue,
    timeoutMs: msOf(unlessZero(entry.timeout)),
    maxRetry: entry.max_retry,
  });
  const { overlap_policy: overlap } = entry;
  return withoutUnset({
    type: entry.job_type!,
    payload: entry.payload === undefined ? undefined : JSON.parse(entry.payload),
    cron: entry.cron_expr!,
    timeZone: entry.timezone,
    overlap: overlap === undefined ? undefined : camelCase(overlap) as OverlapPolicy,
    enabled: entry.enabled,
    options,
  });
}

/** A limit. */
export function toLimit({ type, per_key: perKey, key, concurrency, rate }: Limit): ConfiguredLimit {
  const target = withoutUnset({ type, perKey, key });
  const limits = withoutUnset({ concurrency, rate: rate && camelKeys(rate) });
  return { target, limits } as unknown as ConfiguredLimit;
}

function ttlOf(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds < 0 ? seconds : seconds * 1000;
}
