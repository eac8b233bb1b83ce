/**
 * The file of a store, from before it is open until it is closed: every verb is
 * one transaction on it, and waits while other processes have it locked.
 *
 * @module
 */

import { StoreClosedError, StoreOpenError } from "../errors.ts";
import type { StepReply } from "../store.ts";
import { Engine } from "./engine.ts";
import { openDatabase } from "./open.ts";
import type { ResolvedSqliteOptions } from "./options.ts";
import { untilNext } from "./ready.ts";
import { trimEnded } from "./retain.ts";
import { retryWhileBusy } from "./retry.ts";
import type { Transaction } from "./transaction.ts";

/** One file, open or not. */
export class StoreFile {
  /** What it is, for people. */
  readonly description: string;
  readonly #options: ResolvedSqliteOptions;
  #engine: Engine | undefined;
  #opening: Promise<Engine> | undefined;
  #closed = false;

  /** @param options Of the store. */
  constructor(options: ResolvedSqliteOptions) {
    this.#options = options;
    this.description = `sqlite:${options.path}`;
  }

  /** See `Store.open`. */
  async open(): Promise<void> {
    await this.#open();
  }

  /** See `Store.close`. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => {});
    this.#engine?.close();
    this.#engine = undefined;
  }

  /** Resolves once an `open` that has begun is done. */
  get opened(): Promise<unknown> {
    return Promise.resolve(this.#opening);
  }

  /** The open file, also after a pause in which the store may have been closed. */
  get engine(): Engine {
    if (this.#closed) throw new StoreClosedError(this.description);
    if (this.#engine !== undefined) return this.#engine;
    throw new StoreOpenError(
      `Cannot use store as it must be opened first: current value is '${this.description}'`,
    );
  }

  /** Runs one verb as one transaction. */
  async write<T>(work: (tx: Transaction, engine: Engine) => T): Promise<T> {
    await this.#opening;
    return await this.#retry(() => {
      const { engine } = this;
      return engine.write((tx) => work(tx, engine));
    });
  }

  /** Runs one verb that only reads. */
  async read<T>(work: (engine: Engine) => T): Promise<T> {
    await this.#opening;
    return await this.#retry(() => {
      const { engine } = this;
      return engine.read(() => work(engine));
    });
  }

  /** Runs a step of upkeep; locks the file only if a read finds that one is due. */
  async step(next: string, work: (tx: Transaction) => StepReply): Promise<StepReply> {
    const nextInMs = await this.read(({ db, now }) => untilNext(db, now, next));
    if (nextInMs !== 0) return { moved: 0, nextInMs };
    return await this.write((tx) => {
      const reply = work(tx);
      trimEnded(tx);
      return reply;
    });
  }

  #retry<T>(run: () => T): Promise<T> {
    const { busyTimeoutMs, rng } = this.#options;
    return retryWhileBusy(run, { busyTimeoutMs, rng, description: this.description });
  }

  #open(): Promise<Engine> {
    if (this.#closed) return Promise.reject(new StoreClosedError(this.description));
    return this.#opening ??= this.#openFile().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
  }

  async #openFile(): Promise<Engine> {
    const { path, synchronous } = this.#options;
    const retry = <T>(run: () => T): Promise<T> =>
      this.#retry(() => {
        if (this.#closed) throw new StoreClosedError(this.description);
        return run();
      });
    const db = await openDatabase({ path, synchronous, retry });
    this.#engine = new Engine(db, this.#options);
    return this.#engine;
  }
}
