/**
 * A feed of events over whatever a store reads them from.
 *
 * @module
 */

import { type Clock, sleep } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { type EventFeed, LISTEN_MS, type StoreEvent } from "./event_stage.ts";
import { Latch } from "./wake.ts";

/** Time between two looks of a listener to whom nothing happens, in milliseconds. */
const RENEW_MS = LISTEN_MS / 3;

/** Some of the events that a store has. */
export interface EventPage {
  /** Number of the oldest event that is there; above `last` if there is none. */
  readonly first: number;
  /** Number of the last event. */
  readonly last: number;
  /** The store's now. */
  readonly now: number;
  /** Those after the number asked for, or from the oldest one, as far as one call reads. */
  readonly events: readonly StoreEvent[];
}

/** What a feed reads from. */
export interface FeedOptions {
  /** Reads events after a number, none if it is undefined, and has the store keep them from now on. */
  readonly read: (after: number | undefined) => Promise<EventPage>;
  /** Measures the time between looks. */
  readonly clock: Clock;
  /** Called when the feed is no longer needed. */
  readonly onDispose: (feed: Feed) => void;
}

/** A feed. Call `notify` when something may have happened. */
export class Feed implements EventFeed {
  readonly #options: FeedOptions;
  readonly #latch = new Latch([]);
  readonly #disposed = new AbortController();
  #after: number | undefined;
  /** What was read when it began. */
  #page: EventPage | undefined;

  /** @param after Number of the last event seen. */
  constructor(after: number | undefined, options: FeedOptions) {
    this.#after = after;
    this.#options = options;
  }

  /** Begins to listen. */
  async open(): Promise<this> {
    try {
      this.#page = await this.#options.read(this.#after);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    this.#after ??= this.#page.last;
    return this;
  }

  get cursor(): string {
    return String(this.#after);
  }

  /** Something may have happened. */
  notify(): void {
    this.#latch.set();
  }

  async next(signal?: AbortSignal): Promise<readonly StoreEvent[]> {
    const isOver = (): boolean => this.#disposed.signal.aborted || signal?.aborted === true;
    while (!isOver()) {
      const page = this.#page ?? await this.#options.read(this.#after);
      this.#page = undefined;
      const events = this.#take(page);
      if (events.length > 0) return events;
      if (!isOver()) await this.#change(signal);
    }
    return [];
  }

  [Symbol.dispose](): void {
    if (this.#disposed.signal.aborted) return;
    this.#disposed.abort();
    this.#options.onDispose(this);
  }

  /** The events of a page, after a gap if some are missing. */
  #take({ first, last, now, events }: EventPage): readonly StoreEvent[] {
    const after = this.#after ?? last;
    const missed = first > after + 1 || after > last;
    this.#after = events.length > 0 ? Number(events.at(-1)!.cursor) : missed ? last : after;
    if (!missed) return events;
    const before = events.length > 0 ? first - 1 : last;
    return [{ kind: "gap", cursor: String(before), at: now }, ...events];
  }

  /** Waits until something may have happened, or it is time to look. */
  async #change(signal: AbortSignal | undefined): Promise<void> {
    const changed = new AbortController();
    const end = (): void => changed.abort();
    // `AbortSignal.any` would leave something behind in signals that last, with each call.
    const ending = [this.#disposed.signal, ...signal === undefined ? [] : [signal]];
    for (const one of ending) one.addEventListener("abort", end, { once: true });
    await Promise.race([
      this.#latch.next(changed.signal),
      sleep(this.#options.clock, RENEW_MS, changed.signal),
    ]);
    changed.abort();
    for (const one of ending) one.removeEventListener("abort", end);
  }
}

/**
 * The number of a cursor.
 *
 * @throws {InvalidOptionError} If it is not one of an event.
 */
export function numberOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  if (typeof after === "string" && /^\d{1,16}$/.test(after)) return Number(after);
  throw new InvalidOptionError("watch events", "after", "be the cursor of an event", after);
}
