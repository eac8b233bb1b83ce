/**
 * Runs jobs inside a thread.
 *
 * @module
 */

import { runForJob } from "../context/current.ts";
import { DuplicateJobError } from "../enqueue/errors.ts";
import { errorData, errorFrom } from "./error_data.ts";
import type { Handler } from "./handler.ts";
import { resultText } from "./result_text.ts";
import { type AskMain, handleFrom, threadContext } from "./thread_context.ts";
import type { Answer, Ask, FromThread, ThreadTask, ToThread } from "./thread_messages.ts";

/** A call without an answer so far. */
interface Asked extends PromiseWithResolvers<unknown> {
  /** Asks more for the same job. */
  readonly again: AskMain;
}

/** The jobs of one thread: one at a time. */
export class ThreadJobs {
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #post: (message: FromThread) => void;
  readonly #asked = new Map<number, Asked>();
  #calls = 0;
  #run = 0;
  #stop = new AbortController();

  /** @param post Sends a message to the main thread. */
  constructor(handlers: ReadonlyMap<string, Handler>, post: (message: FromThread) => void) {
    this.#handlers = handlers;
    this.#post = post;
  }

  /** Takes a message of the main thread. */
  take(message: ToThread): void {
    switch (message.kind) {
      case "run":
        this.#run = message.run;
        this.#stop = new AbortController();
        this.#start(message.run, message.task, this.#stop.signal);
        return;
      case "abort":
        if (message.run !== this.#run) return;
        this.#post({ kind: "aborting", run: message.run });
        this.#stop.abort(errorFrom(message.reason));
        return;
      case "reply":
        this.#answered(message.call, message.answer);
    }
  }

  async #start(run: number, task: ThreadTask, signal: AbortSignal): Promise<void> {
    const ask = (asked: Ask) => this.#ask(run, task.job.id, asked);
    let ended: FromThread;
    try {
      const handler = this.#handlers.get(task.job.type)!;
      const { id, type, queue, meta, trace } = task.job;
      // What the thread's own clients enqueue inherits from the job, as in the main thread.
      const result: unknown = await runForJob(
        { id, type, queue, settings: { meta, trace } },
        () => handler(threadContext(task, signal, ask)),
      );
      ended = { kind: "returned", run, text: resultText(result).text };
    } catch (error) {
      const isReason = signal.aborted && error === signal.reason;
      ended = { kind: "threw", run, error: errorData(error), isReason };
    }
    this.#post(ended);
  }

  #ask(
    run: number,
    id: string,
    ask: Ask,
  ): { readonly call: number; readonly answer: Promise<unknown> } {
    const call = ++this.#calls;
    const again: AskMain = (next) => this.#ask(run, id, next);
    const asked = { ...Promise.withResolvers<unknown>(), again };
    // A handler need not wait: a failure that nobody awaits is no crash.
    asked.promise.catch(() => {});
    this.#post({ kind: "call", run, id, call, ask });
    if (ask.what !== "forget") this.#asked.set(call, asked);
    return { call, answer: asked.promise };
  }

  #answered(call: number, answer: Answer): void {
    const asked = this.#asked.get(call);
    this.#asked.delete(call);
    if (answer.ok) return asked?.resolve(answer.value);
    const error = errorFrom(answer.error);
    if (asked !== undefined && error instanceof DuplicateJobError) {
      Object.assign(error, { existing: handleFrom(error.existing, asked.again) });
    }
    asked?.reject(error);
  }
}
