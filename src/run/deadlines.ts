/**
 * The time limits of attempts, with one timer for all: nearly all end long before, and a timer of
 * its own for each cost more than the rest of a short job.
 *
 * @module
 */

import { Bag } from "../bag.ts";
import type { Clock, Timer } from "../clock.ts";

/** What may take too long. */
export interface Limited {
  /** When it has taken too long, by the monotonic clock. */
  readonly dueAt: number;
  /** Called then, once. */
  overdue(): void;
  /** Where the deadlines have it, for those alone. */
  deadline: number;
}

/** Tells those whose time is over. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #all = new Bag<Limited>((limited, place) => limited.deadline = place);
  #timer: Timer | undefined;
  /** When the timer fires: not after the first is due. */
  #firesAt = Infinity;

  /** @param clock By which time is told. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches over something until `delete`. */
  add(limited: Limited): void {
    this.#all.add(limited);
    if (limited.dueAt < this.#firesAt) this.#arm(limited.dueAt);
  }

  /** Lets go of something. Repeat: does nothing. */
  delete(limited: Limited): void {
    // The timer stays where others are watched over: to fire in vain once costs less than to set it anew each time.
    if (this.#all.delete(limited, limited.deadline) && this.#all.size === 0) this.#disarm();
  }

  #arm(at: number): void {
    this.#disarm();
    this.#firesAt = at;
    this.#timer = this.#clock.after(at - this.#clock.mono(), () => this.#fire());
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#firesAt = Infinity;
  }

  #fire(): void {
    this.#firesAt = Infinity;
    const now = this.#clock.mono();
    let next = Infinity;
    const over: Limited[] = [];
    for (const limited of this.#all.all()) {
      if (limited.dueAt <= now) over.push(limited);
      else if (limited.dueAt < next) next = limited.dueAt;
    }
    if (next < Infinity) this.#arm(next);
    for (const limited of over) {
      if (this.#all.delete(limited, limited.deadline)) limited.overdue();
    }
  }
}
