/**
 * A binary heap: the least item first, push and pop in O(log n).
 *
 * @module
 */

/** Items ordered by `before`; equals come in no particular order. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** @param before Whether `a` comes out before `b`. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  /** How many items are in it. */
  get size(): number {
    return this.#items.length;
  }

  /** The least item, without taking it. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Adds an item. */
  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent]!;
      if (!this.#before(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  /** All items, in no particular order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }

  /** Keeps only the items that pass, in O(n log n). */
  keep(passes: (item: T) => boolean): void {
    for (const item of this.#items.splice(0)) if (passes(item)) this.push(item);
  }

  /** Takes the least item. */
  pop(): T | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return least;
    let at = 0;
    while (true) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1]!, items[child]!)) child++;
      const below = items[child]!;
      if (!this.#before(below, last)) break;
      items[at] = below;
      at = child;
    }
    items[at] = last;
    return least;
  }
}
