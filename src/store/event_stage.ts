/**
 * The side of the store port that tells what happens, whichever process does it.
 *
 * @module
 */

import type { JobStatus } from "../job/state.ts";

/** What may happen to a job. */
export type JobEventKind =
  /** It was enqueued. */
  | "created"
  /** It became ready: it was due or promoted, its parents let it go, or its time was changed. */
  | "ready"
  /** It waits for a time: its parents let it go and it has a delay, or its time was changed. */
  | "scheduled"
  /** It was claimed. */
  | "started"
  /** Its handler told how far it is. */
  | "progress"
  /** Its attempt failed; it waits for the next one. */
  | "retry"
  /** Its holder gave it back unharmed. */
  | "released"
  /** Its holder is presumed dead. */
  | "lost"
  /** It ended. */
  | "completed"
  | "dead_letter"
  | "canceled"
  | "stopped"
  | "failed"
  /** It had ended, and waits to run again. */
  | "revived"
  /** Somebody removed it. What retention removes is not told of. */
  | "removed";

/** The status of a job that has ended. */
export type EndStatus = Extract<
  JobEventKind,
  "completed" | "dead_letter" | "canceled" | "stopped" | "failed"
>;

/** What all events say. */
export interface StoreEventHead {
  /** Where to go on after this event. */
  readonly cursor: string;
  /** Epoch milliseconds, store clock. */
  readonly at: number;
}

/** Something happened to a job. */
export interface JobMoved extends StoreEventHead {
  /** What. */
  readonly kind: JobEventKind;
  /** The job's id. */
  readonly id: string;
  /** Its queue. */
  readonly queue: string;
  /** Its type. */
  readonly type: string;
  /** Its status afterwards; null if it was removed. */
  readonly status: JobStatus | null;
  /** Why it failed or was canceled, the first 200 characters. */
  readonly error?: string;
  /** How far its handler is, of `progress`. */
  readonly value?: number;
}

/** Lines were paused or resumed. */
export interface LinesChanged extends StoreEventHead {
  /** What. */
  readonly kind: "paused" | "resumed";
  /** Name of the queue; null for all queues. */
  readonly queue: string | null;
  /** The type; null for all types of the queue. */
  readonly type: string | null;
}

/** Events before this one were missed: what is known of jobs may be out of date. */
export interface EventsMissed extends StoreEventHead {
  /** What. */
  readonly kind: "gap";
}

/** Something that happened in a store. */
export type StoreEvent = JobMoved | LinesChanged | EventsMissed;

/** Events as they happen, for one listener. */
export interface EventFeed extends Disposable {
  /** Where to go on: after the last event that it gave, at first after what had happened before it began. */
  readonly cursor: string;

  /**
   * Waits until something has happened since the events that it gave last, and
   * gives at most 500 events in their order; none if the signal aborts, the feed
   * is disposed of or the store is closed first. One call at a time. A listener that comes too late
   * gets a `gap` first.
   *
   * @throws {StoreUnavailableError} If the store cannot be reached; a later call goes on from there.
   */
  next(signal?: AbortSignal): Promise<readonly StoreEvent[]>;
}

/** Most events that a store keeps. */
export const MAX_EVENTS = 10_000;
/** Most events that one call gives. */
export const MAX_EVENTS_PER_CALL = 500;
/** How long a store goes on to keep events for a listener that does not ask, in milliseconds. */
export const LISTEN_MS = 60_000;
/** Longest error text of an event, in characters. */
export const MAX_EVENT_ERROR = 200;

/** What happens. */
export interface EventStage {
  /**
   * Begins to listen: what happens from the moment at which this resolves is
   * told, to the newest 10 000 events. A store keeps events only while somebody
   * listens, and for a minute after a listener asked last, so that it can go on
   * from a cursor. Each move of a job from one status to another is one event, in the
   * order of the moves; a change that moves no job is none, but for progress.
   * A job that is canceled as it comes is created, then canceled; one of a group
   * that a store writes in parts is created as `deferred`.
   *
   * @param after Cursor of the last event seen. If events that came after it are gone, the first
   * event is a `gap`.
   * @throws {InvalidOptionError} If the cursor is not one of an event.
   */
  watchEvents(after?: string): Promise<EventFeed>;
}
