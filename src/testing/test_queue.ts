/**
 * A whole queue inside a test: store, client and server in one process, under a
 * clock that the test moves. Nothing runs until the test says so.
 *
 * @module
 */

import { Client } from "../enqueue/client.ts";
import { show } from "../errors.ts";
import { type Job, toJob } from "../job/job.ts";
import type { AnyJobs, JobMap, JobType, Payload } from "../job/registry.ts";
import { isFinal, type JobStatus, statuses } from "../job/state.ts";
import { Server } from "../run/server.ts";
import type { ServerOptions } from "../run/server_options.ts";
import { nextTurn } from "../runtime/turn.ts";
import { memoryStore } from "../store/memory/store.ts";
import type { Store } from "../store/store.ts";
import { FakeClock } from "./fake_clock.ts";
import { FaultyStore, type StoreFault, type StoreVerb } from "./faulty_store.ts";

/** Options of a test queue. */
export interface TestQueueOptions<J extends JobMap = AnyJobs> {
  /** Registry, as for `Client` and `Server`. */
  readonly jobs?: J;
  /** Epoch milliseconds at which the clock starts. @default {2026-01-01T00:00:00.000Z} */
  readonly startAt?: number;
  /** What the server is told besides. Log lines are dropped unless it names a logger. */
  readonly server?: Omit<ServerOptions<J>, "store" | "clock" | "jobs">;
}

/** Which jobs are meant. */
export interface JobMatch<P = unknown> {
  /** These properties of the payload, or the payload itself if it is no object. */
  readonly payload?: P extends object ? Partial<P> : P;
  /** Queue. */
  readonly queue?: string;
  /** Priority. */
  readonly priority?: number;
  /** When it is due, in epoch milliseconds, for a delayed job. */
  readonly runAt?: number;
}

const PAGE = 500;
/** Turns of the event loop within which a server has taken a job that became due. */
const TURNS = 5;
/** How far the clock moves in each step in which handlers that do not stop are left alone. */
const STOP_STEP_MS = 60_000;

/**
 * A queue for tests.
 *
 * @example
 * ```ts
 * import { TestQueue } from "@gqm/gqm/testing";
 * import { deepEqual } from "node:assert/strict";
 *
 * await using queue = new TestQueue();
 * const sent: unknown[] = [];
 * queue.server.handle("email.send", ({ job }) => void sent.push(job.payload));
 *
 * // What the code under test does:
 * await queue.client.enqueue("email.send", { to: "ada@example.com" }, { delayMs: 60_000 });
 *
 * await queue.assertEnqueued("email.send", { payload: { to: "ada@example.com" } });
 * await queue.drain();
 * deepEqual(sent, []);
 * await queue.advance(60_000);
 * deepEqual(sent, [{ to: "ada@example.com" }]);
 * await queue.assertNotEnqueued("email.send");
 * ```
 */
export class TestQueue<J extends JobMap = AnyJobs> implements AsyncDisposable {
  /** The clock of store and server. */
  readonly clock: FakeClock;
  /** The store, for looking, and for code that takes one. */
  readonly store: Store;
  /** Enqueues. */
  readonly client: Client<J>;
  /** Runs handlers, once `drain` or `advance` was called. Add them before. */
  readonly server: Server<J>;
  readonly #faulty: FaultyStore;
  #started: Promise<void> | undefined;

  /**
   * Makes a queue; its server starts with the first `drain` or `advance`.
   *
   * @param options What it is made of.
   */
  constructor({ jobs, startAt, server }: TestQueueOptions<J> = {}) {
    const isBusy = async (): Promise<boolean> =>
      (await inner.counts()).some(({ status }) => status === "processing");
    this.clock = new QueueClock(startAt, isBusy);
    const inner = memoryStore({ clock: this.clock });
    this.#faulty = new FaultyStore(inner);
    this.store = this.#faulty.store;
    const { clock, store } = this;
    const registry = jobs === undefined ? {} : { jobs };
    this.client = new Client<J>({ store, ...registry });
    this.server = new Server<J>({ logLevel: "silent", ...server, store, clock, ...registry });
  }

