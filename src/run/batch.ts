/**
 * Batch handlers: one call for several jobs of a type.
 *
 * Each job keeps an attempt of its own, whose handler joins a batch and waits
 * for its part of it. A batch goes out when it is full, or after a turn of the
 * event loop in which nobody joined: what one claim brings runs together.
 *
 * @module
 */

import { keepContext, runForNobody } from "../context/current.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import type { Logger } from "../logger.ts";
import type { CompleteArguments } from "./claimed_work.ts";
import { JobSettledError } from "./claim_errors.ts";
import type { JobContext } from "./context.ts";
import type { Handler, HandlerOptions } from "./handler.ts";

/** One job of a batch: what a handler of one job gets, and how to end it before the others. */
export interface BatchItem<P = unknown, R = unknown, J extends JobMap = AnyJobs>
  extends JobContext<P, R, J> {
  /**
   * The job is done, with this result; its slot is free.
   *
   * @throws {JobSettledError} If the job has been completed or failed before.
   */
  complete(...result: CompleteArguments<R>): void;
  /**
   * The job failed, as if its handler had thrown this error; its slot is free.
   *
   * @throws {JobSettledError} If the job has been completed or failed before.
   */
  fail(error: unknown): void;
}

/** Jobs that are to be run together. */
export interface Batch<P = unknown, R = unknown, J extends JobMap = AnyJobs> {
  /** At least one, in the order in which they were claimed. */
  readonly jobs: readonly BatchItem<P, R, J>[];
  /**
   * Aborts when nothing is left that should go on: when the signals of all jobs
   * that are not completed or failed have aborted. Its reason is the last one's.
   */
  readonly signal: AbortSignal;
}

/**
 * Does the work of several jobs of one type. What it has neither completed nor
 * failed is completed without a result when it returns, and fails with what it
 * throws. Jobs that it enqueues inherit `meta` and `trace` if they are added
 * through one of its jobs (`enqueueChild`, `enqueueGraph`).
 *
 * @example
 * ```ts
 * import { type BatchHandler, Client, memoryStore, Server } from "@gqm/gqm";
 * import { deepEqual } from "node:assert/strict";
 *
 * const written: unknown[][] = [];
 * const writeRows: BatchHandler = ({ jobs }) => {
 *   const rows = jobs.filter(({ job }) => job.payload !== "");
 *   for (const row of jobs) if (!rows.includes(row)) row.fail(new Error("empty row"));
 *   written.push(rows.map(({ job }) => job.payload));
 * };
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await using server = new Server({ store, logLevel: "silent" });
 * server.handleBatch("row.write", writeRows, { size: 50 });
 *
 * for (const row of ["a", "", "b"]) await client.enqueue("row.write", row);
 * await server.start();
 * await server.drain();
 * deepEqual(written, [["a", "b"]]);
 * ```
 */
export type BatchHandler<P = unknown, R = unknown, J extends JobMap = AnyJobs> = (
  batch: Batch<P, R, J>,
) => void | Promise<void>;

/** Options of a batch handler. */
export interface BatchHandlerOptions<P = unknown, R = unknown> extends HandlerOptions<P, R> {
  /**
   * Most jobs of a batch, from 1 to 1000. One claim brings at most 500 jobs, and
   * no more than the pool has free slots.
   * @default {100}
   */
  readonly size?: number;
  /**
   * Gives the type a pool of its own, with the type's name and this many slots.
   * It counts jobs, not batches, so it is at least `size`.
   * @default {`size`, unless a pool of the server takes the type}
   */
  readonly concurrency?: number;
}

/** How jobs are gathered. */
export interface BatchPorts {
  readonly size: number;
  readonly logger: Logger;
  /** Resolves after a turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
}

/** Makes the handler of one job that joins batches. */
export function batchHandler(handler: BatchHandler, ports: BatchPorts): Handler {
  let joining: Member[] = [];
  let joined = 0;
  let waiting = false;
  // The jobs differ, so what surrounds one of them, such as a span, must not surround all.
  const outside = keepContext(true);
  const call: BatchHandler = (batch) => outside(() => runForNobody(() => handler(batch)));
  const send = (): void => {
    const members = joining;
    joining = [];
    runBatch(call, members, ports.logger);
  };
  const sendWhenQuiet = async (): Promise<void> => {
    waiting = true;
    while (joining.length > 0) {
      const before = joined;
      await ports.nextTurn();
      if (joined === before && joining.length > 0) send();
    }
    waiting = false;
  };
  return (context) => {
    const member = new Member(context);
    joined++;
    if (joining.push(member) === ports.size) send();
    else if (!waiting) sendWhenQuiet();
    return member.end;
  };
}

/** Runs a batch; never rejects. */
async function runBatch(
  handler: BatchHandler,
  members: readonly Member[],
  logger: Logger,
): Promise<void> {
  // Those who join in the same tick start first, so that their time limits hold.
  await undefined;
  const left = (): Member[] => members.filter(({ settled }) => !settled);
  try {
    await handler(batchOf(members));
    for (const { item } of left()) item.complete();
  } catch (error) {
    const failed = left();
    for (const { item } of failed) item.fail(error);
    if (failed.length > 0) return;
    const { type } = members[0]!.item.job;
    logger.error("Batch handler failed after all its jobs were settled", { type, error });
  }
}

/** A batch, whose signal is made when somebody asks for it. */
function batchOf(members: readonly Member[]): Batch {
  let signal: AbortSignal | undefined;
  return {
    jobs: members.map(({ item }) => item),
    get signal() {
      return signal ??= signalOf(members);
    },
  };
}

/** One job of a batch. */
class Member {
  /** The job, as the batch handler sees it. */
  readonly item: BatchItem;
  /** Settles with the job's end. */
  readonly end: Promise<unknown>;
  /** Called when it is completed or failed. */
  onSettled: () => void = () => {};
  #settledBy: "complete" | "fail" | undefined;

  /** @param context What its own handler got. */
  constructor(context: JobContext) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.end = promise;
    // An heir of the context: to copy it would make its signal, which most handlers never ask for.
    this.item = Object.assign(Object.create(context) as JobContext, {
      complete: (result?: unknown): void => {
        this.#settle("complete");
        resolve(result);
      },
      fail: (error: unknown): void => {
        this.#settle("fail");
        reject(error);
      },
    });
  }

  /** Whether it was completed or failed. */
  get settled(): boolean {
    return this.#settledBy !== undefined;
  }

  #settle(by: "complete" | "fail"): void {
    if (this.#settledBy !== undefined) {
      throw new JobSettledError(`${by} job`, this.item.job.id, this.#settledBy);
    }
    this.#settledBy = by;
    this.onSettled();
  }
}

/** Aborts when the signals of all members that are not settled have. */
function signalOf(members: readonly Member[]): AbortSignal {
  const controller = new AbortController();
  const going = new Set(members.filter(({ settled }) => !settled));
  let reason: unknown;
  const leave = (member: Member): void => {
    going.delete(member);
    if (going.size > 0 || members.every(({ settled }) => settled)) return;
    controller.abort(reason);
  };
  for (const member of [...going]) {
    const { signal } = member.item;
    const abort = (): void => {
      reason = signal.reason;
      leave(member);
    };
    member.onSettled = () => {
      signal.removeEventListener("abort", abort);
      leave(member);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  return controller.signal;
}
