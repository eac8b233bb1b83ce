/** Makes jobs and verdicts of what the steps say, at the moment when they are played. */

import type { Clock } from "../../src/clock.ts";
import type { NewJob, Verdict } from "../../src/store/store.ts";
import type { EndSpec, JobSpec } from "./steps.ts";

/** Gives each job a time and a payload of its own. */
export class JobMaker {
  readonly #clock: Clock;
  /** Times already taken: which of two jobs with the same time goes first is open. */
  readonly #times = new Set<number>();
  #serial = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A job to enqueue now. */
  job({ length, runIn, delayIn, expireIn, ...job }: JobSpec): NewJob {
    const now = this.#clock.now();
    const settings = expireIn === undefined
      ? job.settings
      : { ...job.settings, expireAt: this.#free(now + expireIn) };
    return {
      ...job,
      settings,
      payload: JSON.stringify(`${this.#serial++} a\n|;é`.padEnd(length, "p")),
      ...(runIn === undefined ? {} : { runAt: this.#free(now + runIn) }),
      ...(delayIn === undefined ? {} : { delayMs: this.#free(now + delayIn) - now }),
    };
  }

  /** The verdict of an attempt that ends now. */
  verdict({ verdict, resultLength }: EndSpec): Verdict {
    if (verdict.kind === "complete" && resultLength !== undefined) {
      return { ...verdict, result: JSON.stringify("r".repeat(resultLength)) };
    }
    if (verdict.kind !== "retry") return verdict;
    const now = this.#clock.now();
    return { ...verdict, delayMs: this.#free(now + verdict.delayMs) - now };
  }

  /** The first time from here on that nothing else has. */
  #free(time: number): number {
    let free = time;
    while (this.#times.has(free)) free++;
    this.#times.add(free);
    return free;
  }
}
