/**
 * A job: as a store keeps it (`JobRecord`) and as users see it (`Job`).
 *
 * @module
 */

import type { BackoffPolicy } from "./backoff.ts";
import type { JobStatus } from "./state.ts";
import type { TraceContext } from "./trace.ts";

/**
 * How long a job is kept after its end. `-1` milliseconds keep it for ever, `0`
 * remove it at once.
 */
export interface JobRetention {
  /** Milliseconds that a completed job is kept. */
  readonly completedMs?: number;
  /** Milliseconds that a dead-lettered, canceled, stopped or failed job is kept. */
  readonly failedMs?: number;
  /**
   * Of the jobs of its queue, type and final status that have a `maxCount`, only
   * the newest so many are kept when this one ends, itself among them; 0 removes
   * it at once, and no other. Jobs without one are not counted and not removed by it.
   */
  readonly maxCount?: number;
}

/**
 * What becomes of a child when a parent ends otherwise than `completed`:
 * `cancel` cancels it, `continue` lets it run once all its parents are final,
 * `ignore` does the same and leaves that parent out of what the child sees.
 */
export type EdgePolicy = "cancel" | "continue" | "ignore";

/** Every edge policy. */
export const edgePolicies: readonly EdgePolicy[] = ["cancel", "continue", "ignore"];

/** A job that another one waits for. */
export interface ParentEdge {
  /** The parent's id. */
  readonly id: string;
  /** What becomes of the child when the parent does not complete. */
  readonly onFailure: EdgePolicy;
}

/**
 * Why two jobs are the same work, and how long one of them keeps the other out.
 * By `id`: a final job with the id makes room when the time is over. By `key`:
 * the key names its owner, and holds for nobody once the owner has gone.
 */
export interface JobUnique {
  /** The key; null if the job's id is what counts. At most 300 of the characters `a-z A-Z 0-9 . _ : -`. */
  readonly key: string | null;
  /**
   * `started`: while it waits for its first attempt, also when it was claimed and
   * given back unharmed. `finished`: until it is final. `removed`: as long as it
   * is there.
   */
  readonly until: "started" | "finished" | "removed";
  /** Milliseconds after its creation at which it lets go at the latest; for a key, whatever the job's status. */
  readonly ttlMs?: number;
}

/** Which slot of which schedule a job is for. */
export interface JobSlot {
  /** The schedule's id. */
  readonly id: string;
  /** Epoch milliseconds of the slot: when the schedule says that it runs, without jitter and delay. */
  readonly slotAt: number;
}

/** What the producer set for one job. What is absent is decided where it runs. */
export interface JobSettings {
  /** Retries after the first attempt; 0 counts. */
  readonly maxRetry?: number;
  /** Delay before a retry. */
  readonly backoff?: BackoffPolicy;
  /** Time limit of one attempt in milliseconds. */
  readonly timeoutMs?: number;
  /** Epoch milliseconds by which the job must have started, else it is canceled. */
  readonly expireAt?: number;
  /** False: a job out of retries is not kept as a dead letter. */
  readonly deadLetter?: boolean;
  /** Own retention. */
  readonly retention?: JobRetention;
  /** Free data that travels with the job. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Trace that the job belongs to. */
  readonly trace?: TraceContext;
  /** Free text: who enqueued it. */
  readonly enqueuedBy?: string;
  /** The delay that it was enqueued with, in milliseconds. */
  readonly delayMs?: number;
  /** The time that it was enqueued for, in epoch milliseconds. */
  readonly runAt?: number;
  /** Jobs that must be final before it runs; distinct, at most 1000. */
  readonly dependsOn?: readonly ParentEdge[];
  /** What makes it the same work as another. */
  readonly unique?: JobUnique;
  /** The slot of a schedule that it was enqueued for. */
  readonly schedule?: JobSlot;
  /** Key by which limits count it. */
  readonly limitKey?: string;
}

/** A failure as text: at most 2000 characters of the message, and 4000 of the stack. */
export interface Failure {
  /** The error's message. */
  readonly message: string;
  /** The error's name, such as `TypeError`. */
  readonly name?: string;
  /** The error's stack, without its message. */
  readonly stack?: string;
  /** By which failures are grouped: 16 hexadecimal digits. */
  readonly fingerprint?: string;
}

