/**
 * What happens in a whole store, as an iterable.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import type { Store, StoreEvent } from "../store/store.ts";

/** Options of `Client.events`. */
export interface EventsOptions {
  /** Ends the events when it aborts. */
  readonly signal?: AbortSignal;
  /** Cursor of the last event seen: goes on after it, with a `gap` first if events since are gone. */
  readonly after?: string;
}

/**
 * Events as they happen.
 *
 * @example
 * ```ts
 * import { Client, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * await using client = new Client({ store: memoryStore() });
 * const events = client.events();
 * await events.listening;
 * const { id } = await client.enqueue("greet", "Ada");
 * for await (const event of events) {
 *   equal(event.kind, "created");
 *   if ("id" in event) equal(event.id, id);
 *   break;
 * }
 * ```
 */
export interface StoreEvents extends AsyncIterable<StoreEvent> {
  /** Resolves when it listens: what happens from then on is told. Rejects if it cannot. */
  readonly listening: Promise<void>;
}

/**
 * Begins to listen to a store.
 *
 * @param open Gives the store.
 * @param closing Ends the events.
 */
export function storeEvents(
  open: () => Promise<Store>,
  options: EventsOptions,
  closing: AbortSignal,
): StoreEvents {
  checkKeys("watch events", options, ["signal", "after"]);
  const { signal, after } = options;
  const over = signal === undefined ? closing : AbortSignal.any([signal, closing]);
  const feed = open().then((store) => store.watchEvents(after));
  let dispose = (): void => {};
  const listening = feed.then((opened) => {
    dispose = () => opened[Symbol.dispose]();
    if (over.aborted) dispose();
    else over.addEventListener("abort", dispose, { once: true });
  });
  // Whoever iterates is told of a failure there.
  listening.catch(() => {});
  async function* iterate(): AsyncGenerator<StoreEvent, void, undefined> {
    await listening;
    const opened = await feed;
    try {
      while (true) {
        const events = await opened.next(over);
        if (events.length === 0) return;
        yield* events;
      }
    } finally {
      over.removeEventListener("abort", dispose);
      dispose();
    }
  }
  const iterator = iterate();
  return { listening, [Symbol.asyncIterator]: () => iterator };
}
