/**
 * One attempt of one job, from claim to verdict.
 *
 *     running --timeout--> overtime --grace--> abandoned
 *        |                    |
 *        +--- returned or threw ---> ended
 *        +--- shutdown, lease lost: signal aborts; whoever stops it may `giveUp`
 *
 * Whatever happens, `ended` resolves once, and never rejects. A handler that
 * was left alone goes on by itself; its writes are refused by its fence.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import { checkPayload } from "../job/check_payload.ts";
import { type ClaimedJob, type Job, toJob } from "../job/job.ts";
import { MAX_RESULT_BYTES } from "../job/names.ts";
import type { JobDefinition } from "../job/registry.ts";
import { resultUnavailable } from "../job/result.ts";
import { bytesIfAbove, serialize } from "../job/serialize.ts";
import type { Logger } from "../logger.ts";
import type { Rng } from "../rng.ts";
import { decide, type FailurePolicy } from "../settle/decide.ts";
import { failureOf } from "../settle/failure.ts";
import { findOutcome } from "../settle/outcome.ts";
import type { Hold, Verdict } from "../store/store.ts";
import { jobContext, type Reporter } from "./context.ts";
import { JobTimeoutError, LeaseLostError, ShutdownError, StoredPayloadError } from "./errors.ts";
import type { Handler } from "./handler.ts";

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
}

/** How an attempt ended. */
export interface AttemptResult {
  /** What to tell the store; undefined if the job is no longer ours to settle. */
  readonly verdict: Verdict | undefined;
  readonly ranMs: number;
  /** The job as the handler saw it; undefined if it could not be read. */
  readonly job: Job | undefined;
  readonly result?: unknown;
  readonly error?: unknown;
  /** The handler is still running and was left alone. */
  readonly abandoned: boolean;
}

/** One attempt of one job. */
export class Attempt implements Hold {
  readonly id: string;
  readonly fence: number;
  readonly claimed: ClaimedJob;
  /** Resolves once, when the attempt has ended or was given up. */
  readonly ended: Promise<AttemptResult>;

  readonly #plan: AttemptPlan;
  readonly #ports: AttemptPorts;
  readonly #controller = new AbortController();
  readonly #startedAt: number;
  #end!: (result: AttemptResult) => void;
  #job: Job | undefined;
  #timer: Timer | undefined;
  #handling = false;

  /** Starts at once. */
  constructor(claimed: ClaimedJob, plan: AttemptPlan, ports: AttemptPorts) {
    this.id = claimed.id;
    this.fence = claimed.holder.fence;
    this.claimed = claimed;
    this.#plan = plan;
    this.#ports = ports;
    this.#startedAt = ports.clock.mono();
    this.ended = new Promise((resolve) => this.#end = resolve);
    this.#timer = ports.clock.after(plan.timeoutMs, () => this.#timeOut());
    this.#run();
  }

  /** Asks the handler to stop, for this reason. */
  abort(reason: LeaseLostError | ShutdownError): void {
    this.#controller.abort(reason);
  }

  /** The lease is gone: asks the handler to stop and settles nothing. */
  lose(): void {
    this.abort(new LeaseLostError(this.id));
    this.#finish({ verdict: undefined, abandoned: this.#handling });
  }

  /** Leaves the handler alone and gives the job back. */
  giveUp(): void {
    this.#finish({ verdict: { kind: "release" }, abandoned: this.#handling });
  }

  async #run(): Promise<void> {
    try {
      const refused = this.#readJob();
      const verdict = refused instanceof Promise ? await refused : refused;
      if (verdict !== undefined) {
        const error = "error" in verdict
          ? new StoredPayloadError(verdict.error.message)
          : undefined;
        return this.#finish({ verdict, error, abandoned: false });
      }
      this.#handling = true;
      const context = jobContext(this.#job!, this, this.#controller, this.#ports.reporter);
      const result = await this.#plan.handler(context);
      this.#handling = false;
      const text = this.#resultText(result);
      this.#finish({ verdict: { kind: "complete", result: text }, result, abandoned: false });
    } catch (error) {
      this.#handling = false;
      this.#finish({ verdict: this.#verdictOn(error), error, abandoned: false });
    }
  }

  /** Reads payload and meta; a verdict if the job cannot be run. */
  #readJob(): Verdict | undefined | Promise<Verdict | undefined> {
    try {
      this.#job = toJob(this.claimed);
    } catch (error) {
      return { kind: "dead_letter", error: failureOf(error, "Payload cannot be read: ") };
    }
    const { definition } = this.#plan;
    if (definition?.payload === undefined) return undefined;
    return this.#checkPayload(this.#job, definition);
  }

  async #checkPayload(job: Job, definition: JobDefinition): Promise<Verdict | undefined> {
    const check = await checkPayload(definition.payload!, job.payload);
    if (check.ok) {
      this.#job = { ...job, payload: check.value };
      return undefined;
    }
    const error = {
      message: `Payload does not pass the schema of '${job.type}': ${check.issues.join("; ")}`,
    };
    switch (definition.onInvalidPayload ?? "dead_letter") {
      case "dead_letter":
        return { kind: "dead_letter", error };
      case "cancel":
        return { kind: "cancel", error };
      case "retry":
        return this.#decide(new StoredPayloadError(error.message));
    }
  }

  #resultText(result: unknown): string {
    const text = serialize(result, "result");
    if (typeof text !== "string") return this.#unavailable(`'${text.path}' is ${text.what}`);
    const bytes = bytesIfAbove(text, MAX_RESULT_BYTES);
    return bytes === undefined
      ? text
      : this.#unavailable(`it has ${bytes} bytes of JSON, above ${MAX_RESULT_BYTES}`);
  }

  #unavailable(reason: string): string {
    const { id, type } = this.claimed;
    this.#ports.logger.warn("Job completed, its result cannot be kept", { id, type, reason });
    return JSON.stringify(resultUnavailable(reason));
  }

  #verdictOn(error: unknown): Verdict {
    const { reason } = this.#controller.signal;
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

  #timeOut(): void {
    const { timeoutMs, graceMs } = this.#plan;
    const error = new JobTimeoutError(timeoutMs);
    this.#controller.abort(error);
    this.#timer = this.#ports.clock.after(graceMs, () => {
      const left = new JobTimeoutError(timeoutMs);
      left.message += ", handler abandoned";
      this.#finish({ verdict: this.#decide(left, "", true), error: left, abandoned: true });
    });
  }

  /** Only the first call counts: `ended` takes one result. */
  #finish(end: Omit<AttemptResult, "ranMs" | "job">): void {
    this.#timer?.cancel();
    const ranMs = this.#ports.clock.mono() - this.#startedAt;
    this.#end({ ...end, ranMs, job: this.#job });
  }
}
