/**
 * A line for work that is done one piece at a time. Those who wait come in turn, one piece each, so
 * that whoever brings many pieces holds up others by one at most.
 *
 * @module
 */

/** A line. */
export class Turns {
  /** By who waits; the next is the first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #held = 0;

  /** Whether nobody waits behind the one whose turn it is. */
  get isLast(): boolean {
    return this.#held === 1;
  }

  /**
   * Does a piece of work when its turn comes.
   *
   * @param who Whose it is.
   * @param most The line is full for it with so many pieces, the one that is done now among them.
   * @returns What it gives; undefined if the line is full.
   */
  async run<T>(who: string, most: number, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#held >= most) return undefined;
    this.#held++;
    if (this.#held > 1) await this.#turn(who);
    try {
      return await work();
    } finally {
      this.#held--;
      this.#next();
    }
  }

  #turn(who: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const own = this.#waiting.get(who);
    if (own === undefined) this.#waiting.set(who, [resolve]);
    else own.push(resolve);
    return promise;
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [who, own] = first;
    this.#waiting.delete(who);
    own.shift()!();
    if (own.length > 0) this.#waiting.set(who, own);
  }
}
