/**
 * Claimed jobs that their pool has not started yet, and what the store knows of that.
 *
 *     claimed --slot--> started
 *        +--- lies too long, stop ---> given back
 *
 * The store has a mark: the lowest fence that was not started. A job above it
 * whose server dies counts no delivery. The mark is told with the next cycle, so
 * it may be a little behind: a job that kills its server at once might never be
 * counted. Such a job is a suspect from then on, and waits until the mark is
 * beyond it.
 *
 * @module
 */

import type { RunningAttempt } from "./attempt.ts";

/** A job that was not started. */
export interface Entry {
  readonly attempt: RunningAttempt;
  /** `mono` of a time at which the store surely knew of the claim. */
  readonly heldAt: number;
}

/** What goes with the answer to a cycle. */
export interface Answer {
  /** The mark that the store was told, if any. */
  readonly told: number | null | undefined;
  /** How many claims were not ahead. */
  readonly slots: number;
  /** `mono` of a time at which the store surely knew of the claims. */
  readonly heldAt: number;
  /** Whether no other cycle was under way meanwhile. */
  readonly isAlone: boolean;
}

/** The jobs of one pool that wait for a slot, in the order in which they are to start. */
export class Waiting {
  #entries: Entry[] = [];
  /** The mark that the store has; undefined while that is not known. */
  #mark: number | null | undefined = null;
  /** The store counts all claims with a lower fence as started. */
  #announced = 0;
  /** Highest fence of all that came. */
  #highest = 0;

  /** How many there are. */
  get size(): number {
    return this.#entries.length;
  }

  /** The next one to start; those that have ended meanwhile are dropped. */
  peek(): Entry | undefined {
    while (this.#entries[0]?.attempt.ended) this.#entries.shift();
    return this.#entries[0];
  }

  /** Takes the next one. */
  shift(): void {
    this.#entries.shift();
  }

  /** Takes all. */
  takeAll(): readonly RunningAttempt[] {
    const attempts = this.#entries.map(({ attempt }) => attempt);
    this.#entries = [];
    return attempts;
  }

  /** The store surely knew of all claims then. */
  proven(heldAt: number): void {
    this.#entries = this.#entries.map(({ attempt }) => ({ attempt, heldAt }));
  }

  /** Whether an attempt may start, as far as the store is concerned. */
  mayStart({ attempt }: Entry): boolean {
    return attempt.claimed.suspect !== true || attempt.fence < this.#announced;
  }

  /** Whether the next one waits for nothing but that the store hears of it. */
  isHeldUp(slots: number): boolean {
    const next = slots > 0 ? this.peek() : undefined;
    return next !== undefined && !this.mayStart(next);
  }

  /**
   * The mark to tell the store; undefined if it knows it.
   *
   * @param slots How many more start now. @param isMore Whether claims are under way.
   */
  toTell(slots: number, isMore: boolean): number | null | undefined {
    const next = isMore ? this.#highest + 1 : null;
    const mark = this.#entries[slots]?.attempt.fence ?? next;
    if (mark === null && this.#mark === null) return undefined;
    this.#mark = undefined;
    // From now on the store may count what comes after as not started.
    if (mark !== null) this.#announced = Math.min(this.#announced, mark);
    return mark;
  }

  /** What the store has for a mark is not known any more. */
  lostTrack(): void {
    this.#mark = undefined;
    this.#announced = 0;
  }

  /** The store has answered, and these are claimed too. */
  add(attempts: readonly RunningAttempt[], { told, slots, heldAt, isAlone }: Answer): void {
    if (isAlone) {
      this.#mark = told ?? attempts[slots]?.fence ?? null;
      this.#announced = this.#mark ?? Infinity;
    } else {
      this.lostTrack();
    }
    for (const attempt of attempts) {
      this.#entries.push({ attempt, heldAt });
      if (attempt.fence > this.#highest) this.#highest = attempt.fence;
    }
  }

  /** The store has claimed these by itself, not ahead; a cycle may be under way. A suspect waits for a heartbeat. */
  addWoken(attempts: readonly RunningAttempt[], heldAt: number): void {
    for (const attempt of attempts) {
      const isSuspect = attempt.claimed.suspect === true;
      this.#entries.push({ attempt, heldAt: isSuspect ? -Infinity : heldAt });
    }
    this.#entries.sort((a, b) => a.attempt.fence - b.attempt.fence);
  }
}