  /** Lets the next calls of a store's verb fail. */
  fail(verb: StoreVerb, fault?: StoreFault): void {
    this.#faulty.fail(verb, fault);
  }

  /** Runs all jobs that are due, and those that they enqueue; time stands still. */
  async drain(): Promise<void> {
    await (this.#started ??= this.server.start());
    await this.server.drain();
  }

  /** Lets time pass, and runs what becomes due. */
  async advance(ms: number): Promise<void> {
    await this.drain();
    await this.clock.advance(ms);
    await this.drain();
  }

  /** Jobs of some statuses, by default all that are not final, of all types. */
  async jobs(
    of: readonly JobStatus[] = statuses.filter((status) => !isFinal(status)),
  ): Promise<Job[]> {
    const found: Job[] = [];
    for (const status of of) {
      let cursor: string | undefined;
      do {
        const page = await this.store.list({
          status,
          limit: PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        });
        found.push(...page.jobs.map((record) => toJob(record)));
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
    return found;
  }

  /**
   * Asserts that a job of a type is waiting or running, and gives it.
   *
   * @throws {Error} If there is none that matches; the message lists those of the type.
   */
  async assertEnqueued<T extends JobType<J>>(
    type: T,
    match: JobMatch<Payload<J, T>> = {},
  ): Promise<Job<Payload<J, T>>> {
    const ofType = (await this.jobs()).filter((job) => job.type === type);
    const found = ofType.find((job) => matches(job, match));
    if (found !== undefined) return found as Job<Payload<J, T>>;
    throw new Error(
      `Cannot find job as one of type '${type}' must match ${show(match)}: ${listed(ofType)}`,
    );
  }

  /**
   * Asserts that no job of a type is waiting or running.
   *
   * @throws {Error} If there is one that matches.
   */
  async assertNotEnqueued<T extends JobType<J>>(
    type: T,
    match: JobMatch<Payload<J, T>> = {},
  ): Promise<void> {
    const found = (await this.jobs()).filter((job) => job.type === type && matches(job, match));
    if (found.length === 0) return;
    throw new Error(
      `Cannot go on as no job of type '${type}' must match ${show(match)}: ${listed(found)}`,
    );
  }

  /** Stops the server; handlers that do not stop are left alone. */
  async [Symbol.asyncDispose](): Promise<void> {
    let stopped = false;
    const stopping = Promise.all([this.server.stop(), this.client.close()]).finally(() => {
      stopped = true;
    });
    while (!stopped) await this.clock.advance(stopped ? 0 : STOP_STEP_MS);
    await stopping;
  }
}

/**
 * A clock that waits for a timer of the runtime only while handlers run, which may wait for more than
 * promises. A server looks after its store every second, and so a day would take minutes.
 */
class QueueClock extends FakeClock {
  readonly #isBusy: () => Promise<boolean>;

  constructor(startAt: number | undefined, isBusy: () => Promise<boolean>) {
    super(startAt);
    this.#isBusy = isBusy;
  }

  protected override async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    if (await this.#isBusy()) await super.settle();
  }
}

function matches(job: Job, { payload, queue, priority, runAt }: JobMatch): boolean {
  if (queue !== undefined && job.queue !== queue) return false;
  if (priority !== undefined && job.priority !== priority) return false;
  if (runAt !== undefined && job.runAt !== runAt) return false;
  if (payload === undefined) return true;
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    return sameJson(job.payload, payload);
  }
  const actual = job.payload as Readonly<Record<string, unknown>> | null;
  return Object.entries(payload).every(([key, value]) => sameJson(actual?.[key], value));
}

/** Whether two values are the same as JSON, whatever the order of properties. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, other] = [Object.entries(a), b as Readonly<Record<string, unknown>>];
  return one.length === Object.keys(b).length &&
    one.every(([key, value]) => Object.hasOwn(b, key) && sameJson(value, other[key]));
}

/** Jobs for a message. */
function listed(jobs: readonly Job[]): string {
  if (jobs.length === 0) return "there is none of this type";
  const shown = jobs.slice(0, 5).map(({ status, queue, payload }) =>
    `${status} in '${queue}' with ${show(payload)}`
  );
  return `there are ${jobs.length}: ${shown.join("; ")}`;
}
