/** Counts events up to a number that somebody waits for. */
export class Tally {
  #count = 0;
  #wanted = Infinity;
  #reached = Promise.withResolvers<void>();

  /** Counts one. */
  add(): void {
    if (++this.#count === this.#wanted) this.#reached.resolve();
  }

  /** Makes who waits fail. */
  fail(error: Error): void {
    // Who waits later is told too; nobody need wait at all.
    this.#reached.promise.catch(() => {});
    this.#reached.reject(error);
  }

  /** Resolves when so many have been counted since the beginning. */
  reaches(wanted: number): Promise<void> {
    this.#wanted = wanted;
    if (this.#count >= wanted) this.#reached.resolve();
    return this.#reached.promise;
  }
}
