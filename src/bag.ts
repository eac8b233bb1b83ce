/**
 * Things that come and go all the time.
 *
 * Not a `Set` or a `Map`: those leave their tables behind as they change, and an old table keeps
 * the next one alive with all that was in it, until the whole heap is collected.
 *
 * @module
 */

/** A set of things, each of which remembers its place. */
export class Bag<T> {
  readonly #items: T[] = [];
  readonly #setPlace: (item: T, place: number) => void;

  /** @param setPlace Has a thing remember its place, for `delete`. */
  constructor(setPlace: (item: T, place: number) => void) {
    this.#setPlace = setPlace;
  }

  /** How many there are. */
  get size(): number {
    return this.#items.length;
  }

  /** All of them, in no order; a copy. */
  all(): T[] {
    return [...this.#items];
  }

  /** Adds one that is not in it. */
  add(item: T): void {
    this.#setPlace(item, this.#items.push(item) - 1);
  }

  /** Takes one out; false if it is not in it. @param place What it remembers. */
  delete(item: T, place: number): boolean {
    if (this.#items[place] !== item) return false;
    const last = this.#items.pop()!;
    if (last !== item) {
      this.#items[place] = last;
      this.#setPlace(last, place);
    }
    return true;
  }
}
