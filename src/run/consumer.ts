/**
 * Manual consumption: code claims jobs and settles them by itself, where a
 * server would call handlers.
 *
 * @module
 */

import { UnknownJobTypeError } from "../enqueue/errors.ts";
import type { AnyJobs, JobMap, JobType, Payload, Result } from "../job/registry.ts";
import { StoreUse } from "../store/open.ts";
import { ConsumerClosedError } from "./claim_errors.ts";
import type { ClaimedWork } from "./claimed_work.ts";
import { Claimer } from "./claimer.ts";
import {
  type ClaimOptions,
  type ConsumerOptions,
  type ConsumerPlan,
  planClaim,
  planConsumer,
} from "./consumer_options.ts";
import { newServerId } from "./server_id.ts";

/** A claimed job of one of some types: `type` tells one from the other. */
export type WorkOf<J extends JobMap, T extends JobType<J>> = {
  readonly [K in T]: ClaimedWork<Payload<J, K>, Result<J, K>, K>;
}[T];

/**
 * Claims jobs for code that settles them by itself.
 *
 * A job that is claimed must be completed, failed or released within its
 * lease, or its lease be extended; else it goes to somebody else. A time limit
 * is up to the code: `timeoutMs` of job and handler does not count here, nor do
 * middleware and callbacks. The store is opened at the first claim. Settles in
 * flight go to the store together.
 *
 * @example
 * ```ts
 * import { Client, Consumer, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await using consumer = new Consumer({ store });
 *
 * const handle = await client.enqueue("sum", [1, 2, 3]);
 * for (const work of await consumer.claim({ types: ["sum"], limit: 10 })) {
 *   try {
 *     const numbers = work.job.payload as number[];
 *     await work.complete(numbers.reduce((a, b) => a + b, 0));
 *   } catch (error) {
 *     await work.fail(error);
 *   }
 * }
 * equal(await handle.result(), 6);
 * ```
 */
export class Consumer<J extends JobMap = AnyJobs> implements AsyncDisposable {
  /** Unique name of this consumer among all processes: the jobs' holder. */
  readonly id: string;
  readonly #jobs: J | undefined;
  readonly #plan: ConsumerPlan;
  readonly #use: StoreUse;
  readonly #closing = new AbortController();
  #claimer: Claimer | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Makes a consumer; opens nothing yet.
   *
   * @param options Where the jobs are, and how they are held.
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   * @throws {StoreUrlError} If `store` is a URL that names no store of this package.
   */
  constructor(options: ConsumerOptions<J> = {}) {
    this.#plan = planConsumer(options);
    this.#use = new StoreUse(options.store, { logger: this.#plan.logger });
    this.#jobs = options.jobs;
    this.id = newServerId();
  }

  /**
   * Claims up to `limit` jobs of some types. Answers with what is there, or with
   * nothing; with `waitMs` it waits until there is a job, or the time is over.
   *
   * Jobs whose payload does not pass the schema of their type are not given out:
   * they end as their `onInvalidPayload` says.
   *
   * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
   * @throws {UnknownJobTypeError} If a type is outside the registry.
   * @throws {ConsumerClosedError} If the consumer is or gets closed.
   * @throws {StoreOpenError} If the store cannot be opened.
   * @throws The signal's reason when it aborts first.
   */
  async claim<T extends JobType<J>>(options: ClaimOptions<T>): Promise<WorkOf<J, T>[]> {
    this.#needOpen();
    const plan = planClaim(options);
    this.#needKnown(options.types);
    const { signal } = options;
    signal?.throwIfAborted();
    const over = new AbortController();
    const end = (): void => over.abort();
    const enders = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    for (const ender of enders) ender.addEventListener("abort", end, { once: true });
    const { clock } = this.#plan;
    const timer = plan.waitMs === Infinity ? undefined : clock.after(plan.waitMs, end);
    try {
      const claimer = await this.#open();
      const works = await claimer.claim(plan, over.signal);
      if (!enders.some(({ aborted }) => aborted)) return works as unknown[] as WorkOf<J, T>[];
      for (const work of works) work.giveBack();
    } catch (error) {
      // A store that is closed under a claim is no failure of the store.
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      timer?.cancel();
      for (const ender of enders) ender.removeEventListener("abort", end);
    }
    this.#needOpen();
    throw signal!.reason;
  }

  /**
   * Gives back what is claimed and not settled, without using up an attempt, and
   * aborts its signals with `ShutdownError`; then closes the store if it was
   * opened from a URL. Claims that wait reject. Repeat: the same promise.
   */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /** Closes the consumer at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #needOpen(): void {
    if (this.#closing.signal.aborted) throw new ConsumerClosedError("claim jobs");
  }

  #needKnown(types: readonly string[]): void {
    const jobs = this.#jobs;
    const unknown = jobs && types.find((type) => !Object.hasOwn(jobs, type));
    if (unknown === undefined) return;
    throw new UnknownJobTypeError("claim jobs", unknown, Object.keys(jobs!));
  }

  async #open(): Promise<Claimer> {
    const store = await this.#use.get();
    this.#needOpen();
    if (this.#claimer === undefined) {
      this.#claimer = new Claimer({ store, server: this.id, plan: this.#plan, jobs: this.#jobs });
      this.#claimer.start();
    }
    return this.#claimer;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#claimer?.stop();
    await this.#use.close();
  }
}
