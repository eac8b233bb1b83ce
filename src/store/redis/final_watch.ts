/**
 * Those who wait for jobs to become final, in whatever process that happens.
 *
 * A waiter's id stands in Redis for a minute, renewed while it waits, and
 * whoever ends that job publishes it. After a lost connection all are asked for
 * again.
 *
 * @module
 */

import { systemClock, type Timer } from "../../clock.ts";
import { Coalescer } from "../../coalesce.ts";
import type { JobRecord } from "../../job/job.ts";
import { isFinal } from "../../job/state.ts";
import { readGone, readJobs } from "./inspect.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { toShort } from "./short_id.ts";

type Waiter = (record: JobRecord | null | undefined) => void;

/** How long a waiter's id stands, and how often it is renewed, in milliseconds. */
const STANDS_MS = 60_000;
const RENEW_MS = 20_000;
const MAX_IDS = 500;

/** The waiters of one store. */
export class FinalWatch {
  readonly #runner: ScriptRunner;
  readonly #listen: () => Promise<void>;
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #watching: Coalescer<string, boolean>;
  readonly #reading: Coalescer<string, JobRecord | null>;
  #renew: Timer | undefined;

  /** @param listen Resolves when the channel of ended jobs is heard. */
  constructor(runner: ScriptRunner, listen: () => Promise<void>) {
    this.#runner = runner;
    this.#listen = listen;
    this.#watching = new Coalescer({ send: (ids) => this.#watch(ids), maxWeight: MAX_IDS });
    this.#reading = new Coalescer({ send: (ids) => readJobs(runner, ids), maxWeight: MAX_IDS });
  }

  /** Waits for a job to be final; undefined when the signal aborts or `close` is called first. */
  async wait(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined> {
    if (signal?.aborted) return undefined;
    const short = toShort(id);
    const { promise, resolve } = Promise.withResolvers<JobRecord | null | undefined>();
    const waiters = this.#waiters.get(short) ?? new Set<Waiter>();
    this.#waiters.set(short, waiters);
    waiters.add(resolve);
    const abort = (): void => resolve(undefined);
    signal?.addEventListener("abort", abort, { once: true });
    this.#keepRenewing();
    try {
      const begun = this.#begin(short);
      return await Promise.race([promise, begun.then(() => promise)]);
    } finally {
      signal?.removeEventListener("abort", abort);
      waiters.delete(resolve);
      if (waiters.size === 0 && this.#waiters.get(short) === waiters) this.#waiters.delete(short);
      if (this.#waiters.size === 0) this.#stopRenewing();
    }
  }

  /** A job has ended, as far as is known. */
  async ended(short: string): Promise<void> {
    if (!this.#waiters.has(short)) return;
    const record = await this.#reading.add(short) ?? await readGone(this.#runner, short);
    if (record !== null && !isFinal(record.status)) return void await this.#begin(short);
    this.#tell(short, record);
  }

  #tell(short: string, record: JobRecord | null): void {
    for (const waiter of [...this.#waiters.get(short) ?? []]) waiter(record);
  }

  /** Asks again for all that is waited for. */
  again(): void {
    for (const short of this.#waiters.keys()) {
      this.#isGone(short).then((gone) => gone ? this.ended(short) : undefined).catch(() => {});
    }
  }

  /** Lets all waiters go. */
  close(): void {
    this.#stopRenewing();
    for (const waiters of [...this.#waiters.values()]) {
      for (const waiter of [...waiters]) waiter(undefined);
    }
  }

  async #begin(short: string): Promise<void> {
    if (!await this.#isGone(short)) return;
    const record = await this.#reading.add(short);
    if (record === null || isFinal(record.status)) this.#tell(short, record);
    else await this.#begin(short);
  }

  /** Notes that someone waits, and tells whether there is nothing to wait for. */
  async #isGone(short: string): Promise<boolean> {
    await this.#listen();
    return await this.#watching.add(short);
  }

  /** Tells which have ended already. */
  async #watch(ids: readonly string[]): Promise<boolean[]> {
    const [ended] = await this.#runner.call("watch", [STANDS_MS, ids.length, ...ids]);
    return Array.from(ended as string, (char) => char === "1");
  }

  #keepRenewing(): void {
    this.#renew ??= systemClock.after(RENEW_MS, () => {
      this.#renew = undefined;
      if (this.#waiters.size === 0) return;
      this.again();
      this.#keepRenewing();
    });
  }

  #stopRenewing(): void {
    this.#renew?.cancel();
    this.#renew = undefined;
  }
}
