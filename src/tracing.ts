/**
 * What clients and servers tell a tracing library, and ask of it: the port that
 * `@gqm/gqm/otel` fills. Without one, nothing here costs anything.
 *
 * @module
 */

import { InvalidOptionError } from "./errors.ts";
import type { AttemptOutcome, ClaimedJob, Failure, JobSlot } from "./job/job.ts";
import type { TraceContext } from "./job/trace.ts";

/**
 * Follows jobs on their way. Its methods are called on the way of every job: they
 * must answer at once, and throw nothing.
 */
export interface Tracing {
  /** Jobs are about to be written by one call, or by a schedule whose slot came. */
  enqueue(call: EnqueueCall): EnqueueSpan;
  /**
   * A server begins with a claimed job.
   *
   * @param job Its `settings.trace` is what its producer passed on.
   * @param at Epoch milliseconds by the server's clock.
   */
  attempt(job: ClaimedJob, at: number): AttemptSpan;
  /** A step of a server's upkeep has moved jobs, or has failed. */
  upkeep(step: UpkeepStep): void;
}

/** Jobs that are about to be written together. */
export interface EnqueueCall {
  /** What the producer named, before hooks and checks. */
  readonly jobs: readonly {
    /** Type of the job. */
    readonly type: string;
    /** Its queue. */
    readonly queue: string;
  }[];
  /** What the jobs would take over: what the client's `context` tells, else the running job's. */
  readonly parent: TraceContext | undefined;
  /** The slot of a schedule that they are for. */
  readonly slot?: JobSlot;
}

/** A job that is in the store. */
export interface EnqueuedJob {
  /** Its id. */
  readonly id: string;
  /** Its type. */
  readonly type: string;
  /** Its queue. */
  readonly queue: string;
  /** Whether it was written now; false if it was there already. */
  readonly isNew: boolean;
  /** The trace that was to go with it. */
  readonly trace: TraceContext | undefined;
}

/** A call that writes jobs, as it is followed. One of its methods is called once, or none if another server fired the slot. */
export interface EnqueueSpan {
  /** What the jobs take over, unless they name a trace of their own; undefined for what they would anyway. */
  readonly trace: TraceContext | undefined;
  /** The jobs are in the store. */
  enqueued(jobs: readonly EnqueuedJob[]): void;
  /** They are not, or it is not known. */
  failed(error: unknown): void;
}

/** An attempt, as it is followed. */
export interface AttemptSpan {
  /** The trace of the job for as long as the attempt lasts, which others inherit; undefined for the job's own. */
  readonly trace: TraceContext | undefined;
  /** Calls the handler with its middleware. */
  run<R>(call: () => R): R;
  /** The handler has read the jobs that it waited for, which belong to these traces. */
  parents(traces: readonly TraceContext[]): void;
  /** The attempt is over: the store has confirmed it, or the job is somebody else's. Called once. */
  ended(end: AttemptSpanEnd): void;
}

/** How an attempt that is followed ended. */
export interface AttemptSpanEnd {
  /** `released`: given back unharmed. `lost`: the job is no longer this server's. */
  readonly outcome: AttemptOutcome | "released";
  /** How long it ran, in milliseconds. */
  readonly ranMs: number;
  /** Why it did not complete. */
  readonly error?: Failure;
  /** Milliseconds until the next attempt. */
  readonly delayMs?: number;
}

/** A step of upkeep. */
export interface UpkeepStep {
  /** Which one. */
  readonly step: "reap" | "promote" | "expire" | "relay" | "schedule" | "prune" | "sample";
  /** Jobs that it moved. */
  readonly moved: number;
  /** When it began: epoch milliseconds by the server's clock. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly ranMs: number;
  /** Why it failed. */
  readonly error?: unknown;
}

/**
 * Checks the option `tracing`.
 *
 * @throws {InvalidOptionError} If it is no such object.
 */
export function checkTracing(action: string, tracing: unknown): void {
  const given = Object(tracing) as Partial<Record<keyof Tracing, unknown>>;
  const methods = [given.enqueue, given.attempt, given.upkeep];
  if (methods.every((method) => typeof method === "function")) return;
  const rule = "have the methods 'enqueue', 'attempt' and 'upkeep'";
  throw new InvalidOptionError(action, "tracing", rule, tracing);
}
