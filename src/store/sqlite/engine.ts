/**
 * An open file: transactions on it, and who is told of them.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import { isFinal } from "../../job/state.ts";
import type { StoreVersionError } from "../errors.ts";
import { type EventPage, Feed, numberOf } from "../feed.ts";
import type { ClaimSource, WakeSource } from "../store.ts";
import { CancelWatch, LAST_CANCEL } from "./cancel_watch.ts";
import type { Turns } from "./claim.ts";
import { type Database, isBusy } from "./database.ts";
import { Finals } from "./finals.ts";
import { FINAL_IDS, getJob } from "./inspect.ts";
import { Lanes, READY_LANES } from "./lanes.ts";
import { raisedError } from "./layout.ts";
import type { ResolvedSqliteOptions } from "./options.ts";
import { Pairs } from "./pairs.ts";
import { Meters } from "./meters.ts";
import { hasClaimable } from "./parking.ts";
import { pauseFilter } from "./pause.ts";
import { NEXT_DUE } from "./ready.ts";
import { NEXT_SLOT } from "./schedules.ts";
import { LAYOUT_VERSION } from "./schema.ts";
import { Transaction } from "./transaction.ts";
import { Wakes } from "./wakes.ts";
import { ChangeWatcher } from "./watcher.ts";

const HAS_LIMITS = "SELECT 1 FROM meta WHERE limited > 0";

/** One open file. */
export class Engine {
  readonly db: Database;
  readonly lanes: Lanes;
  readonly #pairs: Pairs;
  /** Whose turn it is among the queues that a pool does not name. */
  readonly turns: Turns = new Map();
  readonly #options: ResolvedSqliteOptions;
  readonly #watcher: ChangeWatcher;
  readonly #wakes: Wakes;
  readonly #finals: Finals;
  readonly #cancels: CancelWatch;
  readonly #feeds = new Set<Feed>();
  #unwatch: (() => void) | undefined;

