/**
 * What happens in the file, kept while somebody listens, in whatever process.
 *
 * @module
 */

import {
  type JobEventKind,
  LISTEN_MS,
  MAX_EVENT_ERROR,
  MAX_EVENTS,
  MAX_EVENTS_PER_CALL,
  type StoreEvent,
} from "../event_stage.ts";
import type { EventPage } from "../feed.ts";
import type { SqlValue } from "../../runtime/sqlite_driver.ts";
import { decodeText, encodeText, statusOf } from "./codec.ts";
import type { Database } from "./database.ts";
import type { Transaction } from "./transaction.ts";

const ADD_EVENT = `
INSERT INTO events (number, at, kind, id, queue, type, status, error, value)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
/** Removes the oldest events. */
export const CUT_EVENTS = "DELETE FROM events WHERE number <= ?";
/** The events after a number. */
export const NEXT_EVENTS = `
SELECT number, at, kind, id, queue, type, status, error, value FROM events
WHERE number > ? ORDER BY number LIMIT ${MAX_EVENTS_PER_CALL}`;
const FIRST_EVENT = "SELECT min(number) AS number FROM events";
const HEARD = "SELECT last_event, heard_until FROM meta";

/** What this version knows to happen to a job. */
const KINDS: Readonly<Record<JobEventKind, true>> = {
  created: true,
  ready: true,
  scheduled: true,
  started: true,
  progress: true,
  retry: true,
  released: true,
  lost: true,
  completed: true,
  dead_letter: true,
  canceled: true,
  stopped: true,
  failed: true,
  revived: true,
  removed: true,
};

interface HeardRow {
  readonly last_event: number;
  readonly heard_until: number;
}

interface EventRow {
  readonly number: number;
  readonly at: number;
  readonly kind: StoreEvent["kind"];
  readonly id: string | null;
  readonly queue: string;
  readonly type: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly value: number | null;
}

/** What there may be to say of an event. */
export interface MoreToTell {
  readonly error?: string;
  readonly value?: number;
}

/**
 * Tells what happened to a job, if somebody listens.
 *
 * @param status Number of its status afterwards; null if it was removed.
 */
export function tellJob(
  tx: Transaction,
  kind: JobEventKind,
  job: { readonly n: number; readonly lane: number; readonly id?: string },
  status: number | null,
  { error, value }: MoreToTell = {},
): void {
  if (!tx.isHeard) return;
  const { queue, type } = tx.lanes.name(job.lane);
  const id = job.id ?? tx.db.get<{ id: string }>("SELECT id FROM jobs WHERE n = ?", job.n)!.id;
  const text = error === undefined ? null : encodeText(error.slice(0, MAX_EVENT_ERROR));
  write(tx, [kind, id, queue, type, status, text, value ?? null]);
}

/** Tells that lines were paused or resumed, if somebody listens. An empty name stands for all. */
export function tellLines(tx: Transaction, paused: boolean, queue: string, type: string): void {
  if (!tx.isHeard) return;
  write(tx, [paused ? "paused" : "resumed", null, queue, type, null, null, null]);
}

function write(tx: Transaction, values: readonly SqlValue[]): void {
  tx.db.run(ADD_EVENT, tx.nextEvent(), tx.now, ...values);
}

/** Begins to keep events, or goes on to. */
export function listen(tx: Transaction): void {
  if (!tx.isHeard) {
    // Whatever happened since was not kept: the number that is left out says so.
    tx.db.run(CUT_EVENTS, tx.nextEvent());
  }
  tx.hearUntil(tx.now + LISTEN_MS);
}

/** Whether it is time to say again that somebody listens. */
export function mustListen(db: Database, now: number): boolean {
  const { heard_until: until } = db.get<HeardRow>(HEARD)!;
  return until - now < LISTEN_MS / 2;
}

/** Drops what was kept for listeners that are gone. */
export function dropUnheard(tx: Transaction): void {
  if (tx.isHeard || !tx.wasHeard) return;
  tx.db.run(CUT_EVENTS, tx.nextEvent());
  tx.hearUntil(0);
}

/** Reads events after a number; none if it is undefined. */
export function readEvents(db: Database, after: number | undefined, now: number): EventPage {
  const { last_event: last } = db.get<HeardRow>(HEARD)!;
  const first = db.get<{ number: number | null }>(FIRST_EVENT)?.number ?? last + 1;
  const rows = after === undefined || after >= last ? [] : db.all<EventRow>(NEXT_EVENTS, after);
  return { first, last, now, events: rows.map(toEvent) };
}

/** Removes those above the number that is kept. */
export function cutEvents(tx: Transaction, last: number): void {
  tx.db.run(CUT_EVENTS, last - MAX_EVENTS);
}

function toEvent({ number, at, kind, id, queue, type, ...row }: EventRow): StoreEvent {
  const cursor = String(number);
  if (kind === "gap") return { cursor, at, kind };
  if (kind === "paused" || kind === "resumed") {
    return { cursor, at, kind, queue: queue || null, type: type || null };
  }
  const status = row.status === null ? null : statusOf(row.status);
  // Of another version: whoever listens should look again.
  if (!Object.hasOwn(KINDS, kind) || status === undefined) return { cursor, at, kind: "gap" };
  const error = decodeText(row.error);
  return {
    ...{ cursor, at, kind, id: id!, queue, type, status },
    ...error === null ? {} : { error },
    ...row.value === null ? {} : { value: row.value },
  };
}
