/**
 * GQM: a job queue for Deno, Bun and Node. A client enqueues typed jobs, a
 * server runs them in pools; stores keep them through crashes.
 *
 * @example
 * ```ts
 * import { Client, defineJobs, job, Server } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const jobs = defineJobs({ "greet": job<{ name: string }, string>() });
 * const store = "memory:quick-start"; // or "sqlite:./gqm.db", which outlives the process
 *
 * await using server = new Server({ jobs, store, logLevel: "error" });
 * server.handle("greet", ({ job }) => `Hello, ${job.payload.name}`);
 * await server.start();
 *
 * await using client = new Client({ jobs, store });
 * const greeting = await client.enqueue("greet", { name: "Ada" });
 * equal(await greeting.result(), "Hello, Ada");
 * ```
 *
 * @module
 */

export {
  BackgroundEnqueuer,
  type BackgroundEnqueuerOptions,
  type BackgroundItem,
  type BackgroundOptions,
  type FlushReport,
} from "./src/enqueue/background.ts";
export {
  BufferFullError,
  EnqueuerClosedError,
  JobUnsentError,
} from "./src/enqueue/background_errors.ts";
export {
  Client,
  type ClientOptions,
  type EnqueueArguments,
  type EnqueuedItems,
  type EnqueueItem,
} from "./src/enqueue/client.ts";
export { type CurrentContext, currentContext } from "./src/context/current.ts";
export type { EnqueueContext } from "./src/enqueue/context.ts";
export type { ParentRef } from "./src/enqueue/edges.ts";
export {
  BatchTooLargeError,
  ClientClosedError,
  CyclicDependencyError,
  DuplicateIdInBatchError,
  DuplicateJobError,
  GraphTooLargeError,
  InvalidJobIdError,
  InvalidJobTypeError,
  InvalidPayloadError,
  InvalidQueueNameError,
  MissingParentError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  UnknownJobTypeError,
} from "./src/enqueue/errors.ts";
export type {
  EnqueuedGraph,
  GraphNode,
  GraphNodes,
  GraphParent,
  ItemPayload,
} from "./src/enqueue/graph.ts";
export {
  JobFailedError,
  JobGoneError,
  type JobHandle,
  ResultUnavailableError,
} from "./src/enqueue/handle.ts";
export type { EnqueueDraft, EnqueueHooks } from "./src/enqueue/hooks.ts";
export type { EnqueueOptions } from "./src/enqueue/options.ts";
export type { ConflictPolicy, UniqueOptions } from "./src/enqueue/unique.ts";
export type { BulkOptions, BulkReport, JobFilter } from "./src/control/bulk.ts";
export { Control, type PauseOptions, type RetryOptions } from "./src/control/control.ts";
export type { EventsOptions, StoreEvents } from "./src/insight/events.ts";
export type { JobPage, ListOptions } from "./src/insight/list.ts";
export type { JobQuery } from "./src/insight/job_query.ts";
export type { SearchOptions, SearchReply } from "./src/insight/search.ts";
export type { Histogram } from "./src/insight/buckets.ts";
export { Errors, type ErrorsOptions } from "./src/insight/errors.ts";
export { Insight, type SeriesOptions } from "./src/insight/insight.ts";
export type { Durations, SeriesPoint } from "./src/insight/points.ts";
export { Servers } from "./src/insight/servers.ts";
export type { QueueStats, Standing, Stats, TypeStats } from "./src/insight/stats.ts";
export type { BusEvent, EventOf, Listener, ListenOptions, Unsubscribe } from "./src/events/bus.ts";
export type {
  AttemptEndEvent,
  AttemptEvent,
  AttemptFailedEvent,
  ClientEvent,
  ServerEvent,
} from "./src/events/event.ts";
export {
  LimitControl,
  type LimitedBy,
  type LimitOptions,
  type RateOptions,
} from "./src/control/limits.ts";
export { JobNotFoundError, JobRefusedError, type RefusalReason } from "./src/control/errors.ts";
export { GqmError, InvalidOptionError } from "./src/errors.ts";
export { createMonitor, type Monitor } from "./src/monitor/monitor.ts";
export type { MetricsOptions } from "./src/monitor/api/metrics.ts";
export type { DashboardOptions } from "./src/monitor/dashboard/options.ts";
export type { MonitorOptions } from "./src/monitor/options.ts";
export { hashApiKey, type NewApiKey, newApiKey } from "./src/monitor/auth/api_keys.ts";
export { hashPassword } from "./src/monitor/auth/passwords.ts";
export { type ServedMonitor, serveMonitor, type ServeMonitorOptions } from "./src/monitor/serve.ts";
export { ServeError } from "./src/monitor/serve_error.ts";
export type { ApiOptions, ServedApi } from "./src/run/open_api.ts";
export type { TlsOptions } from "./src/runtime/serve.ts";
export type { ApiKeyOptions, AuthOptions, UserOptions } from "./src/monitor/auth/options.ts";
export type { Role } from "./src/monitor/auth/principal.ts";
export type { LiveOptions } from "./src/monitor/live/crowd.ts";
export type { AlertsOptions } from "./src/monitor/alerts/options.ts";
export {
  type AlertKind,
  type AlertRule,
  type AlertRuleBase,
  type DeadServerRule,
  defaultAlertRules,
  type FailureRateRule,
  type OldestAgeRule,
  type QueueStalledRule,
  type StoreDegradedRule,
} from "./src/monitor/alerts/rules.ts";
export type { AlertChange, WebhookOptions } from "./src/monitor/alerts/webhook_options.ts";
export type { RedactRule } from "./src/monitor/redact.ts";
export type { ConnectionInfo } from "./src/monitor/remote.ts";
export type { Clock, Timer } from "./src/clock.ts";
export type { Rng } from "./src/rng.ts";
export { jsonLogger, type LogFields, type Logger, type LogLevel } from "./src/logger.ts";
export type { BackoffPolicy, BackoffType } from "./src/job/backoff.ts";
export type {
  Attempt,
  AttemptOutcome,
  ClaimedJob,
  EdgePolicy,
  Failure,
  Holder,
  Job,
  JobRecord,
  JobRetention,
  JobSettings,
  JobSlot,
  JobUnique,
  LogLine,
  ParentEdge,
  Progress,
} from "./src/job/job.ts";
export {
  type AnyJobs,
  type CheckedJob,
  checkedJob,
  defineJobs,
  type InvalidPayloadPolicy,
  job,
  type JobDefinition,
  type JobDefinitionOptions,
  type JobMap,
  type JobType,
  type Payload,
  type PayloadInput,
  type Result,
} from "./src/job/registry.ts";
export type {
  StandardSchemaIssue,
  StandardSchemaProps,
  StandardSchemaResult,
  StandardSchemaV1,
} from "./src/job/standard_schema.ts";
export type { TraceContext } from "./src/job/trace.ts";
export type {
  AttemptSpan,
  AttemptSpanEnd,
  EnqueueCall,
  EnqueuedJob,
  EnqueueSpan,
  Tracing,
  UpkeepStep,
} from "./src/tracing.ts";
export { finalStatuses, isFinal, type JobStatus, statuses } from "./src/job/state.ts";
export type { Batch, BatchHandler, BatchHandlerOptions, BatchItem } from "./src/run/batch.ts";
export { ConsumerClosedError, JobSettledError } from "./src/run/claim_errors.ts";
export type { ClaimedWork, CompleteArguments, FailOptions } from "./src/run/claimed_work.ts";
export { Consumer, type WorkOf } from "./src/run/consumer.ts";
export type { ClaimOptions, ConsumerOptions } from "./src/run/consumer_options.ts";
export type { JobContext } from "./src/run/context.ts";
export { defineHandlers, type Handlers } from "./src/run/define_handlers.ts";
export type { AddJobs, ParentEnd, RunningJob } from "./src/run/family.ts";
export type { Gate } from "./src/run/gate.ts";
export {
  DuplicateHandlerError,
  DuplicatePoolError,
  JobCanceledError,
  JobTimeoutError,
  JobTypeConflictError,
  LeaseLostError,
  ServerStateError,
  ShutdownError,
  StoredPayloadError,
  ThreadDiedError,
  ThreadModuleError,
} from "./src/run/errors.ts";
export type {
  AttemptEnd,
  Callback,
  Handler,
  HandlerOptions,
  Middleware,
  RunLimits,
} from "./src/run/handler.ts";
export type { AfterHook, BeforeHook } from "./src/run/hooks.ts";
export type { PoolOptions } from "./src/run/pool_plan.ts";
export { Server } from "./src/run/server.ts";
export type { ConfigOverrides, ConfiguredLimit, ServerConfig } from "./src/run/server_config.ts";
export type { ThreadOptions } from "./src/run/thread_options.ts";
export type { ServerOptions, StopOptions } from "./src/run/server_options.ts";
export { type CronField, InvalidCronError } from "./src/schedule/cron_error.ts";
export { nextFire } from "./src/schedule/cron_next.ts";
export { daily, hourly, type Weekday, weekly } from "./src/schedule/cron_text.ts";
export type { ScheduleCondition } from "./src/schedule/condition.ts";
export type { CatchUp } from "./src/schedule/definition.ts";
export {
  ScheduleChangedError,
  ScheduleConflictError,
  ScheduleNotFoundError,
  TooManySchedulesError,
} from "./src/schedule/errors.ts";
export type {
  ScheduledJobOptions,
  ScheduleOptions,
  ScheduleRules,
} from "./src/schedule/options.ts";
export type { Schedule } from "./src/schedule/schedule.ts";
export {
  type SchedulePage,
  type SchedulePageOptions,
  Schedules,
  type SchedulesOptions,
} from "./src/schedule/schedules.ts";
export type { NextSlot } from "./src/schedule/timing.ts";
export type { Strategy } from "./src/claim/strategy.ts";
export { type BackoffFunction, retryDelayMs } from "./src/settle/backoff.ts";
export { Cancel, RetryAfter, SkipRetry } from "./src/settle/outcome.ts";
export {
  StoreBusyError,
  StoreClosedError,
  StoreOpenError,
  StoreRefusedError,
  StoreUnavailableError,
  StoreUrlError,
  StoreVersionError,
} from "./src/store/errors.ts";
export { memoryStore, type MemoryStoreOptions } from "./src/store/memory/store.ts";
export { type OpenStoreOptions, storeFromUrl } from "./src/store/open.ts";
export type { RedisClient } from "./src/store/redis/client.ts";
export type { ConnectionEvent, RedisStoreOptions, RedisTls } from "./src/store/redis/options.ts";
export { redisStore } from "./src/store/redis/store.ts";
export { sqliteStore, type SqliteStoreOptions } from "./src/store/sqlite/store.ts";
export type {
  ActionReply,
  CanceledHold,
  CheckReply,
  CheckRequest,
  ChildrenReply,
  ClaimOffer,
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  ClaimStage,
  ControlStage,
  CountRow,
  DayRow,
  Depth,
  DeskStage,
  DoctorStage,
  EndCounts,
  EndStatus,
  EnqueueReply,
  EnqueueStage,
  ErrorGroup,
  ErrorGroupQuery,
  ErrorGroupsReply,
  ErrorStage,
  EventFeed,
  EventsMissed,
  EventStage,
  Finding,
  FindingKind,
  FireKind,
  FireOutcome,
  FireReply,
  HeartbeatReply,
  HeartbeatRequest,
  HitReply,
  HitRule,
  Hold,
  InsightStage,
  InspectStage,
  JobAction,
  JobEventKind,
  JobMoved,
  KeptMemo,
  LimitRate,
  LimitRow,
  LimitStage,
  LimitTarget,
  LinesChanged,
  ListQuery,
  ListReply,
  Memo,
  MemosReply,
  NewJob,
  NoMemo,
  OldestRow,
  Outcome,
  OverlapPolicy,
  PageQuery,
  PageReply,
  PageStage,
  ParentRow,
  ParentsReply,
  PartQuery,
  PauseTarget,
  PoolAbout,
  Presence,
  ReadyStage,
  Report,
  RetainStage,
  RetentionLimits,
  RuleLimits,
  ScheduleChange,
  ScheduleChangeReply,
  ScheduleEntry,
  ScheduleFire,
  ScheduleHistoryReply,
  ScheduleNote,
  ScheduleOutcome,
  ScheduleQuery,
  ScheduleRecord,
  ScheduleSource,
  SchedulesReply,
  ScheduleStage,
  ScheduleState,
  SeriesQuery,
  SeriesReply,
  SeriesRow,
  ServerAbout,
  ServerRecord,
  ServersReply,
  ServerStage,
  SettleReply,
  SettleRequest,
  SettleResult,
  SettleStage,
  StartMark,
  StepReply,
  Store,
  StoreEvent,
  StoreEventHead,
  StoreInfo,
  StoreRecipe,
  TotalsRow,
  TrailEntry,
  TrailReply,
  Verdict,
  WakeSource,
} from "./src/store/store.ts";
export { checkInvariants, type CheckOptions, type CheckReport } from "./src/upkeep/doctor.ts";
