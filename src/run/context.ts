/**
 * What a handler and its middleware get.
 *
 * @module
 */

import { checkNumber } from "../checks.ts";
import type { Clock } from "../clock.ts";
import type { Coalescer } from "../coalesce.ts";
import type { GraphNodes } from "../enqueue/graph.ts";
import type { EnqueueOptions } from "../enqueue/options.ts";
import { type ClaimedJob, MAX_LINE_LENGTH } from "../job/job.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import { nextTurn } from "../runtime/turn.ts";
import type { Report } from "../store/store.ts";
import { attemptEvent, type ServerEvents } from "./attempt_events.ts";
import { LeaseLostError } from "./errors.ts";
import { addChild, addGraph, type AddJobs, type FamilyPorts, type RunningJob } from "./family.ts";

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

/** Longest time that a handler which does nothing but tell goes on without a turn of the event loop. */
const YIELD_AFTER_MS = 10;

/** What a telling needs from its server. */
export interface TellingPorts {
  readonly events: ServerEvents;
  readonly clock: Clock;
}

/** What one attempt has told, and whether it has arrived. */
export class Telling {
  readonly #reporter: Reporter;
  readonly #claimed: ClaimedJob;
  readonly #events: ServerEvents;
  readonly #clock: Clock;
  #last: Promise<unknown> = Promise.resolve();
  #yieldedAt: number;

  /** @param claimed Whose attempt it is. @param ports Who is told of progress, and when. */
  constructor(reporter: Reporter, claimed: ClaimedJob, { events, clock }: TellingPorts) {
    this.#reporter = reporter;
    this.#claimed = claimed;
    this.#events = events;
    this.#clock = clock;
    this.#yieldedAt = clock.mono();
  }

  /** Resolves when what was told has arrived or failed. */
  get arrived(): Promise<unknown> {
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
    // An embedded store answers at once: of a handler that only tells, no timer would have its turn, nor its own lease.
    if (this.#clock.mono() - this.#yieldedAt >= YIELD_AFTER_MS) {
      await nextTurn();
      this.#yieldedAt = this.#clock.mono();
    }
    if (told.progress === undefined || !this.#events.hears("job.progress")) return;
    this.#events.emit({ event: "job.progress", ...attemptEvent(this.#claimed), ...told.progress });
  }
}

/** A text as far as a store keeps it. */
function line(text: unknown): string {
  return String(text).slice(0, MAX_LINE_LENGTH);
}

/** An attempt, as its context needs it. */
export interface AttemptPart {
  readonly claimed: ClaimedJob;
  /** Made when it is asked for: most handlers never do. */
  readonly signal: AbortSignal;
  readonly family: FamilyPorts;
  /** See `Telling`. */
  tell(content: () => Omit<Report, "id" | "fence">): Promise<void>;
}

/** Where a context has its attempt. */
const ATTEMPT = Symbol("attempt");

/** The payload of a context's job as it is stored: JSON. */
export function storedPayload(context: JobContext): string {
  return (context as JobContext & Unsignaled)[ATTEMPT].claimed.payload;
}

/** What a context is without its signal. */
type Unsignaled = Omit<JobContext, "signal"> & { readonly [ATTEMPT]: AttemptPart };

/** Gets the signal of a context: one function for all, which then have the same shape. */
function signalOf(this: Unsignaled): AbortSignal {
  return this[ATTEMPT].signal;
}

/**
 * Makes the context of an attempt. It has all properties itself, so that a copy has them too.
 *
 * A getter in a literal would be new for each: V8 puts such a function into the old generation, and
 * with it, until that is collected, all that it sees.
 */
export function jobContext(job: RunningJob, attempt: AttemptPart): JobContext {
  const { claimed, family } = attempt;
  const context: Unsignaled = {
    job,
    fence: claimed.holder.fence,
    enqueueChild:
      ((type: string, payload?: unknown, options?: EnqueueOptions) =>
        addChild(claimed, family, type, payload, options)) as JobContext["enqueueChild"],
    enqueueGraph:
      ((graph: GraphNodes) => addGraph(claimed, family, graph)) as JobContext["enqueueGraph"],
    progress: (value, message) =>
      attempt.tell(() => {
        checkNumber("report progress", "value", value, -Number.MAX_VALUE);
        return {
          progress: message === undefined ? { value } : { value, message: line(message) },
        };
      }),
    log: (text) => attempt.tell(() => ({ logs: [line(text)] })),
    [ATTEMPT]: attempt,
  };
  // Object.defineProperty takes twice the time.
  (context as unknown as Legacy).__defineGetter__("signal", signalOf);
  return context as JobContext & Unsignaled;
}

/** What every object has for the sake of old scripts. */
interface Legacy {
  __defineGetter__(name: string, get: (this: Unsignaled) => unknown): void;
}
