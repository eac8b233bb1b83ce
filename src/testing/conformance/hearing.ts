/**
 * Listening to a store until all that has happened was told.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { EventFeed, Store, StoreEvent } from "../../store/store.ts";

/** A queue that nobody uses: its pause comes after all that happened before. */
const MARK = "conformance.mark";

/** All events that a feed has not given yet. */
export async function toldBy(store: Store, feed: EventFeed): Promise<StoreEvent[]> {
  await store.pause({ queue: MARK, type: null }, true);
  await store.pause({ queue: MARK, type: null }, false);
  const told: StoreEvent[] = [];
  while (true) {
    const events = await feed.next();
    assert.ok(events.length > 0 && events.length <= 501, `${events.length} events at once`);
    told.push(...events);
    const last = told.at(-1)!;
    if (last.kind === "resumed" && last.queue === MARK) break;
  }
  return told.filter((event) => !("queue" in event && event.queue === MARK));
}

/** Events in a few words: what happened, to whom, and what it is now. */
export function inShort(events: readonly StoreEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === "gap") return "gap";
    if (!("id" in event)) return `${event.kind} ${event.queue}/${event.type}`;
    const { kind, id, status } = event;
    return kind === status ? `${id} ${kind}` : `${id} ${kind} ${status}`;
  });
}
