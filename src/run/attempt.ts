/**
 * One attempt of one job, from claim to verdict.
 *
 *     running --timeout--> overtime --grace--> abandoned
 *        |                    |
 *        +--- returned or threw ---> ended
 *        +--- shutdown, lease lost: signal aborts; whoever stops it may `giveUp`
 *        +--- canceled: signal aborts; ends with the handler, or is left alone after its grace
 *
 * Whatever happens, `onEnd` is called once. A handler that was left alone goes
 * on by itself; its writes are refused by its fence.
 *
 * @module
 */

import { type Clock, endsWithin, type Timer } from "../clock.ts";
import { runForJob } from "../context/current.ts";
import type { ClaimedJob, Job } from "../job/job.ts";
import type { JobDefinition } from "../job/registry.ts";
import type { Logger } from "../logger.ts";
import type { Rng } from "../rng.ts";
import { decide, type FailurePolicy } from "../settle/decide.ts";
import { failureOf } from "../settle/failure.ts";
import { findOutcome } from "../settle/outcome.ts";
import type { Held } from "../claim/lease.ts";
import type { Report, Verdict } from "../store/store.ts";
import type { AttemptSpan, Tracing } from "../tracing.ts";
import { attemptEvent, type ServerEvents } from "./attempt_events.ts";
import { readsParents } from "./attempt_span.ts";
import {
  type AttemptPart,
  type JobContext,
  jobContext,
  type Reporter,
  Telling,
} from "./context.ts";
import { type FamilyPorts, type RunningJob, runningJob } from "./family.ts";
import type { Deadlines, Limited } from "./deadlines.ts";
import { JobCanceledError, JobTimeoutError, LeaseLostError, ShutdownError } from "./errors.ts";
import type { Handler } from "./handler.ts";
import type { AfterHook } from "./hooks.ts";
import { LazySignal } from "./lazy_signal.ts";
import { resultText } from "./result_text.ts";
import { checkStored } from "./stored_payload.ts";

/** How an attempt is to be run. */
export interface AttemptPlan {
  /** The handler, wrapped in middleware. */
  readonly handler: Handler;
  readonly definition: JobDefinition | undefined;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly policy: FailurePolicy;
}

/** What attempts need from their server. */
export interface AttemptPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly reporter: Reporter;
  readonly family: FamilyPorts;
  readonly deadlines: Deadlines;
  readonly events: ServerEvents;
  /** Called after every attempt whose handler was called. */
  readonly after: readonly AfterHook[];
  /** Follows every attempt. */
  readonly tracing?: Tracing;
}

/** How an attempt ended. */
export interface AttemptResult {
  /** What to tell the store; undefined if the job is no longer ours to settle. */
  readonly verdict: Verdict | undefined;
  readonly ranMs: number;
  /** The job as the handler saw it; undefined if it could not be read. */
  readonly job: Job | undefined;
  /** What the handler got, if it was called and a hook will ask. */
  readonly context?: JobContext;
  readonly result?: unknown;
  readonly error?: unknown;
  /** The handler is still running and was left alone. */
  readonly abandoned: boolean;
  /** Set if the job was canceled while it ran: the store knows its end already. */
  readonly canceled?: JobCanceledError;
}

/** One attempt of one job. Nothing happens before `start`. */
export class RunningAttempt implements Held, Limited, AttemptPart {
  readonly id: string;
  readonly fence: number;
  /** The job; from the start on it belongs to the trace of this attempt, if that is followed. */
  claimed: ClaimedJob;
  /** What follows it. */
  span: AttemptSpan | undefined;
  place = 0;
  /** Where its pool's slots have it, for those alone. */
  slot = 0;
  deadline = 0;
  dueAt = Infinity;
  readonly #plan: AttemptPlan;
  readonly #ports: AttemptPorts;
  /** Made when it is needed, as most never need it; so is `#telling`. */
  #stop: LazySignal | undefined;
  #telling: Telling | undefined;
  /** By the monotonic clock; undefined before the start. */
  #startedAt: number | undefined;
  #onEnd: ((attempt: RunningAttempt, result: AttemptResult) => void) | undefined;
  #job: RunningJob | undefined;
  #context: JobContext | undefined;
  /** Until it is left alone. */
  #grace: Timer | undefined;
  #handling = false;
  #canceled: JobCanceledError | undefined;

