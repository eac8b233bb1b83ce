/** Makes jobs and verdicts of what the steps say, at the moment when they are played. */

import type { Clock } from "../../src/clock.ts";
import type { JobAction, NewJob, Verdict } from "../../src/store/store.ts";
import { type ActionSpec, type EndSpec, type JobSpec, UNIT } from "./steps.ts";

/** Gives each job times and a payload of its own. */
export class JobMaker {
  readonly #clock: Clock;
  /** Times already taken: which of two jobs with the same time goes first is open. */
  readonly #times = new Set<number>();
  #marks = 0;
  #serial = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A job to enqueue now; its claim is for the caller to fill in. */
  job({ length, runIn, delayIn, expireIn, under: _, ...job }: JobSpec): NewJob {
    const settings = expireIn === undefined
      ? job.settings
      : { ...job.settings, expireAt: this.#free(expireIn) };
    return {
      ...job,
      settings,
      payload: this.#payload(length),
      ...this.#time(runIn, delayIn, job),
    };
  }

  #time(
    runIn: number | undefined,
    delayIn: number | undefined,
    job: Pick<NewJob, "settings" | "onConflict">,
  ): Pick<NewJob, "runAt" | "delayMs"> {
    if (runIn !== undefined) return { runAt: this.#free(runIn) };
    if (delayIn !== undefined && delayIn > 0) return { delayMs: this.#delay(delayIn, job) };
    if (job.onConflict === "debounce") {
      // A retry that is debounced to now stands in the line of those that are due.
      const runAt = this.#free(0);
      if (runAt > this.#clock.now()) return { runAt };
    }
    return delayIn === undefined ? {} : { delayMs: 0 };
  }

  /** The verdict of an attempt that ends now. */
  verdict({ verdict, resultLength }: EndSpec): Verdict {
    if (verdict.kind === "complete" && resultLength !== undefined) {
      return { ...verdict, result: JSON.stringify("r".repeat(resultLength)) };
    }
    if (verdict.kind !== "retry") return verdict;
    return { ...verdict, delayMs: this.#free(verdict.delayMs) - this.#clock.now() };
  }

  /** What is done to jobs now. */
  action(action: ActionSpec): JobAction {
    switch (action.kind) {
      case "retry": {
        const { length, ...rest } = action;
        return length === undefined ? rest : { ...rest, payload: this.#payload(length) };
      }
      case "edit":
        return { kind: "edit", payload: this.#payload(action.length) };
      default:
        return action;
    }
  }

  /** How long a lease is that holds for so many units: it ends when no other does. */
  lease(units: number): number {
    return this.#free(units) - this.#clock.now();
  }

  #payload(length: number): string {
    return JSON.stringify(`${this.#serial++} a\n|;é`.padEnd(length, "p"));
  }

  /** A delay; when that of a job with parents begins, is not known. */
  #delay(units: number, { settings, onConflict }: Pick<NewJob, "settings" | "onConflict">): number {
    const mayWait = settings.dependsOn !== undefined || settings.unique !== undefined ||
      onConflict !== undefined;
    return mayWait ? units * UNIT + this.#mark() : this.#free(units) - this.#clock.now();
  }

  /** The time in so many units if nothing else has it, else one a little later. */
  #free(units: number): number {
    const time = this.#clock.now() + units * UNIT;
    let free = time;
    while (this.#times.has(free)) free = time + this.#mark();
    this.#times.add(free);
    return free;
  }

  /** A part of a unit that is not used in a long while. */
  #mark(): number {
    this.#marks = this.#marks % (UNIT - 1) + 1;
    return this.#marks;
  }
}
