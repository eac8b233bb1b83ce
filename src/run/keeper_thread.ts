/**
 * A thread that keeps the leases of a server beside its main thread, which may
 * be blocked. It only extends: what a heartbeat tells is heard by the main thread,
 * with its own. So that the main thread does not believe its leases lost when it
 * goes on, the time of the thread's last beat is shared.
 *
 * @module
 */

import type { LeaseAide } from "../claim/lease.ts";
import { type Clock, endsWithin, sleep } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { startThread, type Thread } from "../runtime/threads.ts";
import type { Hold, StoreRecipe } from "../store/store.ts";
import { keeperEntry } from "./thread_entries.ts";
import type { FromKeeper, KeeperData, ToKeeper } from "./keeper_messages.ts";

/** Time that `open` waits for the thread, and `stop` for its last words, in milliseconds. */
const PATIENCE_MS = 10_000;
/** Pause before a thread that ended is replaced, in milliseconds. */
const REPLACE_AFTER_MS = 1000;

/** What the thread is started with, and what watches over it. */
export interface KeeperThreadOptions {
  readonly recipe: StoreRecipe;
  readonly server: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One thread, and what it told so far. */
interface Keeping {
  readonly thread: Thread;
  readonly beaten: BigInt64Array;
  /** The main thread's clock less that of the thread, or less than that; −Infinity until it is known. */
  aheadMs: number;
  askedAt: number;
}

/** See the module. */
export class KeeperThread implements LeaseAide {
  readonly #options: KeeperThreadOptions;
  readonly #held = new Map<string, number>();
  /** Let go of, which the thread is still to be told. */
  #letGo: Hold[] = [];
  readonly #stop = new AbortController();
  #keeping: Keeping | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isOpen = Promise.withResolvers<void>();

  /** @param options Whose leases, and where. */
  constructor(options: KeeperThreadOptions) {
    this.#options = options;
  }

  /** Starts the thread, and waits a while until it keeps leases; it may do so later. */
  async open(): Promise<void> {
    const { clock, logger, server } = this.#options;
    await this.#start();
    if (await endsWithin(clock, this.#isOpen.promise, PATIENCE_MS)) return;
    logger.warn("Lease keeper's thread is not ready, the main thread keeps the leases", { server });
  }

  /** Keeps the leases of claims until `remove`. */
  add(holds: readonly Hold[]): void {
    for (const { id, fence } of holds) this.#held.set(id, fence);
    this.#post({ kind: "add", holds: holds.map(({ id, fence }) => ({ id, fence })) });
  }

  /** Lets go of a claim, unless it is held under a newer fence by now. */
  remove({ id, fence }: Hold): void {
    if (this.#held.get(id) !== fence) return;
    this.#held.delete(id);
    if (this.#letGo.push({ id, fence }) === 1) queueMicrotask(() => this.#tellLetGo());
  }

  #tellLetGo(): void {
    this.#post({ kind: "remove", holds: this.#letGo });
    this.#letGo = [];
  }

  /** When the last beat that was answered was sent, by the main thread's clock. */
  get trustedAt(): number {
    if (this.#keeping === undefined) return -Infinity;
    const { beaten, aheadMs } = this.#keeping;
    const sentAt = Number(Atomics.load(beaten, 0));
    return sentAt === 0 ? -Infinity : sentAt / 1000 + aheadMs;
  }

  /** Ends the thread; what is still held lapses by itself. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const { thread, aheadMs } = this.#keeping ?? {};
    this.#post({ kind: "close" });
    if (aheadMs !== -Infinity) await endsWithin(this.#options.clock, this.#ended, PATIENCE_MS);
    await thread?.terminate();
  }

  async #start(): Promise<void> {
    const { recipe, server, leaseMs } = this.#options;
    const beaten = new SharedArrayBuffer(8);
    const data: KeeperData = { recipe, server, leaseMs, beaten };
    const ended = Promise.withResolvers<void>();
    const thread = await startThread(keeperEntry.url, {
      data,
      onMessage: (message) => this.#take(message as FromKeeper),
      onEnd: () => {
        ended.resolve();
        this.#replace();
      },
    });
    this.#ended = ended.promise;
    const view = new BigInt64Array(beaten);
    this.#keeping = { thread, beaten: view, aheadMs: -Infinity, askedAt: 0 };
    if (this.#stop.signal.aborted) await thread.terminate();
  }

  async #replace(): Promise<void> {
    this.#keeping = undefined;
    const { clock, logger, server } = this.#options;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    logger.warn("Lease keeper's thread ended and is replaced", { server });
    await sleep(clock, REPLACE_AFTER_MS, signal);
    if (signal.aborted) return;
    await this.#start().catch((error) => {
      logger.error("Lease keeper's thread cannot be replaced", { server, error });
    });
  }

  #take(message: FromKeeper): void {
    const { clock, logger, server } = this.#options;
    const keeping = this.#keeping;
    if (keeping === undefined) return;
    switch (message.kind) {
      case "open":
        this.#post({ kind: "add", holds: [...this.#held].map(([id, fence]) => ({ id, fence })) });
        keeping.askedAt = clock.mono();
        return this.#post({ kind: "clock" });
      case "clock":
        // Its clock was read after the question: at most this much behind.
        keeping.aheadMs = keeping.askedAt - message.mono;
        return this.#isOpen.resolve();
      case "failed":
        logger.warn("Heartbeat of the lease keeper's thread failed", {
          server,
          error: message.message,
        });
        return;
      case "closed":
        return void keeping.thread.terminate();
    }
  }

  #post(message: ToKeeper): void {
    this.#keeping?.thread.post(message);
  }
}
