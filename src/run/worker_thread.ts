/**
 * One thread of a pool, as the main thread sees it.
 *
 *     loading -> idle <-> busy --signal aborts--> asked to stop
 *        |         |        |                          |
 *        +---------+--------+--> ended <---------------+  blocked, or after the grace
 *
 * @module
 */

import { type Clock, endsWithin, type Timer } from "../clock.ts";
import { startThread, type Thread, type ThreadEnd } from "../runtime/threads.ts";
import type { JobContext } from "./context.ts";
import { errorData, errorFrom } from "./error_data.ts";
import { LeaseLostError, ThreadDiedError, ThreadModuleError } from "./errors.ts";
import { ThreadCalls } from "./thread_calls.ts";
import { handlersEntry } from "./thread_entries.ts";
import type { FromThread, ThreadTask } from "./thread_messages.ts";

/** Time in which a thread must hear an abort, else it is blocked, in milliseconds. */
const BLOCKED_AFTER_MS = 250;
/** Time in which a module must be loaded, in milliseconds. */
const LOAD_LIMIT_MS = 30_000;

/** What a thread is started with. */
export interface WorkerThreadOptions {
  /** The pool's name. */
  readonly pool: string;
  readonly module: URL;
  readonly memoryLimitMb: number | undefined;
  /** Whether a process may stand in for it where threads cannot be stopped. */
  readonly stoppable: boolean;
  /** Path of the configuration that such a process reads. */
  readonly config: string | undefined;
  readonly clock: Clock;
  /** Aborts when no thread is wanted any more. */
  readonly closing: AbortSignal;
}

/** The job that a thread runs. */
interface Running {
  readonly run: number;
  readonly context: JobContext;
  readonly calls: ThreadCalls;
  /** What the handler returned. */
  readonly end: PromiseWithResolvers<unknown>;
}

/** A thread. It is of use until it has ended. */
export class WorkerThread {
  /** Types that its module has handlers for; set once it has loaded. */
  types: readonly string[] = [];
  readonly #options: WorkerThreadOptions;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #thread: Thread | undefined;
  #running: Running | undefined;
  #runs = 0;
  #timer: Timer | undefined;
  #ended = false;
  /** Called when the thread tells that it hears an abort. */
  #onHeard: () => void = () => {};

  private constructor(options: WorkerThreadOptions) {
    this.#options = options;
    this.#loaded.promise.catch(() => {});
  }

  /**
   * Starts a thread, and resolves when it has loaded its module.
   *
   * @throws {ThreadModuleError} If the module cannot be used.
   */
  static async open(options: WorkerThreadOptions): Promise<WorkerThread> {
    const { pool, module, memoryLimitMb, stoppable, config, clock, closing } = options;
    const opened = new WorkerThread(options);
    opened.#thread = await startThread(handlersEntry.url, {
      stoppable,
      config,
      data: { module: module.href },
      memoryLimitMb,
      onMessage: (message) => opened.#take(message as FromThread),
      onEnd: (end) => opened.#onEnd(end),
    });
    const loading = opened.#loaded.promise;
    const close = (): void => void opened.terminate();
    closing.addEventListener("abort", close, { once: true });
    try {
      if (closing.aborted) close();
      if (await endsWithin(clock, loading.catch(() => {}), LOAD_LIMIT_MS)) await loading;
      else throw new ThreadModuleError(pool, module.href, `load within ${LOAD_LIMIT_MS} ms`);
      return opened;
    } catch (error) {
      await opened.terminate();
      throw error;
    } finally {
      closing.removeEventListener("abort", close);
    }
  }

  /** Whether it has ended, or is about to. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Ends it, whatever it does. */
  async terminate(): Promise<void> {
    this.#ended = true;
    this.#timer?.cancel();
    await this.#thread!.terminate();
    await this.#over.promise;
  }

  /**
   * Runs a job. When the signal of the context aborts, the thread is told so. It
   * is ended if it does not hear that at once, as in a loop, and if the handler
   * has not ended after its grace.
   *
   * @throws What the handler throws; the signal's reason if the thread was ended.
   * @throws {ThreadDiedError} If the thread ended by itself.
   */
  async run(context: JobContext, task: ThreadTask, graceMs: number): Promise<unknown> {
    const { signal } = context;
    const run = ++this.#runs;
    const end = Promise.withResolvers<unknown>();
    const running = { run, context, calls: new ThreadCalls(context), end };
    this.#running = running;
    const abort = (): void => this.#abort(running, graceMs);
    try {
      this.#thread!.post({ kind: "run", run, task });
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
      return await end.promise;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#timer?.cancel();
      running.calls.end();
      this.#running = undefined;
    }
  }

  #abort({ run, context }: Running, graceMs: number): void {
    this.#thread!.post({ kind: "abort", run, reason: errorData(context.signal.reason) });
    const { clock } = this.#options;
    const graceEndsAt = clock.mono() + graceMs;
    this.#timer = clock.after(Math.min(BLOCKED_AFTER_MS, graceMs), () => this.terminate());
    this.#onHeard = () => {
      this.#timer?.cancel();
      this.#timer = clock.after(graceEndsAt - clock.mono(), () => this.terminate());
    };
  }

  #take(message: FromThread): void {
    if (this.#ended) return;
    const { pool, module } = this.#options;
    switch (message.kind) {
      case "ready":
        this.types = message.types;
        return this.#loaded.resolve();
      case "unusable": {
        const cause = message.error && { cause: errorFrom(message.error) };
        return this.#loaded.reject(
          new ThreadModuleError(pool, module.href, message.rule, cause),
        );
      }
      case "call":
        return void this.#answer(message);
      case "aborting":
        if (this.#running?.run === message.run) this.#onHeard();
        return;
      case "returned": {
        const { text } = message;
        return this.#running?.end.resolve(text === null ? undefined : JSON.parse(text));
      }
      case "threw": {
        const { reason } = this.#running?.context.signal ?? {};
        this.#running?.end.reject(message.isReason ? reason : errorFrom(message.error));
      }
    }
  }

  async #answer({ run, id, call, ask }: FromThread & { readonly kind: "call" }): Promise<void> {
    const running = this.#running;
    // Of a job that has ended: what it adds now would be refused by its fence.
    const answer = running?.run === run
      ? await running.calls.answer(call, ask)
      : { ok: false, error: errorData(new LeaseLostError(id)) };
    if (answer !== undefined && !this.#ended) this.#thread!.post({ kind: "reply", call, answer });
  }

  #onEnd({ code, error }: ThreadEnd): void {
    const wasEnded = this.#ended;
    this.#ended = true;
    const { pool, module } = this.#options;
    const cause = error === undefined ? undefined : { cause: error };
    this.#loaded.reject(new ThreadModuleError(pool, module.href, "load", cause));
    const { signal } = this.#running?.context ?? {};
    this.#running?.end.reject(
      wasEnded && signal?.aborted ? signal.reason : new ThreadDiedError(code, cause),
    );
    this.#over.resolve();
  }
}