/** How an attempt ended. `lost`: its holder died or lost the lease. */
export type AttemptOutcome = "completed" | "retry" | "dead_letter" | "canceled" | "lost";

/** One finished attempt of a job. A job keeps its newest 25. */
export interface Attempt {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Epoch milliseconds, store clock. */
  readonly startedAt: number;
  /** Epoch milliseconds, store clock. */
  readonly finishedAt: number;
  /** How it ended. */
  readonly outcome: AttemptOutcome;
  /** Server that ran it. */
  readonly server: string;
  /** Pool that ran it. */
  readonly pool: string;
  /** Why it failed. */
  readonly error?: Failure;
}

/** Progress that a handler reported last. */
export interface Progress {
  /** Free scale; 0 to 1 by convention. */
  readonly value: number;
  /** What is being done. */
  readonly message?: string;
  /** Epoch milliseconds, store clock. */
  readonly at: number;
}

/** One line that a handler logged. A job keeps its newest 100. */
export interface LogLine {
  /** Epoch milliseconds, store clock. */
  readonly at: number;
  /** The line, at most 2000 characters. */
  readonly text: string;
}

/** Who holds a processing job. */
export interface Holder {
  /** Rising number of the claim; writes with an older one are refused. */
  readonly fence: number;
  /** Server that claimed it. */
  readonly server: string;
  /** Pool that claimed it. */
  readonly pool: string;
  /** Epoch milliseconds of the claim, store clock. */
  readonly claimedAt: number;
  /**
   * Epoch milliseconds at which the claim lapses unless it is extended. Each heartbeat sets it to the
   * end of a lease from then on, so the last one was a lease (`ServerRecord.leaseMs`) before it.
   */
  readonly leaseUntil: number;
}

/** A job as a store keeps it: payload and result are JSON text that stores never read. */
export interface JobRecord {
  /** Unique id. */
  readonly id: string;
  /** Name that selects the handler. */
  readonly type: string;
  /** Queue that it waits in. */
  readonly queue: string;
  /** −30 to 30, higher first. */
  readonly priority: number;
  /** Where it is in its life. */
  readonly status: JobStatus;
  /** JSON text. */
  readonly payload: string;
  /** What the producer set. */
  readonly settings: JobSettings;
  /** Epoch milliseconds, store clock. */
  readonly createdAt: number;
  /** When a `scheduled` or `retry` job is due. */
  readonly runAt: number | null;
  /** Start of the newest attempt. */
  readonly startedAt: number | null;
  /** When it became final. */
  readonly finishedAt: number | null;
  /** Retries used so far. */
  readonly retryCount: number;
  /** Attempts so far that ended, however they did. */
  readonly attemptsMade: number;
  /** Attempts so far that ended with their holder's death or lost lease. */
  readonly deliveries: number;
  /** Newest attempts, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Last failure, or why the job was canceled; null once completed. */
  readonly error: string | null;
  /** JSON text of what the handler returned. */
  readonly result: string | null;
  /** Progress that the handler reported last. */
  readonly progress: Progress | null;
  /** Newest lines that the handler logged, oldest first. */
  readonly logs: readonly LogLine[];
  /** Set if and only if the status is `processing`. */
  readonly holder: Holder | null;
  /** Parents that a `deferred` job still waits for, in the order of its `dependsOn`; else empty. */
  readonly pendingParents: readonly string[];
  /** The parent whose end canceled this job; null unless it is `canceled` for that reason. */
  readonly canceledBy: string | null;
}

/** A `processing` job with the claim on it. */
export interface ClaimedJob extends JobRecord {
  /** The claim. */
  readonly holder: Holder;
  /**
   * Set if a server that held the job ahead died: it may have started it without
   * saying so, and may have died of it. It is not to be started before the store knows.
   */
  readonly suspect?: boolean;
}

/** Most attempts kept on a job. */
export const MAX_ATTEMPTS_KEPT = 25;
/** Most log lines kept on a job. */
export const MAX_LOG_LINES = 100;
/** Most parents of a job. */
export const MAX_PARENTS = 1000;
/** Longest log line and progress message, in characters. */
export const MAX_LINE_LENGTH = 2000;

