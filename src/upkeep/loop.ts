/**
 * What keeps a store in order, whoever runs: one loop that makes due jobs
 * ready, cancels expired ones, takes jobs from dead servers and removes what
 * retention has given up. Every server runs it; each step is bounded and
 * atomic, so that several at once only share the work.
 *
 * @module
 */

import { type Clock, sleep } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { StepReply, Store } from "../store/store.ts";

/** Jobs that one step moves at most. */
const STEP_LIMIT = 500;
/** Longest pause: another server's lease may be shorter than ours. */
const LONGEST_PAUSE_MS = 1000;
/** Shortest pause, so that clocks that differ by a hair cause no spinning. */
const SHORTEST_PAUSE_MS = 5;

/** What upkeep needs. */
export interface UpkeepOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Upkeep comes at least every half a lease, so that a dead server is noticed in time. */
  readonly leaseMs: number;
  /**
   * Called before a reap, to extend this server's own leases where a pause of the
   * process kept the heartbeat from doing so: who reaps is alive. False: they
   * could not be extended, so this round does not reap.
   */
  readonly refreshLeases?: () => Promise<boolean>;
  /** Deliveries that end with their holder's death before a job is dead-lettered. */
  readonly maxDeliveries: number;
}

/** The upkeep of one server. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  /** @param options Which store, and how. */
  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Begins. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Ends after the step under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, leaseMs } = this.#options;
    const { signal } = this.#stop;
    const longest = Math.min(leaseMs / 2, LONGEST_PAUSE_MS);
    while (!signal.aborted) {
      const pauseMs = Math.min(longest, await this.#tick());
      await sleep(clock, Math.max(SHORTEST_PAUSE_MS, pauseMs), signal);
    }
  }

  /** One round; gives the time until the next is needed. */
  async #tick(): Promise<number> {
    const { store } = this.#options;
    return Math.min(
      await this.#step("reap", () => this.#reap()),
      await this.#step("promote", () => store.promote(STEP_LIMIT)),
      await this.#step("expire", () => store.expire(STEP_LIMIT)),
      await this.#step("prune", () => store.prune(STEP_LIMIT)),
    );
  }

  async #reap(): Promise<StepReply> {
    const { store, logger, maxDeliveries, refreshLeases } = this.#options;
    if (await refreshLeases?.() === false) return { moved: 0, nextInMs: null };
    const reply = await store.reap({ limit: STEP_LIMIT, maxDeliveries });
    const { moved } = reply;
    if (moved > 0) logger.warn("Jobs taken from servers presumed dead", { jobs: moved });
    return reply;
  }

  /** One step; one that fails must not keep the others from being taken. */
  async #step(step: string, take: () => Promise<StepReply>): Promise<number> {
    const { logger } = this.#options;
    try {
      const { moved, nextInMs } = await take();
      if (moved > 0) logger.debug("Upkeep moved jobs", { step, jobs: moved });
      return nextInMs ?? Infinity;
    } catch (error) {
      logger.error("Upkeep failed", { step, error });
      return Infinity;
    }
  }
}
