/**
 * What a handler and its middleware get.
 *
 * @module
 */

import { checkNumber } from "../checks.ts";
import type { Coalescer } from "../coalesce.ts";
import { type ClaimedJob, type Job, MAX_LINE_LENGTH } from "../job/job.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import type { Report } from "../store/store.ts";
import { attemptEvent, type ServerEvents } from "./attempt_events.ts";
import { LeaseLostError } from "./errors.ts";
import { type AddJobs, addJobs, type FamilyPorts, type RunningJob, withParents } from "./family.ts";
import type { LazySignal } from "./lazy_signal.ts";

/** One attempt, as its handler sees it. */
export interface JobContext<P = unknown, R = unknown, J extends JobMap = AnyJobs>
  extends AddJobs<J> {
  /** The job, as it was when the attempt began. */
  readonly job: RunningJob<P, R, J>;
  /**
   * Aborts when the work should stop. Its reason is a `JobTimeoutError`, a
   * `JobCanceledError`, a `LeaseLostError` or a `ShutdownError`.
   */
  readonly signal: AbortSignal;
  /**
   * Rising number of this claim. Give it to systems that refuse writes with a
   * lower one, and no late holder can overwrite a newer one's work.
   */
  readonly fence: number;
  /**
   * Says how far the work is; the last value stays on the job.
   *
   * @param value Free scale; 0 to 1 by convention.
   * @throws {LeaseLostError} If the job is no longer this holder's.
   */
  progress(value: number, message?: string): Promise<void>;
  /**
   * Adds a line to the job's log, which keeps the newest 100.
   *
   * @throws {LeaseLostError} If the job is no longer this holder's.
   */
  log(text: string): Promise<void>;
}

/** Sends what handlers tell; calls in flight go together. */
export type Reporter = Coalescer<Report, "ok" | "lost">;

/** What one attempt has told, and whether it has arrived. */
export class Telling {
  readonly #reporter: Reporter;
  readonly #claimed: ClaimedJob;
  readonly #events: ServerEvents;
  #last: Promise<unknown> | undefined;

  /** @param claimed Whose attempt it is. @param events Who is told of progress. */
  constructor(reporter: Reporter, claimed: ClaimedJob, events: ServerEvents) {
    this.#reporter = reporter;
    this.#claimed = claimed;
    this.#events = events;
  }

  /** Resolves when what was told has arrived or failed; undefined if nothing was told. */
  get arrived(): Promise<unknown> | undefined {
    return this.#last;
  }

  /** Sends what a report holds. A handler need not wait: a failure that nobody awaits is no crash. */
  tell(content: () => Omit<Report, "id" | "fence">): Promise<void> {
    const told = this.#send(content);
    // Reports go out in order, so the last one to arrive is the last one told.
    this.#last = told.catch(() => {});
    return told;
  }

  async #send(content: () => Omit<Report, "id" | "fence">): Promise<void> {
    const { id, holder: { fence } } = this.#claimed;
    const told = content();
    const answer = await this.#reporter.add({ id, fence, ...told });
    if (answer === "lost") throw new LeaseLostError(id);
    if (told.progress === undefined || !this.#events.hears("job.progress")) return;
    this.#events.emit({ event: "job.progress", ...attemptEvent(this.#claimed), ...told.progress });
  }
}

/** A text as far as a store keeps it. */
function line(text: unknown): string {
  return String(text).slice(0, MAX_LINE_LENGTH);
}

/** What the context of an attempt is made from. */
export interface ContextParts {
  readonly claimed: ClaimedJob;
  readonly stop: LazySignal;
  readonly telling: Telling;
  readonly family: FamilyPorts;
}

/** Where a context has the payload as it is stored. */
const STORED = Symbol("stored payload");

/** The payload of a context's job as it is stored: JSON. */
export function storedPayload(context: JobContext): string {
  return (context as unknown as { readonly [STORED]: string })[STORED];
}

/** Makes the context of an attempt. */
export function jobContext(
  job: Job,
  { claimed, stop, telling, family }: ContextParts,
): JobContext & { readonly [STORED]: string } {
  return {
    [STORED]: claimed.payload,
    job: withParents(job, family),
    get signal() {
      return stop.signal;
    },
    fence: claimed.holder.fence,
    ...addJobs(claimed, family),
    progress: (value, message) =>
      telling.tell(() => {
        checkNumber("report progress", "value", value, -Number.MAX_VALUE);
        return {
          progress: message === undefined ? { value } : { value, message: line(message) },
        };
      }),
    log: (text) => telling.tell(() => ({ logs: [line(text)] })),
  };
}