/** A job as users see it: payload, result and meta are values. */
export interface Job<P = unknown, R = unknown> {
  /** Unique id: UUIDv7, or the caller's. */
  readonly id: string;
  /** Name that selects the handler. */
  readonly type: string;
  /** Queue that it waits in. */
  readonly queue: string;
  /** −30 to 30, higher first. */
  readonly priority: number;
  /** Where it is in its life. */
  readonly status: JobStatus;
  /** What the producer sent. */
  readonly payload: P;
  /** What the handler returned, once completed. */
  readonly result: R | undefined;
  /** Free data that travels with the job. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Trace that it belongs to, if there is one; while it runs on a server with `tracing`, its attempt's. */
  readonly trace: TraceContext | undefined;
  /** Who enqueued it, if said. */
  readonly enqueuedBy: string | undefined;
  /** Number of the newest attempt, from 1; 0 before the first. */
  readonly attempt: number;
  /** Retries used so far. */
  readonly retryCount: number;
  /** Retries after the first attempt, if the producer set them. */
  readonly maxRetry: number | undefined;
  /** Attempts that ended with their holder's death or lost lease. */
  readonly deliveries: number;
  /** Time limit of one attempt in milliseconds, if the producer set it. */
  readonly timeoutMs: number | undefined;
  /** Epoch milliseconds, store clock. */
  readonly createdAt: number;
  /** When it is due, while `scheduled` or `retry`. */
  readonly runAt: number | undefined;
  /** When it is canceled unless it has started. */
  readonly expireAt: number | undefined;
  /** Start of the newest attempt. */
  readonly startedAt: number | undefined;
  /** When it became final. */
  readonly finishedAt: number | undefined;
  /** Last failure, or why it was canceled. */
  readonly error: string | undefined;
  /** Newest finished attempts, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Progress that the handler reported last. */
  readonly progress: Progress | undefined;
  /** Newest lines that the handler logged, oldest first. */
  readonly logs: readonly LogLine[];
  /** Who holds it, while `processing`. */
  readonly holder: Holder | undefined;
  /** Jobs that must be final before it runs. */
  readonly dependsOn: readonly ParentEdge[];
  /** Parents that it still waits for, while `deferred`. */
  readonly pendingParents: readonly string[];
  /** The parent whose end canceled it. */
  readonly canceledBy: string | undefined;
  /** The slot that it was enqueued for, if a schedule did that. */
  readonly schedule: JobSlot | undefined;
  /** Key by which limits count it, if it has one. */
  readonly limitKey: string | undefined;
}

/** What users see of a record, as it is filled in. */
type Unfinished<T> = { -readonly [K in keyof T]: T[K] };

/** Writes a record into a job that is being made. */
function fill(this: Unfinished<Job>, record: JobRecord): void {
  const { settings, holder } = record;
  this.id = record.id;
  this.type = record.type;
  this.queue = record.queue;
  this.priority = record.priority;
  this.status = record.status;
  this.payload = JSON.parse(record.payload);
  this.result = record.result === null ? undefined : JSON.parse(record.result);
  this.meta = settings.meta === undefined ? {} : structuredClone(settings.meta);
  this.trace = settings.trace;
  this.enqueuedBy = settings.enqueuedBy;
  this.attempt = record.attemptsMade + (holder === null ? 0 : 1);
  this.retryCount = record.retryCount;
  this.maxRetry = settings.maxRetry;
  this.deliveries = record.deliveries;
  this.timeoutMs = settings.timeoutMs;
  this.createdAt = record.createdAt;
  this.runAt = record.runAt ?? undefined;
  this.expireAt = settings.expireAt;
  this.startedAt = record.startedAt ?? undefined;
  this.finishedAt = record.finishedAt ?? undefined;
  this.error = record.error ?? undefined;
  this.attempts = record.attempts;
  this.progress = record.progress ?? undefined;
  this.logs = record.logs;
  this.holder = holder ?? undefined;
  this.dependsOn = settings.dependsOn ?? [];
  this.pendingParents = record.pendingParents;
  this.canceledBy = record.canceledBy ?? undefined;
  this.schedule = settings.schedule;
  this.limitKey = settings.limitKey;
}
// What it makes are plain objects.
fill.prototype = Object.prototype;

/** Makes a job of a store's record. A class, so that others can extend it. */
export const JobOfRecord = fill as unknown as new (record: JobRecord) => Job;

/** Turns a store's record into what users see. */
export function toJob<P = unknown, R = unknown>(record: JobRecord): Job<P, R> {
  return new JobOfRecord(record) as Job<P, R>;
}
