/**
 * The threads of one pool: started when a job needs one, kept for the next, and
 * replaced when they end.
 *
 * @module
 */

import { type Clock, sleep } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { configOf, standIn } from "../runtime/processes.ts";
import { type JobContext, storedPayload } from "./context.ts";
import type { Handler } from "./handler.ts";
import type { ThreadTask } from "./thread_messages.ts";
import { WorkerThread } from "./worker_thread.ts";

/** Pause after a thread that did not start, doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** What threads are made from. */
export interface ThreadPoolOptions {
  /** The pool's name. */
  readonly pool: string;
  /** Module whose default export holds the handlers. */
  readonly module: URL;
  readonly memoryLimitMb: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** See the module. As many threads as the pool has slots, and those that are still to end. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #threads = new Set<WorkerThread>();
  #idle: WorkerThread[] = [];
  #stoppable = true;
  #config: string | undefined;
  /** Threads that are started for jobs that wait: as many, or more if some of those gave up. */
  readonly #opening = new Set<Promise<void>>();
  /** Jobs that wait for a thread, in order. */
  readonly #waiting = new Set<PromiseWithResolvers<WorkerThread>>();
  readonly #closing = new AbortController();

  /** @param options What the threads are made from. */
  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /**
   * Starts the first thread, and tells which types it has handlers for.
   *
   * @throws {ThreadModuleError} If the module cannot be used.
   */
  async open(): Promise<readonly string[]> {
    const first = await this.#open()
      .catch((error) => this.#openConfigured(error))
      .catch((error) => this.#openInside(error));
    this.#idle.push(first);
    return first.types;
  }

  /** Tries with the module's configuration, which a process does not find if this package comes from elsewhere. */
  async #openConfigured(error: unknown): Promise<WorkerThread> {
    const { module, memoryLimitMb } = this.#options;
    const config = configOf(module);
    if (config === undefined || !standIn(memoryLimitMb !== undefined)) throw error;
    if (this.#closing.signal.aborted) throw error;
    this.#config = config;
    return await this.#open().catch(() => {
      this.#config = undefined;
      throw error;
    });
  }

  /** Tries without a process in its place, which may lack the flags that this one was started with. */
  async #openInside(error: unknown): Promise<WorkerThread> {
    const { pool, memoryLimitMb, logger } = this.#options;
    if (!standIn(memoryLimitMb !== undefined) || this.#closing.signal.aborted) throw error;
    this.#stoppable = false;
    const first = await this.#open();
    logger.warn("Threads that block cannot be stopped, as no process loads their module", {
      pool,
      error,
    });
    return first;
  }

  /** A handler that runs the jobs of a type in threads. */
  handler({ graceMs, hasSchema }: {
    /** Time between the signal's abort and the end of a thread that is not blocked. */
    readonly graceMs: number;
    /** Whether the payload was made by a schema, and not only read. */
    readonly hasSchema: boolean;
  }): Handler {
    return (context) => this.#run(context, taskOf(context, hasSchema), graceMs);
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const waiter of this.#waiting) waiter.reject(this.#closing.signal.reason);
    this.#waiting.clear();
    await Promise.all(this.#opening);
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  async #run(context: JobContext, task: ThreadTask, graceMs: number): Promise<unknown> {
    const thread = await this.#take(context.signal);
    try {
      return await thread.run(context, task, graceMs);
    } finally {
      if (!thread.ended) this.#give(thread);
      else {
        this.#threads.delete(thread);
        if (!this.#closing.signal.aborted) {
          const { pool, logger } = this.#options;
          const { id, type } = context.job;
          logger.warn("Thread ended with its job", { pool, id, type });
        }
      }
    }
  }

  /** A thread without a job. Whoever gives up leaves the one that starts to the next. */
  async #take(signal: AbortSignal): Promise<WorkerThread> {
    signal.throwIfAborted();
    const idle = this.#takeIdle();
    if (idle !== undefined) return idle;
    const waiter = Promise.withResolvers<WorkerThread>();
    const abort = (): void => {
      this.#waiting.delete(waiter);
      waiter.reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting.add(waiter);
    this.#openMore();
    try {
      return await waiter.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Hands a thread without a job to the one that waits longest. */
  #give(thread: WorkerThread): void {
    const [waiter] = this.#waiting;
    if (waiter === undefined) return void this.#idle.push(thread);
    this.#waiting.delete(waiter);
    waiter.resolve(thread);
  }

  #openMore(): void {
    while (this.#opening.size < this.#waiting.size && !this.#closing.signal.aborted) {
      const opening = this.#openForWaiting().then(() => {
        this.#opening.delete(opening);
        this.#openMore();
      });
      this.#opening.add(opening);
    }
  }

  /** Starts a thread; one that does not start is tried again, for as long as a job waits. */
  async #openForWaiting(): Promise<void> {
    const { pool, clock, logger } = this.#options;
    const { signal } = this.#closing;
    let pauseMs = FIRST_PAUSE_MS;
    while (this.#waiting.size > 0 && !signal.aborted) {
      try {
        return this.#give(await this.#open());
      } catch (error) {
        if (signal.aborted) return;
        logger.error("Thread did not start, trying again", { pool, error, retryInMs: pauseMs });
        await sleep(clock, pauseMs, signal);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  #takeIdle(): WorkerThread | undefined {
    const { pool, logger } = this.#options;
    while (this.#idle.length > 0) {
      const thread = this.#idle.pop()!;
      if (!thread.ended) return thread;
      this.#threads.delete(thread);
      logger.warn("Thread ended while it had no job", { pool });
    }
    return undefined;
  }

  async #open(): Promise<WorkerThread> {
    const [stoppable, config] = [this.#stoppable, this.#config];
    const closing = this.#closing.signal;
    const thread = await WorkerThread.open({ ...this.#options, stoppable, config, closing });
    this.#threads.add(thread);
    return thread;
  }
}

function taskOf(context: JobContext, hasSchema: boolean): ThreadTask {
  const { fence } = context;
  if (hasSchema) return { job: { ...context.job }, fence };
  const { payload: _payload, ...job } = context.job;
  return { job, payload: storedPayload(context), fence };
}
