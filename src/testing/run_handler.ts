/**
 * One handler, run alone.
 *
 * @module
 */

import type { EnqueueOptions } from "../enqueue/options.ts";
import { type LogLine, type Progress, toJob } from "../job/job.ts";
import type { JobStatus } from "../job/state.ts";
import type { Handler, HandlerOptions } from "../run/handler.ts";
import { TestQueue } from "./test_queue.ts";

/** How a handler is run. */
export interface RunHandlerOptions {
  /** Type that the job has. @default {"test"} */
  readonly type?: string;
  /** Options of the handler. */
  readonly handler?: HandlerOptions;
  /** Options of the job. */
  readonly job?: Omit<EnqueueOptions, "onConflict">;
}

/** What became of it. */
export interface HandlerRun<R = unknown> {
  /** Where the attempt left the job: `completed`, `retry`, `dead_letter` or `canceled`. */
  readonly status: JobStatus;
  /** What the handler returned, as a client would get it. */
  readonly result: R | undefined;
  /** What it threw, the very same object. */
  readonly error: unknown;
  /** When the next attempt would be, in milliseconds from now. */
  readonly retryInMs: number | undefined;
  /** Progress that it reported last. */
  readonly progress: Progress | undefined;
  /** Lines that it logged. */
  readonly logs: readonly LogLine[];
}

/**
 * Runs a handler once, as a server would: with its context, its time limit and
 * the verdict on what it returns or throws.
 *
 * @param handler The handler.
 * @param payload Goes through JSON, as in a queue.
 *
 * @example
 * ```ts
 * import { RetryAfter } from "@gqm/gqm";
 * import { runHandler } from "@gqm/gqm/testing";
 * import { equal } from "node:assert/strict";
 *
 * const busy = await runHandler(() => {
 *   throw new RetryAfter(30_000);
 * }, {});
 * equal(busy.status, "retry");
 * equal(busy.retryInMs, 30_000);
 *
 * const sum = await runHandler(({ job }) => job.payload.a + job.payload.b, { a: 1, b: 2 });
 * equal(sum.result, 3);
 * ```
 */
export async function runHandler<P, R>(
  handler: Handler<P, R>,
  payload: P,
  { type = "test", handler: handlerOptions, job: jobOptions }: RunHandlerOptions = {},
): Promise<HandlerRun<R>> {
  await using queue = new TestQueue();
  const { client, clock, server } = queue;
  let error: unknown;
  const watched: Handler = async (context) => {
    try {
      return await handler(context as Parameters<Handler<P, R>>[0]);
    } catch (thrown) {
      error = thrown;
      throw thrown;
    }
  };
  server.handle(type, watched, handlerOptions);
  const handle = await client.enqueue(type, payload, jobOptions);
  const waiting = new AbortController();
  // A job that is not kept is there for those only who wait for its end.
  const ended = queue.store.awaitFinal(handle.id, waiting.signal);
  await queue.drain();
  const job = await client.getJob(handle.id) ?? toJob((await ended)!);
  waiting.abort();
  return {
    status: job.status,
    result: job.result as R | undefined,
    error,
    retryInMs: job.runAt === undefined ? undefined : job.runAt - clock.now(),
    progress: job.progress,
    logs: job.logs,
  };
}
