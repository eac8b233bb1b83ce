/**
 * The newest events of a store, so that whoever comes back soon goes on where they were.
 *
 * @module
 */

import type { Happening } from "./batch.ts";

/** Most events that are kept. */
export const MOST_RECENT = 2000;

/** The newest events of a store. */
export class Recent {
  #events: Happening[] = [];
  #from: number;
  #last: number;

  /** @param cursor Cursor of the last event before it began. */
  constructor(cursor: string) {
    this.#from = this.#last = Number(cursor);
  }

  /** All events after this one, up to the last, are known. */
  get from(): number {
    return this.#from;
  }

  /** Cursor of the last event. */
  get last(): string {
    return String(this.#last);
  }

  /** Adds what happened next. */
  add(events: readonly Happening[]): void {
    if (events.length === 0) return;
    this.#events.push(...events);
    this.#last = Number(events.at(-1)!.cursor);
    // Half of them at once, so that few are moved.
    if (this.#events.length < 2 * MOST_RECENT) return;
    const gone = this.#events.splice(0, this.#events.length - MOST_RECENT);
    this.#from = Number(gone.at(-1)!.cursor);
  }

  /** Adds what happened before: all from one event on. */
  addBefore(events: readonly Happening[], from: number): void {
    this.#events = [
      ...events.filter(({ cursor }) => Number(cursor) <= this.#from),
      ...this.#events,
    ];
    this.#from = from;
  }

  /** Forgets all: events up to this cursor were missed. */
  miss(cursor: string): void {
    this.#events = [];
    this.#from = this.#last = Number(cursor);
  }

  /** What happened after an event; undefined if that is not known. */
  after(cursor: number): readonly Happening[] | undefined {
    if (cursor < this.#from || cursor > this.#last) return undefined;
    return this.#events.filter((event) => Number(event.cursor) > cursor);
  }
}
