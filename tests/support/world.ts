/** A store, a client and servers under one clock that a test moves. */

import { Client } from "../../src/enqueue/client.ts";
import type { AnyJobs, JobMap } from "../../src/job/registry.ts";
import type { JobRecord } from "../../src/job/job.ts";
import { Server } from "../../src/run/server.ts";
import type { ServerOptions } from "../../src/run/server_options.ts";
import { memoryStore } from "../../src/store/memory/store.ts";
import type { RetentionLimits } from "../../src/store/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { CollectingLogger } from "./collecting_logger.ts";
import { DecoratedStore } from "./decorated_store.ts";

/** Steps that `until` and `drive` take before they give up. */
const MOST_STEPS = 2000;

/**
 * A memory store with hooks, a client and servers on it, under one clock that
 * stands still. Servers that a test leaves running are stopped at the end.
 */
export class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly logger = new CollectingLogger();
  readonly store: DecoratedStore;
  readonly client: Client;
  readonly #servers: { stop(options?: object): Promise<void> }[] = [];

  constructor(options: { readonly retention?: Partial<RetentionLimits> } = {}) {
    this.store = new DecoratedStore(memoryStore({ clock: this.clock, ...options }));
    this.client = new Client({ store: this.store });
  }

  /** Makes a server under the clock, not yet started. */
  server<J extends JobMap = AnyJobs>(options: ServerOptions<J> = {}): Server<J> {
    const { clock, logger, store } = this;
    const server = new Server<J>({ store, clock, logger, rng: () => 0, ...options });
    this.#servers.push(server);
    return server;
  }

  /** Reads a job that must be there. */
  async record(id: string): Promise<JobRecord> {
    const [record] = await this.store.getJobs([id]);
    if (!record) throw new Error(`Cannot read job as it is not in the store: '${id}'`);
    return record;
  }

  /** Lets everything that waits for nothing but promises and turns run; no time passes. */
  async flush(): Promise<void> {
    for (let i = 0; i < 3; i++) await this.clock.advance(0);
  }

  /** Lets things run, without moving the clock, until the condition holds. */
  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let i = 0; i < MOST_STEPS; i++) {
      if (await condition()) return;
      await this.clock.advance(0);
    }
    throw new Error(`Cannot go on as this did not happen: ${what}`);
  }

  /** Moves the clock in steps until the promise has settled. */
  async drive<T>(promise: Promise<T>, stepMs = 250): Promise<T> {
    let settled = false;
    const done = (): void => void (settled = true);
    promise.then(done, done);
    for (let i = 0; i < MOST_STEPS; i++) {
      await this.clock.advance(0);
      if (settled) return await promise;
      await this.clock.advance(stepMs);
    }
    throw new Error("Cannot go on as the promise did not settle, however far the clock went");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      await this.drive(server.stop({ shutdownTimeoutMs: 0, graceMs: 0 }));
    }
  }
}

/** A promise that tests resolve, and a count of those who wait for it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** A handler that runs until its signal aborts, and then throws the reason. */
export function untilAborted({ signal }: { readonly signal: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** A promise that nothing settles. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
