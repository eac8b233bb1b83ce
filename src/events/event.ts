/**
 * What a server and a client tell those who listen in their own process.
 *
 * @module
 */

import type { JobStatus } from "../job/state.ts";
import type { BusEvent } from "./bus.ts";

/** An attempt that an event is about. */
export interface AttemptEvent extends BusEvent {
  /** The job's id. */
  readonly id: string;
  /** The job's type. */
  readonly type: string;
  /** Queue that it came from. */
  readonly queue: string;
  /** Pool that runs it. */
  readonly pool: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
}

/** The end of an attempt. */
export interface AttemptEndEvent extends AttemptEvent {
  /** How long the handler ran, in milliseconds. */
  readonly ranMs: number;
}

/** The end of an attempt that failed. */
export interface AttemptFailedEvent extends AttemptEndEvent {
  /** Why: the message. */
  readonly error: string;
}

/** What a server tells. Ends of attempts come when the store has confirmed them. */
export type ServerEvent =
  /** A handler begins. */
  | AttemptEvent & { readonly event: "job.started" }
  /** A job is completed. */
  | AttemptEndEvent & { readonly event: "job.completed" }
  /** An attempt failed; the job is tried again after `delayMs`. */
  | AttemptFailedEvent & { readonly event: "job.retried"; readonly delayMs: number }
  /** A job failed for good. */
  | AttemptFailedEvent & { readonly event: "job.dead_lettered" }
  /** A job was canceled: by its handler, or by somebody while it ran. */
  | AttemptFailedEvent & { readonly event: "job.canceled" }
  /** A job was given back unharmed, as its server stops. */
  | AttemptEndEvent & { readonly event: "job.released" }
  /** The job is no longer this server's: what the handler returned was dropped. */
  | AttemptEndEvent & { readonly event: "job.lost" }
  /** A handler told how far it is. */
  | AttemptEvent & {
    readonly event: "job.progress";
    readonly value: number;
    readonly message?: string;
  }
  /** The handler returned what cannot be kept: above 1 MiB, or no JSON. The job completes without it. */
  | AttemptEvent & { readonly event: "job.result_dropped"; readonly reason: string }
  /** A pool begins to claim, claims no more, or has ended. */
  | BusEvent & {
    readonly event: "pool.started" | "pool.stopping" | "pool.stopped";
    readonly pool: string;
  }
  /** The server runs, has begun to stop, or has stopped. */
  | BusEvent & { readonly event: "server.started" | "server.stopping" | "server.stopped" }
  /** A heartbeat did not reach the store: leases may end. */
  | BusEvent & { readonly event: "lease.failed"; readonly error: unknown }
  /** The store did not do what a pool, or the upkeep, asked of it; it is asked again. */
  | BusEvent & {
    readonly event: "store.failed";
    /** Name of the pool; absent for upkeep. */
    readonly pool?: string;
    readonly error: unknown;
  };

/** What a client tells. */
export type ClientEvent =
  /** A job is in the store. */
  | BusEvent & {
    readonly event: "job.enqueued";
    /** The job's id. */
    readonly id: string;
    /** The job's type. */
    readonly type: string;
    /** Its status when it was enqueued. */
    readonly status: JobStatus;
    /** Whether this call created it; false if the same work was there already. */
    readonly isNew: boolean;
  }
  /** A job that was to be enqueued in the background failed for good. */
  | BusEvent & {
    readonly event: "background.failed";
    /** The job's id. */
    readonly id: string;
    /** The job's type. */
    readonly type: string;
    readonly error: unknown;
  };

/** Names of the events of a server. */
export const serverEvents: readonly ServerEvent["event"][] = [
  "job.started",
  "job.completed",
  "job.retried",
  "job.dead_lettered",
  "job.canceled",
  "job.released",
  "job.lost",
  "job.progress",
  "job.result_dropped",
  "pool.started",
  "pool.stopping",
  "pool.stopped",
  "server.started",
  "server.stopping",
  "server.stopped",
  "lease.failed",
  "store.failed",
];

/** Names of the events of a client. */
export const clientEvents: readonly ClientEvent["event"][] = ["job.enqueued", "background.failed"];
