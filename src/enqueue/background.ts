/**
 * Enqueues jobs for callers that do not wait.
 *
 *     add -> buffer -> a part of it to the store -> enqueued, or failed for good
 *               ^--- store cannot be reached: pause, again ---|
 *
 * One part is under way at a time; what is added meanwhile goes with the next.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import { endsWithin, sleep, systemClock } from "../clock.ts";
import { keepContext } from "../context/current.ts";
import { uuidv7Generator } from "../job/id.ts";
import type { AnyJobs, JobMap, JobType, PayloadInput } from "../job/registry.ts";
import { BufferFullError, EnqueuerClosedError, JobUnsentError } from "./background_errors.ts";
import { BufferedJob, mayPass } from "./background_job.ts";
import {
  type BackgroundEnqueuerOptions,
  type BackgroundItem,
  type BackgroundPlan,
  type FlushReport,
  planBackground,
} from "./background_options.ts";
import type { JobHandle } from "./handle.ts";
import type { EnqueueOptions } from "./options.ts";

export type {
  BackgroundEnqueuerOptions,
  BackgroundItem,
  BackgroundOptions,
  FlushReport,
} from "./background_options.ts";

/** Who waits until the jobs up to a number have ended. */
interface Flush {
  readonly upTo: number;
  readonly done: () => void;
}

/** Most jobs of one part. */
const MAX_PART = 1000;
/** Pause after a part that the store did not take, doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/**
 * Enqueues jobs in the background.
 *
 * `add` takes a job as it is at that moment and returns at once. Until the job is
 * in the store it lives in this process only, and dies with it. While the store
 * is busy or cannot be reached, jobs are kept and sent again, in their order,
 * for as long as it takes, each under the same id, so that none is there twice.
 * It is enqueued on behalf of the job whose handler added it, as any other.
 * No job is dropped without a word: each ends in `onEnqueued` or in `onError`.
 *
 * @example
 * ```ts
 * import { BackgroundEnqueuer, Client, memoryStore } from "@gqm/gqm";
 * import { deepEqual } from "node:assert/strict";
 *
 * await using client = new Client({ store: memoryStore() });
 * await using background = new BackgroundEnqueuer({
 *   enqueue: (...job) => client.enqueue(...job),
 * });
 *
 * background.add("page.viewed", { path: "/" });
 * background.add("page.viewed", { path: "/prices" });
 * deepEqual(await background.flush(), { enqueued: 2, failed: 0 });
 * ```
 */
export class BackgroundEnqueuer<J extends JobMap = AnyJobs> implements AsyncDisposable {
  readonly #plan: BackgroundPlan;
  readonly #newId = uuidv7Generator(systemClock.now);
  #waiting: BufferedJob[] = [];
  #sending: readonly BufferedJob[] = [];
  #flushes: Flush[] = [];
  #added = 0;
  #report = { enqueued: 0, failed: 0 };
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  readonly #ended = new AbortController();

  /**
   * Makes an enqueuer.
   *
   * @param options How jobs are written, and who is told.
   * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
   */
  constructor(options: BackgroundEnqueuerOptions) {
    this.#plan = planBackground(options);
  }

  /** Jobs that wait to be sent or are under way. */
  get size(): number {
    return this.#waiting.length + this.#sending.length;
  }

  /**
   * Adds a job, and returns at once. What is wrong with it goes to `onError`.
   *
   * @throws {BufferFullError} If `maxBuffered` jobs are there that the store has not taken.
   * @throws {EnqueuerClosedError} If the enqueuer has been closed.
   */
  add<T extends JobType<J>>(
    type: T,
    ...[payload, options]: undefined extends PayloadInput<J, T>
      ? [payload?: PayloadInput<J, T>, options?: EnqueueOptions]
      : [payload: PayloadInput<J, T>, options?: EnqueueOptions]
  ): void {
    if (this.#closed !== undefined) throw new EnqueuerClosedError();
    const { maxBuffered, clock, keepsContext } = this.#plan;
    if (this.size >= maxBuffered) throw new BufferFullError(maxBuffered);
    const named = { ...options, id: options?.id ?? this.#newId() };
    this.#waiting.push(
      new BufferedJob(++this.#added, type, payload, named, {
        clock,
        within: keepContext(keepsContext),
      }),
    );
    this.#running ??= this.#run();
  }

