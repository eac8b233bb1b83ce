/**
 * What happens in the memory store, kept while somebody listens.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { JobStatus } from "../../job/state.ts";
import {
  type JobEventKind,
  LISTEN_MS,
  MAX_EVENT_ERROR,
  MAX_EVENTS,
  MAX_EVENTS_PER_CALL,
  type StoreEvent,
} from "../event_stage.ts";
import { type EventPage, Feed, numberOf } from "../feed.ts";
import type { Entry } from "./entry.ts";

type Untold<E> = E extends StoreEvent ? Omit<E, "cursor" | "at"> : never;

/** The newest events. */
export class EventRing {
  readonly #clock: Clock;
  readonly #feeds = new Set<Feed>();
  /** The newest ones; up to twice as many as are kept, so that few are moved. */
  #events: StoreEvent[] = [];
  #last = 0;
  /** Until when events are kept though nobody listens. */
  #until = -Infinity;

  /** @param clock The store's. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether events are to be kept. */
  get isHeard(): boolean {
    return this.#feeds.size > 0 || this.#clock.now() < this.#until;
  }

  /** Tells what happened to a job, whose entry says what it is now. */
  job(kind: JobEventKind, entry: Entry, more: { error?: string; value?: number } = {}): void {
    if (!this.isHeard) return;
    const { id, queue, type } = entry.job;
    const status: JobStatus | null = kind === "removed" ? null : entry.status;
    const error = more.error?.slice(0, MAX_EVENT_ERROR);
    const told = error === undefined ? more : { ...more, error };
    this.add({ kind, id, queue, type, status, ...told });
  }

  /** Tells what happened. */
  add(event: Untold<StoreEvent>): void {
    if (!this.isHeard) return;
    const at = this.#clock.now();
    this.#events.push({ ...event, cursor: String(++this.#last), at } as StoreEvent);
    if (this.#events.length >= 2 * MAX_EVENTS) this.#events = this.#events.slice(-MAX_EVENTS);
    for (const feed of this.#feeds) feed.notify();
  }

  /** See `EventStage.watchEvents`. */
  watch(after: string | undefined): Promise<Feed> {
    const number = numberOf(after);
    if (!this.isHeard) {
      // Whatever happened since was not kept.
      this.#events = [];
      this.#last++;
    }
    const feed = new Feed(number, {
      read: (from) => Promise.resolve(this.#read(from)),
      clock: this.#clock,
      onDispose: () => {
        this.#feeds.delete(feed);
        this.#until = this.#clock.now() + LISTEN_MS;
      },
    });
    this.#feeds.add(feed);
    return feed.open();
  }

  /** Lets all listeners go. */
  close(): void {
    for (const feed of [...this.#feeds]) feed[Symbol.dispose]();
  }

  #read(after: number | undefined): EventPage {
    const last = this.#last;
    const first = last - Math.min(this.#events.length, MAX_EVENTS) + 1;
    const from = Math.max(after ?? last, first - 1);
    const start = this.#events.length - (last - from);
    const events = from >= last ? [] : this.#events.slice(start, start + MAX_EVENTS_PER_CALL);
    return { first, last, now: this.#clock.now(), events };
  }
}