  /** @param onEnd Called once, when the attempt has ended or was given up. */
  constructor(
    claimed: ClaimedJob,
    plan: AttemptPlan,
    ports: AttemptPorts,
    onEnd: (attempt: RunningAttempt, result: AttemptResult) => void,
  ) {
    this.id = claimed.id;
    this.fence = claimed.holder.fence;
    this.claimed = claimed;
    this.#plan = plan;
    this.#ports = ports;
    this.#onEnd = onEnd;
  }

  /**
   * Starts. A handler that does not wait for anything has ended when this returns.
   *
   * @param now The time by the monotonic clock.
   */
  start(now: number = this.#ports.clock.mono()): void {
    if (this.#onEnd === undefined) return;
    this.#startedAt = now;
    if (this.#ports.tracing !== undefined) this.#follow(this.#ports.tracing);
    try {
      this.#job = runningJob(this.claimed, this.family);
    } catch (error) {
      const verdict = {
        kind: "dead_letter",
        error: failureOf(error, "Payload cannot be read: "),
      } as const;
      return this.#finish(verdict, false, error);
    }
    const { definition } = this.#plan;
    const ended = definition?.payload === undefined
      ? this.#handle()
      : this.#checkAndHandle(this.#job, definition);
    if (ended !== undefined && this.#onEnd !== undefined) this.#limit(now);
  }

  /** What the job passes on is the trace of this attempt from now on. */
  #follow(tracing: Tracing): void {
    this.span = tracing.attempt(this.claimed, this.#ports.clock.now());
    const { trace } = this.span;
    if (trace === undefined) return;
    this.claimed = { ...this.claimed, settings: { ...this.claimed.settings, trace } };
  }

  /** The handler's signal. */
  get signal(): AbortSignal {
    return (this.#stop ??= new LazySignal()).signal;
  }

  /** Jobs that the handler reads and writes. */
  get family(): FamilyPorts {
    const { family } = this.#ports;
    return this.span === undefined ? family : readsParents(family, this.span);
  }

  /** Sends what the handler tells. */
  tell(content: () => Omit<Report, "id" | "fence">): Promise<void> {
    this.#telling ??= new Telling(this.#ports.reporter, this.claimed, this.#ports);
    return this.#telling.tell(content);
  }

  /** Whether it has ended, or was given up. */
  get ended(): boolean {
    return this.#onEnd === undefined;
  }

  /** Asks the handler to stop, for this reason. */
  abort(reason: Error): void {
    (this.#stop ??= new LazySignal()).abort(reason);
  }

  /** The lease is gone: asks the handler to stop and settles nothing. */
  lost(): void {
    this.abort(new LeaseLostError(this.id));
    this.#finish(undefined, this.#handling);
  }

  /** The job was canceled: asks the handler to stop, and drops what it returns. */
  canceled(reason: string): void {
    if (this.#onEnd === undefined) return;
    this.#canceled = new JobCanceledError(this.id, reason);
    this.abort(this.#canceled);
    if (!this.#handling) return this.#drop(false);
    this.#unlimit();
    this.#grace = this.#ports.clock.after(this.#plan.graceMs, () => this.#drop(true));
  }

  /** The end of a canceled job. */
  #drop(abandoned: boolean): void {
    this.#finish(undefined, abandoned, this.#canceled);
  }

  /** Leaves the handler alone and gives the job back. */
  giveUp(): void {
    if (this.#canceled !== undefined) return this.#drop(this.#handling);
    this.#finish({ kind: "release" }, this.#handling);
  }

  /** Runs the handler; a promise only if it gave one or has told something. */
  #handle(): Promise<void> | undefined {
    this.#handling = true;
    try {
      const context = jobContext(this.#job!, this);
      if (this.#ports.after.length > 0) this.#context = context;
      const result: unknown = this.span === undefined
        ? runForJob(this.claimed, this.#plan.handler, context)
        : this.#runWithin(this.span, context);
      if (isThenable(result) || this.#telling !== undefined) return this.#await(result);
      this.#complete(result);
    } catch (error) {
      if (this.#telling !== undefined) return this.#await(Promise.reject(error));
      this.#fail(error);
    }
    return undefined;
  }

  /** Apart, as what a closure captures would cost an attempt without a span something too. */
  #runWithin(span: AttemptSpan, context: JobContext): unknown {
    return span.run(() => runForJob(this.claimed, this.#plan.handler, context));
  }

  async #await(result: unknown): Promise<void> {
    try {
      const value = await result;
      if (this.#telling !== undefined) await this.#hearOut(this.#telling.arrived);
      this.#complete(value);
    } catch (error) {
      if (this.#telling !== undefined) await this.#hearOut(this.#telling.arrived);
      this.#fail(error);
    }
  }

  /**
   * The handler has ended: what it told goes before its end, since afterwards it
   * would be refused; but a store that does not answer must not undo the work.
   */
  async #hearOut(arrived: Promise<unknown>): Promise<void> {
    this.#unlimit();
    await endsWithin(this.#ports.clock, arrived, this.#plan.graceMs);
  }

  async #checkAndHandle(job: Job, definition: JobDefinition): Promise<void> {
    const stored = await checkStored(job, definition, (error) => this.#decide(error));
    // Whoever ended the attempt meanwhile may have given the job to another.
    if (this.#onEnd === undefined) return;
    if (!stored.ok) {
      return this.#finish(stored.verdict, false, stored.error);
    }
    await this.#handle();
  }

  #complete(result: unknown): void {
    this.#handling = false;
    if (this.#onEnd === undefined) return;
    if (this.#canceled !== undefined) return this.#drop(false);
    this.#finish({ kind: "complete", result: this.#resultText(result) }, false, undefined, result);
  }

  #fail(error: unknown): void {
    this.#handling = false;
    if (this.#onEnd === undefined) return;
    if (this.#canceled !== undefined) return this.#drop(false);
    this.#finish(this.#verdictOn(error), false, error);
  }

  #resultText(result: unknown): string | null {
    const { text, unavailable: reason } = resultText(result);
    if (reason !== undefined) {
      const { id, type } = this.claimed;
      const { logger, events } = this.#ports;
      logger.warn("Job completed, its result cannot be kept", { id, type, reason });
      if (events.hears("job.result_dropped")) {
        events.emit({ event: "job.result_dropped", ...attemptEvent(this.claimed), reason });
      }
    }
    return text;
  }

  #verdictOn(error: unknown): Verdict {
    const reason = this.#stop?.reason;
    const saidMore = findOutcome(error) !== undefined;
    if (reason instanceof ShutdownError && !saidMore) return { kind: "release" };
    if (!(reason instanceof JobTimeoutError)) return this.#decide(error);
    return this.#decide(error, error === reason ? "" : `${reason.message}, handler stopped: `);
  }

  #decide(error: unknown, prefix?: string, abandoned?: boolean): Verdict {
    const { retryCount, settings } = this.claimed;
    return decide(
      { error, retryCount, settings, prefix, abandoned },
      this.#plan.policy,
      this.#ports.rng,
    );
  }

  /** Limits the time of a handler that waits for something. */
  #limit(startedAt: number): void {
    if (this.#canceled !== undefined) return;
    this.dueAt = startedAt + this.#timeoutMs;
    this.#ports.deadlines.add(this);
  }

  /** Neither limit nor grace counts any more. */
  #unlimit(): void {
    if (this.dueAt < Infinity) this.#ports.deadlines.delete(this);
    this.#grace?.cancel();
  }

  get #timeoutMs(): number {
    return this.claimed.settings.timeoutMs ?? this.#plan.timeoutMs;
  }

  /** Its time is over: asks the handler to stop, and leaves it alone after its grace. */
  overdue(): void {
    this.abort(new JobTimeoutError(this.#timeoutMs));
    this.#grace = this.#ports.clock.after(this.#plan.graceMs, () => {
      const error = new JobTimeoutError(this.#timeoutMs);
      error.message += ", handler abandoned";
      this.#finish(this.#decide(error, "", true), true, error);
    });
  }

  /** Only the first call counts. */
  #finish(
    verdict: Verdict | undefined,
    abandoned: boolean,
    error?: unknown,
    result?: unknown,
  ): void {
    this.#unlimit();
    const onEnd = this.#onEnd;
    if (onEnd === undefined) return;
    this.#onEnd = undefined;
    onEnd(this, {
      verdict,
      ranMs: this.#startedAt === undefined ? 0 : this.#ports.clock.mono() - this.#startedAt,
      job: this.#job,
      context: this.#context,
      result,
      error,
      abandoned,
      canceled: this.#canceled,
    });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
