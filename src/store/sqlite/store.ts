/**
 * The embedded store: all jobs in one SQLite file, which any number of
 * processes on one machine may use at once. Every verb is one transaction.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import { checkListQuery } from "../check_list.ts";
import { StoreClosedError, StoreOpenError } from "../errors.ts";
import type {
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  CountRow,
  EnqueueReply,
  HeartbeatReply,
  HeartbeatRequest,
  ListQuery,
  ListReply,
  NewJob,
  Report,
  SettleReply,
  SettleRequest,
  StepReply,
  Store,
  WakeSource,
} from "../store.ts";
import { claim } from "./claim.ts";
import { Engine } from "./engine.ts";
import { enqueue } from "./enqueue.ts";
import { counts, getJob, list } from "./inspect.ts";
import { heartbeat, NEXT_LEASE_END, reap } from "./lease.ts";
import { openDatabase } from "./open.ts";
import { type ResolvedSqliteOptions, resolveOptions, type SqliteStoreOptions } from "./options.ts";
import { expire, NEXT_DUE, NEXT_EXPIRY, promote, untilNext } from "./ready.ts";
import { report } from "./report.ts";
import { prune, retainAfterSettle, trimEnded } from "./retain.ts";
import { retryWhileBusy } from "./retry.ts";
import { settleOne } from "./settle.ts";
import type { Transaction } from "./transaction.ts";

export type { SqliteStoreOptions };

/**
 * Makes a store in a SQLite file, which is created if it is missing. Jobs
 * survive the death of the process and, unless told otherwise, the loss of
 * power. The file must be on a local disk.
 *
 * @param path Path of the file; its folder must exist.
 * @throws {InvalidOptionError} If the path or an option breaks its rule. What
 * is wrong with the file itself is thrown by `open`, as `StoreOpenError`.
 *
 * @example
 * ```ts
 * import { Client, sqliteStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 *
 * const folder = await mkdtemp(`${tmpdir()}/`);
 * await using store = sqliteStore(`${folder}/jobs.db`);
 * await using client = new Client({ store });
 * const { id } = await client.enqueue("greet", "Ada");
 * equal((await client.getJob(id))?.status, "ready");
 * ```
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  return new SqliteStore(resolveOptions(path, options));
}

class SqliteStore implements Store {
  readonly description: string;
  readonly #options: ResolvedSqliteOptions;
  #engine: Engine | undefined;
  #opening: Promise<Engine> | undefined;
  #closed = false;

  constructor(options: ResolvedSqliteOptions) {
    this.#options = options;
    this.description = `sqlite:${options.path}`;
  }

  async open(): Promise<void> {
    await this.#open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => {});
    this.#engine?.close();
    this.#engine = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  enqueue(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]> {
    return this.#write((tx) => enqueue(tx, groups));
  }

  promote(limit: number): Promise<StepReply> {
    return this.#step(NEXT_DUE, (tx) => promote(tx, limit));
  }

  expire(limit: number): Promise<StepReply> {
    return this.#step(NEXT_EXPIRY, (tx) => expire(tx, limit));
  }

  subscribe(sources: readonly ClaimSource[]): WakeSource {
    return this.#use().subscribe(sources);
  }

  claim(request: ClaimRequest): Promise<ClaimReply> {
    return this.#write((tx, { turns }) => {
      const reply = claim(tx, request, turns);
      trimEnded(tx);
      return reply;
    });
  }

  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply> {
    return this.#write((tx) => heartbeat(tx, request));
  }

  reap(request: { readonly limit: number; readonly maxDeliveries: number }): Promise<StepReply> {
    return this.#step(NEXT_LEASE_END, (tx) => reap(tx, request));
  }

  settle(request: SettleRequest): Promise<SettleReply> {
    return this.#write((tx, { turns }) => {
      const results = request.outcomes.map((outcome) => settleOne(tx, outcome));
      const claimed = request.claim && claim(tx, request.claim, turns);
      retainAfterSettle(tx, request.outcomes.length);
      return claimed === undefined ? { results } : { results, claimed };
    });
  }

  report(reports: readonly Report[]): Promise<("ok" | "lost")[]> {
    return this.#write((tx) => reports.map((told) => report(tx, told)));
  }

  prune(limit: number): Promise<StepReply> {
    return this.#write((tx) => prune(tx, limit));
  }

  getJobs(ids: readonly string[]): Promise<(JobRecord | null)[]> {
    return this.#read(({ db, lanes }) => ids.map((id) => getJob(db, lanes, id)));
  }

  async list(query: ListQuery): Promise<ListReply> {
    checkListQuery(query);
    return await this.#read(({ db, lanes }) => list(db, lanes, query));
  }

  counts(): Promise<CountRow[]> {
    return this.#read(({ db }) => counts(db));
  }

  async awaitFinal(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined> {
    await this.#opening;
    const read = () => this.#read(({ db, lanes }) => getJob(db, lanes, id));
    return await this.#use().awaitFinal(id, signal, read);
  }

  /** Runs one verb as one transaction. */
  async #write<T>(work: (tx: Transaction, engine: Engine) => T): Promise<T> {
    await this.#opening;
    return await this.#retry(() => {
      const engine = this.#use();
      return engine.write((tx) => work(tx, engine));
    });
  }

  /** Runs one verb that only reads. */
  async #read<T>(work: (engine: Engine) => T): Promise<T> {
    await this.#opening;
    return await this.#retry(() => {
      const engine = this.#use();
      return engine.read(() => work(engine));
    });
  }

  /** Runs a step of upkeep; locks the file only if a read finds that one is due. */
  async #step(next: string, work: (tx: Transaction) => StepReply): Promise<StepReply> {
    const nextInMs = await this.#read(({ db, now }) => untilNext(db, now, next));
    if (nextInMs !== 0) return { moved: 0, nextInMs };
    return await this.#write((tx) => {
      const reply = work(tx);
      trimEnded(tx);
      return reply;
    });
  }

  #retry<T>(run: () => T): Promise<T> {
    const { busyTimeoutMs, rng } = this.#options;
    return retryWhileBusy(run, { busyTimeoutMs, rng, description: this.description });
  }

  /** The open file, also after a pause in which the store may have been closed. */
  #use(): Engine {
    if (this.#closed) throw new StoreClosedError(this.description);
    if (this.#engine !== undefined) return this.#engine;
    throw new StoreOpenError(
      `Cannot use store as it must be opened first: current value is '${this.description}'`,
    );
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