  /**
   * Resolves when all jobs that were added before are in the store or have failed
   * for good, and tells how many have ended so since the flush before. It waits
   * for as long as the store cannot be reached.
   *
   * @throws The signal's reason when it aborts first; the jobs are kept and sent all the same.
   */
  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<FlushReport> {
    checkKeys("flush jobs", options, ["signal"]);
    const { signal } = options;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(signal!.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const flush = { upTo: this.#added, done: resolve };
    this.#flushes.push(flush);
    this.#tellFlushes();
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#flushes = this.#flushes.filter((other) => other !== flush);
    }
    const { enqueued, failed } = this.#report;
    this.#report = { enqueued: 0, failed: 0 };
    return { enqueued, failed };
  }

  /**
   * Takes no more jobs and sends those that are left. What the store has not
   * taken within `closeTimeoutMs` fails with a `JobUnsentError`. Repeat: the same
   * promise.
   */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /** Closes the enqueuer at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { clock, closeTimeoutMs } = this.#plan;
    const sent = this.#running ?? Promise.resolve();
    if (await endsWithin(clock, sent, closeTimeoutMs)) return;
    this.#ended.abort();
    const left = [...this.#sending, ...this.#waiting];
    this.#sending = this.#waiting = [];
    for (const job of left) this.#failed(job, new JobUnsentError(closeTimeoutMs, job.lastError));
    this.#tellFlushes();
  }

  async #run(): Promise<void> {
    // What the same tick adds goes along.
    await undefined;
    const { clock, logger } = this.#plan;
    let pauseMs = FIRST_PAUSE_MS;
    while (this.#waiting.length > 0) {
      const unsent = await this.#sendPart();
      if (unsent === undefined) {
        pauseMs = FIRST_PAUSE_MS;
        continue;
      }
      if (this.#ended.signal.aborted) break;
      logger.warn("Store cannot be reached, jobs wait to be enqueued", {
        jobs: this.size,
        error: unsent,
        retryInMs: pauseMs,
      });
      await sleep(clock, pauseMs, this.#ended.signal);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    this.#running = undefined;
  }

  /** Sends the jobs that came first; gives an error of those that have to be sent again. */
  async #sendPart(): Promise<unknown> {
    const part = this.#waiting.splice(0, MAX_PART);
    this.#sending = part;
    const ends = await Promise.allSettled(part.map((job) => this.#send(job)));
    // Those who closed meanwhile have told of all of them.
    if (this.#ended.signal.aborted) return undefined;
    const again: BufferedJob[] = [];
    for (const [i, end] of ends.entries()) {
      const job = part[i]!;
      if (end.status === "fulfilled") this.#enqueued(job, end.value);
      else if (mayPass(end.reason)) again.push(job);
      else this.#failed(job, end.reason);
    }
    this.#sending = [];
    if (again.length > 0) this.#waiting = [...again, ...this.#waiting];
    this.#tellFlushes();
    return again.at(-1)?.lastError;
  }

  async #send(job: BufferedJob): Promise<JobHandle> {
    const { type, payload, options } = job.next();
    try {
      return await job.within(() => this.#plan.enqueue(type, payload, options));
    } catch (error) {
      job.note(error);
      throw error;
    }
  }

  #enqueued(job: BufferedJob, handle: JobHandle): void {
    this.#report.enqueued++;
    this.#call(job, (item) => this.#plan.onEnqueued(handle, item));
  }

  #failed(job: BufferedJob, error: unknown): void {
    this.#report.failed++;
    this.#call(job, (item) => this.#plan.onError(error, item));
  }

  #call({ item, within }: BufferedJob, callback: (item: BackgroundItem) => void): void {
    const { type, options: { id } } = item;
    try {
      within(() => callback(item));
    } catch (error) {
      this.#plan.logger.error("Callback failed", { id, type, error });
    }
  }

  #tellFlushes(): void {
    const oldest = (this.#sending[0] ?? this.#waiting[0])?.number ?? Infinity;
    for (const { upTo, done } of this.#flushes) if (upTo < oldest) done();
  }
}
