/**
 * What keeps a store in order, whoever runs: one loop that makes due jobs
 * ready, fires schedules, cancels expired ones, takes jobs from dead servers, goes on with what
 * the end of jobs means for many children, removes what retention has given
 * up, and samples the depth of the queues. Every server runs it; each step is bounded and
 * atomic, so that several at once only share the work.
 *
 * @module
 */

import { type Clock, sleep } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { StepReply, Store, WakeSource } from "../store/store.ts";
import type { UpkeepStep } from "../tracing.ts";

/** Jobs that one step moves at most. */
const STEP_LIMIT = 500;
/** Longest pause where the store does not tell whether another server's lease is shorter than ours. */
const LONGEST_PAUSE_MS = 1000;
/** Shortest pause between two prunes that found nothing more to remove. */
const SHORTEST_PRUNE_MS = 1000;
/** Shortest pause, so that clocks that differ by a hair cause no spinning. */
const SHORTEST_PAUSE_MS = 5;

type Step = UpkeepStep["step"];

/** What upkeep needs. */
export interface UpkeepOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Upkeep comes at least every half a lease, so that a dead server is noticed in time. */
  readonly leaseMs: number;
  /** The shortest lease of any server, where the store tells. */
  readonly shortestLeaseMs?: () => number | undefined;
  /**
   * Called before a reap, to extend this server's own leases where a pause of the
   * process kept the heartbeat from doing so: who reaps is alive. False: they
   * could not be extended, so this round does not reap. `always`: also without
   * a pause, to learn of the leases of others.
   */
  readonly refreshLeases?: (always: boolean) => Promise<boolean>;
  /** Deliveries that end with their holder's death before a job is dead-lettered. */
  readonly maxDeliveries: number;
  /** Told of each step that failed. */
  readonly onFailed?: (error: unknown) => void;
  /** Told of each step that moved jobs or failed. */
  readonly onStep?: (step: UpkeepStep) => void;
  /** Fires schedules that are due, where this server is to. */
  readonly scheduler?: { readonly round: () => Promise<StepReply> };
}

/** The upkeep of one server. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #latch: WakeSource | undefined;
  /** When each step is to be taken next, by the monotonic clock. */
  readonly #nextAt: Record<Step, number> = {
    reap: 0,
    promote: 0,
    expire: 0,
    relay: 0,
    schedule: 0,
    prune: 0,
    sample: 0,
  };

  /** @param options Which store, and how. */
  constructor(options: UpkeepOptions) {
    this.#options = options;
    if (options.scheduler === undefined) this.#nextAt.schedule = Infinity;
  }

  /** Begins. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Ends after the step under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    this.#latch?.[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    // Made before the first round, which tells the others of this server's lease and learns of
    // theirs, so that no news is missed.
    this.#latch = this.#options.store.subscribe([]);
    let woken = true;
    while (!signal.aborted) {
      await this.#round(woken);
      const nextAt = Math.min(...Object.values(this.#nextAt));
      woken = await this.#pause(nextAt - clock.mono());
    }
  }

  /** Longest time between two takings of one step. */
  #longestPauseMs(): number {
    const { leaseMs, shortestLeaseMs } = this.#options;
    const shortest = shortestLeaseMs?.();
    return shortest === undefined
      ? Math.min(leaseMs / 2, LONGEST_PAUSE_MS)
      : Math.min(leaseMs, shortest) / 2;
  }

  /** Waits; true if the store woke it. */
  async #pause(ms: number): Promise<boolean> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    if (ms <= 0) {
      await sleep(clock, 0, signal);
      return false;
    }
    const latch = this.#latch!;
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    let woken = false;
    await Promise.race([
      sleep(clock, ms, over.signal),
      latch.next(over.signal).then(() => {
        woken = !over.signal.aborted;
      }),
    ]);
    over.abort();
    signal.removeEventListener("abort", end);
    if (woken) await sleep(clock, SHORTEST_PAUSE_MS, signal);
    return woken;
  }

  /** Takes the steps that are due; after a wake also those that it may be about. */
  async #round(woken: boolean): Promise<void> {
    const { store, scheduler } = this.#options;
    await this.#step("reap", woken, () => this.#reap(woken));
    await this.#step("promote", woken, () => store.promote(STEP_LIMIT));
    if (scheduler) await this.#step("schedule", woken, () => scheduler.round());
    await this.#step("expire", false, () => store.expire(STEP_LIMIT));
    await this.#step("relay", woken, () => store.relay(STEP_LIMIT));
    await this.#step("prune", false, () => store.prune(STEP_LIMIT));
    await this.#step("sample", false, () => store.sample());
  }

  async #reap(woken: boolean): Promise<StepReply> {
    const { store, logger, maxDeliveries, refreshLeases } = this.#options;
    if (await refreshLeases?.(woken) === false) return { moved: 0, nextInMs: null };
    const reply = await store.reap({ limit: STEP_LIMIT, maxDeliveries });
    const { moved } = reply;
    if (moved > 0) logger.warn("Jobs taken from servers presumed dead", { jobs: moved });
    return reply;
  }

  /** One step, if it is due; one that fails must not keep the others from being taken. */
  async #step(step: Step, anyway: boolean, take: () => Promise<StepReply>): Promise<void> {
    const { clock, logger } = this.#options;
    const startedAt = clock.mono();
    if (!anyway && startedAt < this.#nextAt[step]) return;
    let pauseMs = Infinity;
    try {
      const { moved, nextInMs } = await take();
      if (moved > 0 && step !== "sample") {
        logger.debug("Upkeep moved jobs", { step, jobs: moved });
        this.#tell(step, moved, startedAt);
      }
      // Whether a job is removed a second sooner or later matters to nobody.
      const shortest = step === "prune" && nextInMs !== 0 ? SHORTEST_PRUNE_MS : SHORTEST_PAUSE_MS;
      pauseMs = Math.max(shortest, nextInMs ?? Infinity);
    } catch (error) {
      logger.error("Upkeep failed", { step, error });
      this.#options.onFailed?.(error);
      this.#tell(step, 0, startedAt, { error });
    }
    // Nothing brings the next minute sooner.
    const isKnown = step === "sample" && pauseMs < Infinity;
    const longest = isKnown ? pauseMs : this.#longestPauseMs();
    this.#nextAt[step] = clock.mono() + Math.min(pauseMs, longest);
  }

  #tell(step: Step, moved: number, startedAt: number, failure?: { readonly error: unknown }): void {
    const { clock, onStep } = this.#options;
    if (onStep === undefined) return;
    const ranMs = clock.mono() - startedAt;
    onStep({ step, moved, at: clock.now() - ranMs, ranMs, ...failure });
  }
}