  /** @param db Closed together with this object. @param options Of the store. */
  constructor(db: Database, options: ResolvedSqliteOptions) {
    this.db = db;
    this.lanes = new Lanes(db);
    this.#pairs = new Pairs(db);
    this.#options = options;
    const dataVersion = (): number =>
      db.get<{ data_version: number }>("PRAGMA data_version")!.data_version;
    this.#watcher = new ChangeWatcher(options.pollMs, dataVersion);
    this.#wakes = new Wakes({
      clock: options.clock,
      lanes: this.lanes,
      watcher: this.#watcher,
      queries: {
        dataVersion,
        readyLanes: () => this.#claimableLanes(),
        firstDue: () => db.get<{ at: number }>(NEXT_DUE)?.at ?? null,
        firstSlot: () => db.get<{ at: number | null }>(NEXT_SLOT)!.at,
      },
    });
    this.#finals = new Finals(this.#watcher, {
      finalIds: (ids) => db.all<{ id: string }>(FINAL_IDS, JSON.stringify(ids)).map(({ id }) => id),
      getJob: (id) => this.read(() => getJob(db, this.lanes, id)),
    });
    this.#cancels = new CancelWatch(
      this.#watcher,
      () => db.get<{ last_cancel: number }>(LAST_CANCEL)!.last_cancel,
    );
  }

  /** The store's now, in whole milliseconds. */
  get now(): number {
    return Math.floor(this.#options.clock.now());
  }

  /**
   * Runs a transaction that writes, then tells whom it concerns.
   *
   * @throws {StoreVersionError} If a newer version of the package has raised the layout.
   */
  write<T>(work: (tx: Transaction) => T): T {
    this.db.run("BEGIN IMMEDIATE");
    let tx: Transaction;
    let result: T;
    try {
      tx = new Transaction(
        {
          db: this.db,
          lanes: this.lanes,
          pairs: this.#pairs,
          limits: this.#options.limits,
          isAwaited: (id) => this.#finals.has(id),
        },
        this.now,
      );
      if (tx.leastLayout > LAYOUT_VERSION) throw this.#raised();
      result = work(tx);
      tx.flush();
      this.db.run("COMMIT");
    } catch (error) {
      this.db.rollback();
      this.lanes.forget();
      this.#pairs.forget();
      throw this.#errorOf(error);
    }
    this.#tell(tx);
    return result;
  }

  /**
   * Runs reads that see one state of the file.
   *
   * @throws {StoreVersionError} As `write` does.
   */
  read<T>(work: () => T): T {
    this.db.run("BEGIN");
    try {
      const raised = this.#raised();
      if (raised !== undefined) throw raised;
      return work();
    } finally {
      this.db.rollback();
    }
  }

  #raised(): StoreVersionError | undefined {
    return raisedError(this.db, `sqlite:${this.#options.path}`);
  }

  /** What a transaction threw; of one that met tables of a later layout, that alone. */
  #errorOf(error: unknown): unknown {
    return isBusy(error) ? error : this.#raised() ?? error;
  }

  /** See `ReadyStage.subscribe`. */
  subscribe(sources: readonly ClaimSource[]): WakeSource {
    return this.#wakes.subscribe(sources);
  }

  /** See `ControlStage.watchClaims`. */
  watchClaims(server: string): WakeSource {
    return this.#cancels.watch(server);
  }

  /** See `InspectStage.awaitFinal`. `read` looks the job up, and may have to wait for that. */
  async awaitFinal(
    id: string,
    signal: AbortSignal | undefined,
    read: () => Promise<JobRecord | null>,
  ): Promise<JobRecord | null | undefined> {
    const wait = this.#finals.wait(id, signal);
    try {
      const job = await read();
      if (job === null || isFinal(job.status)) wait.settle(job);
      return await wait.answer;
    } finally {
      wait.settle(undefined);
    }
  }

  /** See `EventStage.watchEvents`. `read` reads a page, and may have to wait for that. */
  watchEvents(
    after: string | undefined,
    read: (after: number | undefined) => Promise<EventPage>,
  ): Promise<Feed> {
    const feed = new Feed(numberOf(after), {
      read,
      clock: this.#options.clock,
      onDispose: () => {
        this.#feeds.delete(feed);
        if (this.#feeds.size === 0) this.#unwatch?.();
        if (this.#feeds.size === 0) this.#unwatch = undefined;
      },
    });
    this.#feeds.add(feed);
    this.#unwatch ??= this.#watcher.listen(() => this.#notifyFeeds());
    return feed.open();
  }

  #notifyFeeds(): void {
    for (const feed of this.#feeds) feed.notify();
  }

  /** Lets all who wait go, and the file. */
  close(): void {
    for (const feed of [...this.#feeds]) feed[Symbol.dispose]();
    this.#wakes.all();
    this.#cancels.all();
    this.#finals.close();
    this.#watcher.close();
    this.db.close();
  }

  /** Lanes with ready jobs that may be claimed. */
  #claimableLanes(): number[] {
    const isPaused = pauseFilter(this.db);
    const lanes = this.db.all<{ lane: number }>(READY_LANES).map(({ lane }) => lane)
      .filter((lane) => !isPaused(this.lanes.name(lane)));
    if (this.db.get(HAS_LIMITS) === undefined) return lanes;
    const meters = new Meters(this);
    return lanes.filter((lane) => {
      const meter = meters.ofType(this.lanes.name(lane).type);
      return (meter === undefined || meters.room(meter) > 0) && hasClaimable(this.db, lane);
    });
  }

  /** Never throws: the transaction is committed, and must not be repeated. */
  #tell(tx: Transaction): void {
    for (const { id, record } of tx.finals) this.#finals.resolve(id, record);
    if (tx.canceledHolders.size > 0) this.#cancels.canceled(tx.canceledHolders, tx.lastCancel);
    // Upkeep is to go on with the children that are left; a token may come sooner by a new rate.
    if (tx.leavesRelays || tx.limitsSet) this.#wakes.all();
    if (tx.tells) this.#notifyFeeds();
    try {
      this.#wakes.ready(tx.woken);
      if (tx.slotsChanged) this.#wakes.slotsChanged();
      if (tx.earliestDue < Infinity) this.#wakes.delayed(tx.earliestDue);
    } catch {
      this.#wakes.all();
    }
  }
}
