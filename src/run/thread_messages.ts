/**
 * What a thread of a pool and the main thread say to each other.
 *
 *     main    run ------------------------> abort -----------------> run …
 *     thread  ready -> call … -> reply ...  aborting -> returned, threw
 *
 * @module
 */

import type { GraphNodes } from "../enqueue/graph.ts";
import type { EnqueueOptions } from "../enqueue/options.ts";
import type { Job } from "../job/job.ts";
import type { JobStatus } from "../job/state.ts";
import type { ErrorData } from "./error_data.ts";

/** What a thread is started with. */
export interface ThreadData {
  /** URL of the module whose default export holds the handlers. */
  readonly module: string;
}

/** A job on its way to a thread. */
export interface ThreadTask {
  /** The job; its payload is absent if it travels as text. */
  readonly job: Omit<Job, "payload"> & { readonly payload?: unknown };
  /** The payload as JSON, as it is stored; absent if a schema has made a value of it. */
  readonly payload?: string;
  readonly fence: number;
}

/** To a thread. `run` counts the jobs that it was given. */
export type ToThread =
  | { readonly kind: "run"; readonly run: number; readonly task: ThreadTask }
  | { readonly kind: "abort"; readonly run: number; readonly reason: ErrorData }
  | { readonly kind: "reply"; readonly call: number; readonly answer: Answer };

/** From a thread. */
export type FromThread =
  | { readonly kind: "ready"; readonly types: readonly string[] }
  /** The module cannot be used, as it must do what the rule says. `error`: what loading it threw. */
  | { readonly kind: "unusable"; readonly rule: string; readonly error: ErrorData | undefined }
  | {
    readonly kind: "call";
    readonly run: number;
    /** The job's id. */
    readonly id: string;
    readonly call: number;
    readonly ask: Ask;
  }
  /** It hears the abort, so it is not blocked. */
  | { readonly kind: "aborting"; readonly run: number }
  | {
    readonly kind: "returned";
    readonly run: number;
    /** JSON, of a marker if the result cannot be kept; null for no result. */
    readonly text: string | null;
  }
  | {
    readonly kind: "threw";
    readonly run: number;
    readonly error: ErrorData;
    /** Whether it is the reason of the signal. */
    readonly isReason: boolean;
  };

/** What a handler asks of its context, or of a handle that it got there. */
export type Ask =
  | { readonly what: "progress"; readonly value: number; readonly message: string | undefined }
  | { readonly what: "log"; readonly text: string }
  | { readonly what: "parents"; readonly type: string | undefined }
  | {
    readonly what: "enqueueChild";
    readonly type: string;
    /** JSON. */
    readonly payload: string;
    readonly options: EnqueueOptions | undefined;
  }
  /** The payloads of its jobs are JSON. */
  | { readonly what: "enqueueGraph"; readonly graph: GraphNodes }
  | { readonly what: "job"; readonly id: string }
  | { readonly what: "result"; readonly id: string }
  /** Nobody waits any more for the answer to an earlier call. */
  | { readonly what: "forget"; readonly asked: number };

/** A handle, as data. */
export interface HandleData {
  readonly id: string;
  readonly status: JobStatus;
  readonly isNew: boolean;
}

/** The answer to a call. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorData };
