/**
 * A claimed job in the hands of a consumer.
 *
 *     held --complete, fail, release--> settling --store answers--> settled
 *       |                                  +--- store fails ---> held
 *       +--- lease ends or is taken: signal aborts; a settle may still be in time
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import type { Held } from "../claim/lease.ts";
import type { Clock, Timer } from "../clock.ts";
import { runForJob } from "../context/current.ts";
import type { ClaimedJob, Job } from "../job/job.ts";
import { MAX_DELAY_MS } from "../job/names.ts";
import type { Logger } from "../logger.ts";
import type { Rng } from "../rng.ts";
import { decide, type FailurePolicy } from "../settle/decide.ts";
import type { Hold, Outcome, SettleResult, Verdict } from "../store/store.ts";
import { JobSettledError } from "./claim_errors.ts";
import type { ClaimedWork, FailOptions } from "./claimed_work.ts";
import { JobCanceledError, LeaseLostError, ShutdownError } from "./errors.ts";
import { LazySignal } from "./lazy_signal.ts";
import { outcomeOf } from "./outcome_of.ts";
import { resultText } from "./result_text.ts";
import { SHORTEST_LEASE_MS } from "./server_options.ts";

/** What claimed jobs need from their consumer. */
export interface WorkPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly policy: FailurePolicy;
  readonly leaseMs: number;
  /** Whether somebody else extends the leases, and says which are lost. */
  readonly autoExtend: boolean;
  readonly settle: (outcome: Outcome) => Promise<SettleResult>;
  /** Extends a lease, or tells why it cannot. */
  readonly extend: (hold: Hold, leaseMs: number) => Promise<Extended>;
  /** Called when the consumer need not think of it any more. */
  readonly letGo: (work: HeldWork) => void;
}

/** What became of an extension. */
export type Extended = "ok" | "lost" | { readonly canceled: string };

type End = "complete" | "fail" | "release";

/** See `ClaimedWork`. */
export class HeldWork implements ClaimedWork, Held {
  readonly id: string;
  readonly fence: number;
  readonly type: string;
  readonly claimed: ClaimedJob;
  place = 0;
  /** Set before the work is given out. */
  job!: Job;
  readonly #ports: WorkPorts;
  readonly #stop = new LazySignal();
  readonly #startedAt: number;
  /** When the lease ends at the earliest, by the monotonic clock. */
  #leaseUntil: number;
  #timer: Timer | undefined;
  #end: End | undefined;

  /** @param sentAt `mono` of the moment before the claim. */
  constructor(claimed: ClaimedJob, ports: WorkPorts, sentAt: number) {
    this.id = claimed.id;
    this.fence = claimed.holder.fence;
    this.type = claimed.type;
    this.claimed = claimed;
    this.#ports = ports;
    this.#startedAt = ports.clock.mono();
    this.#leaseUntil = sentAt + ports.leaseMs;
    this.#arm();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether it has been settled, or is about to be. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** The lease is gone: asks whoever works on it to stop. */
  lost(): void {
    this.#drop(new LeaseLostError(this.id));
  }

  /** The job was canceled: asks whoever works on it to stop. */
  canceled(reason: string): void {
    this.#drop(new JobCanceledError(this.id, reason));
  }

  #drop(reason: LeaseLostError | JobCanceledError): void {
    this.#timer?.cancel();
    this.#stop.abort(reason);
    this.#ports.letGo(this);
  }

  run<V>(work: () => V): V {
    return runForJob(this.claimed, work);
  }

  complete(result?: unknown): Promise<void> {
    return this.#settle("complete", () => {
      const { text, unavailable } = resultText(result);
      if (unavailable !== undefined) {
        this.#ports.logger.warn("Job completed, its result cannot be kept", {
          id: this.id,
          type: this.type,
          reason: unavailable,
        });
      }
      return { kind: "complete", result: text };
    });
  }

  fail(error: unknown, options: FailOptions = {}): Promise<void> {
    return this.#settle("fail", () => {
      checkKeys("fail job", options, ["retryInMs"]);
      const { retryInMs } = options;
      if (retryInMs !== undefined) {
        checkInteger("fail job", "retryInMs", retryInMs, 0, MAX_DELAY_MS);
      }
      const verdict = this.verdictOn(error);
      return verdict.kind === "retry" && retryInMs !== undefined
        ? { ...verdict, delayMs: retryInMs }
        : verdict;
    });
  }

  release(): Promise<void> {
    return this.#settle("release", () => ({ kind: "release" }));
  }

  async extend(leaseMs: number = this.#ports.leaseMs): Promise<void> {
    checkInteger("extend lease", "leaseMs", leaseMs, SHORTEST_LEASE_MS);
    this.#needHeld("extend lease");
    this.#needLease();
    const sentAt = this.#ports.clock.mono();
    const extended = await this.#ports.extend({ id: this.id, fence: this.fence }, leaseMs);
    // A settle that went out meanwhile may have ended the claim before.
    this.#needHeld("extend lease");
    if (extended === "lost") this.lost();
    else if (extended !== "ok") this.canceled(extended.canceled);
    this.#needLease();
    this.#leaseUntil = sentAt + leaseMs;
    this.#arm();
  }

  /** What is to become of the job after this error. */
  verdictOn(error: unknown): Verdict {
    const { retryCount, settings } = this.claimed;
    return decide({ error, retryCount, settings }, this.#ports.policy, this.#ports.rng);
  }

  /** Settles a job that is not given out at all. */
  refuse(verdict: Verdict): Promise<void> {
    return this.#settle("fail", () => verdict);
  }

  /** Gives the job back unless it is settled: the consumer closes. Never rejects. */
  async giveBack(): Promise<void> {
    if (this.ended) return;
    this.#stop.abort(new ShutdownError());
    try {
      await this.release();
    } catch (error) {
      const { id, type } = this;
      this.#ports.logger.warn("Job could not be given back", { id, type, error });
    }
  }

  async #settle(end: End, verdictOf: () => Verdict): Promise<void> {
    this.#needHeld(`${end} job`);
    const verdict = verdictOf();
    const ranMs = this.#ports.clock.mono() - this.#startedAt;
    this.#end = end;
    this.#timer?.cancel();
    let result: SettleResult;
    try {
      result = await this.#ports.settle(outcomeOf(this.claimed, verdict, ranMs));
    } catch (error) {
      this.#end = undefined;
      this.#arm();
      throw error;
    }
    if (result === "lost") {
      this.lost();
      this.#needLease();
    }
    this.#ports.letGo(this);
  }

  #needHeld(action: string): void {
    if (this.#end !== undefined) throw new JobSettledError(action, this.id, this.#end);
  }

  #needLease(): void {
    const { reason } = this.#stop;
    if (reason instanceof JobCanceledError) throw reason;
    if (reason instanceof LeaseLostError) throw new LeaseLostError(this.id);
  }

  /** Local time bounds the trust in the lease, where nobody else watches over it. */
  #arm(): void {
    this.#timer?.cancel();
    if (this.#ports.autoExtend || this.#stop.reason !== undefined) return;
    const { clock } = this.#ports;
    this.#timer = clock.after(this.#leaseUntil - clock.mono(), () => this.lost());
  }
}
