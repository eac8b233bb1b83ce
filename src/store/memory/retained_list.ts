/**
 * Final jobs in the order in which they ended.
 *
 * @module
 */

import type { Entry } from "./entry.ts";

/** Final jobs in the order in which they ended, of which the oldest is found at once. */
export class RetainedList {
  readonly entries: Set<Entry> = new Set();
  // One iterator for the list's life: a new one would step over every hole that
  // removed entries left at the front.
  #oldest: SetIterator<Entry> = this.entries.values();

  /** The oldest entry. Call it only to remove that entry. */
  oldest(): Entry | undefined {
    const { value } = this.#oldest.next();
    if (value !== undefined) return value;
    this.#oldest = this.entries.values();
    return this.#oldest.next().value;
  }
}
