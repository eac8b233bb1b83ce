/**
 * A turn of the event loop.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Resolves after timers and I/O that are due have had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
