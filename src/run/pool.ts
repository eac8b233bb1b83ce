/**
 * One pool: a fixed number of slots, kept busy by one loop.
 *
 *     cycle  -> settle what has finished and claim for the free slots, in one step
 *     wait   -> for an attempt to end, for work to come, for the next due time
 *
 * One cycle is under way at a time. Whatever ends meanwhile goes with the next
 * one: a busy pool batches by itself, an idle one waits for no timer. A pool
 * shares nothing with other pools but the store.
 *
 * @module
 */

import { sleep, type Timer } from "../clock.ts";
import type { LeaseKeeper } from "../claim/lease.ts";
import { SourcePicker } from "../claim/strategy.ts";
import { nextTurn } from "../runtime/turn.ts";
import type { ClaimReply, ClaimRequest, Outcome, Store, WakeSource } from "../store/store.ts";
import { type AttemptPorts, type AttemptResult, RunningAttempt } from "./attempt.ts";
import { tellEnd, tellStart } from "./attempt_events.ts";
import { reportCanceled, reportEnd } from "./callbacks.ts";
import { ShutdownError } from "./errors.ts";
import type { Gate } from "./gate.ts";
import type { HandlerEntry } from "./handler.ts";
import { outcomeOf } from "./outcome_of.ts";
import type { PoolPlan } from "./pool_plan.ts";
import type { TypePlan } from "./server_options.ts";

/** Most outcomes, and most claims, of one cycle. */
const MAX_CYCLE = 500;
/** Longest time that cycles follow each other without a turn of the event loop. */
const YIELD_AFTER_MS = 10;
/** Pause after a cycle that failed, doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** What a pool needs from its server. */
export interface PoolPorts extends AttemptPorts {
  readonly store: Store;
  readonly server: string;
  readonly leaseMs: number;
  readonly leases: LeaseKeeper;
  /** Types that are not to be started for now. */
  readonly gate: Gate;
  /** How a type is run in this pool. */
  readonly types: ReadonlyMap<string, TypePlan>;
  /** Takes note of a callback under way. */
  readonly track: (work: Promise<void>) => void;
}

/** An attempt that has ended and is not settled yet. */
interface Finished {
  readonly attempt: RunningAttempt;
  readonly result: AttemptResult;
  readonly outcome: Outcome;
}

/** A pool at work. */
export class Pool {
  readonly name: string;
  readonly #plan: PoolPlan;
  readonly #ports: PoolPorts;
  readonly #picker: SourcePicker;
  readonly #running = new Set<RunningAttempt>();
  #finished: Finished[] = [];
  #claiming = true;
  /** Whether a claim may find something. */
  #hungry = true;
  #cycle: Promise<void> = Promise.resolve();
  #loop: Promise<void> = Promise.resolve();
  #ring: () => void = () => {};
  #idle = Promise.withResolvers<void>();
  #abandoned = 0;
  #cycling = false;
  /** Set while the pool waits for a wake; aborted when it has no room for a job. */
  #listening: AbortController | undefined;
  #yieldedAt = 0;
  readonly #ended = new AbortController();
  /** Set by work of the types that may be started; undefined where there are none. */
  #latch: WakeSource | undefined;
  #gateChanged = true;

  /** @param plan What it runs. @param ports What it runs with. */
  constructor(plan: PoolPlan, ports: PoolPorts) {
    this.name = plan.name;
    this.#plan = plan;
    this.#ports = ports;
    this.#picker = new SourcePicker(plan.sources, plan.strategy, ports.rng);
  }

  /** Starts to claim. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Whether nothing runs and the last claim found nothing. */
  get isIdle(): boolean {
    return !this.#hungry && !this.#cycling && this.#running.size === 0 &&
      this.#finished.length === 0;
  }

  /** Jobs that run now. */
  get busy(): number {
    return this.#running.size;
  }

  /** Resolves at the next moment at which nothing runs and a claim found nothing. */
  async idle(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#wake();
    await this.#idle.promise;
  }

  /** The gate let a type through, or holds one back. */
  gateChanged(): void {
    this.#gateChanged = true;
    this.#wake();
  }

  /** Resolves when the claim that is under way now has been answered. */
  claimsAnswered(): Promise<void> {
    return this.#cycle;
  }

  /** Stops claiming, and resolves when what runs has ended and is settled. */
  async stop(): Promise<void> {
    this.#claiming = false;
    this.#ring();
    await this.#loop;
  }

  /** Asks running handlers to stop. */
  abort(): void {
    for (const attempt of this.#running) attempt.abort(new ShutdownError());
  }

  /** Leaves running handlers alone and gives their jobs back. */
  giveUp(): void {
    for (const attempt of this.#running) attempt.giveUp();
  }

  /** Stops trying to reach a store that does not answer: leases will lapse. */
  abandonStore(): void {
    this.#ended.abort();
    this.#ring();
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    const { clock } = this.#ports;
    let nextDueAt: number | null = null;
    while (!this.#ended.signal.aborted) {
      if (this.#gateChanged) this.#subscribe();
      const limit = this.#limit();
      if (this.#finished.length === 0 && (limit === 0 || !this.#hungry)) {
        if (!this.#claiming && this.#running.size === 0) break;
        if (this.isIdle) this.#tellIdle();
        await this.#change(nextDueAt);
        continue;
      }
      await this.#yieldSometimes();
      const cycle = this.#runCycle(limit);
      this.#cycle = cycle.then(() => {}, () => {});
      try {
        const nextDueInMs = await cycle;
        nextDueAt = nextDueInMs === null ? null : clock.mono() + nextDueInMs;
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        const { events } = this.#ports;
        if (events.hears("store.failed")) {
          events.emit({ event: "store.failed", pool: this.name, error });
        }
        this.#ports.logger.error("Store cannot be reached", {
          pool: this.name,
          error,
          retryInMs: pauseMs,
        });
        await sleep(clock, pauseMs, this.#ended.signal);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    this.#ended.abort();
    this.#listening?.abort();
    this.#latch?.[Symbol.dispose]();
    this.#tellIdle();
  }

  /** Listens for the types that the gate lets through: a wake for another is not this server's. */
  #subscribe(): void {
    this.#gateChanged = false;
    this.#listening?.abort();
    this.#latch?.[Symbol.dispose]();
    const sources = this.#ports.gate.filter(this.#picker.pick(0));
    this.#latch = sources && this.#ports.store.subscribe(sources);
  }

  /** Lets timers and I/O have their turn: with an embedded store and short handlers nothing else would. */
  #yieldSometimes(): Promise<void> | undefined {
    if (this.#ports.clock.mono() - this.#yieldedAt < YIELD_AFTER_MS) return undefined;
    return nextTurn().then(() => {
      this.#yieldedAt = this.#ports.clock.mono();
    });
  }

  #limit(): number {
    return this.#claiming ? Math.min(this.#plan.concurrency - this.#running.size, MAX_CYCLE) : 0;
  }

  /** Settles and claims in one step; gives the time until the next job is due. */
  async #runCycle(limit: number): Promise<number | null> {
    const { store, server, leaseMs } = this.#ports;
    const sources = limit === 0 ? undefined : this.#ports.gate.filter(this.#picker.pick(limit));
    const claim = sources && { server, pool: this.name, sources, limit, leaseMs };
    this.#hungry = false;
    if (claim === undefined && this.#finished.length === 0) return null;
    this.#cycling = true;
    const sentAt = this.#ports.clock.mono();
    try {
      const claimed = this.#finished.length === 0
        ? await store.claim(claim!)
        : await this.#settle(claim);
      return claimed === undefined ? null : await this.#take(claimed, limit, sentAt);
    } catch (error) {
      this.#hungry = true;
      throw error;
    } finally {
      this.#cycling = false;
    }
  }

  /** Settles what has finished, and claims in the same step. */
  async #settle(claim?: ClaimRequest): Promise<ClaimReply | undefined> {
    const finished = this.#finished.splice(0, MAX_CYCLE);
    try {
      const outcomes = finished.map(({ outcome }) => outcome);
      const { results, claimed } = await this.#ports.store.settle({ outcomes, claim });
      finished.forEach((end, i) => {
        this.#ports.leases.remove(end.attempt);
        reportEnd(end.attempt, end.result, results[i]!, this.#entryOf(end.attempt), this.#ports);
        tellEnd(this.#ports.events, end.attempt.claimed, end.result, results[i]!);
      });
      return claimed;
    } catch (error) {
      this.#finished.unshift(...finished);
      throw error;
    }
  }

  #entryOf(attempt: RunningAttempt): HandlerEntry {
    return this.#ports.types.get(attempt.claimed.type)!.entry;
  }

  /** Starts what was claimed. All of it is held from the first moment, so that leases are extended. */
  async #take(
    { jobs, nextDueInMs }: ClaimReply,
    limit: number,
    sentAt: number,
  ): Promise<number | null> {
    this.#picker.took(jobs.length);
    if (jobs.length === limit) this.#hungry = true;
    const attempts = jobs.map((claimed) => {
      const { plan } = this.#ports.types.get(claimed.type)!;
      const attempt = new RunningAttempt(claimed, plan, this.#ports, this.#onEnd);
      this.#running.add(attempt);
      return attempt;
    });
    this.#ports.leases.addAll(attempts);
    const { gate } = this.#ports;
    let surelyHeldAt = sentAt;
    for (const [i, attempt] of attempts.entries()) {
      const turn = i === 0 ? undefined : this.#yieldSometimes();
      if (turn !== undefined) {
        await turn;
        // Work that is done should not wait for handlers that block. What cannot
        // be settled now is settled by the next cycle, which tells of the failure.
        if (this.#finished.length > 0) await this.#settle().catch(() => {});
      }
      const proof = this.#prove(surelyHeldAt);
      surelyHeldAt = typeof proof === "number" ? proof : await proof;
      const isHeld = surelyHeldAt > -Infinity;
      // What a claim brings after the call to stop, or of a type closed meanwhile, goes straight back.
      if (this.#claiming && isHeld && gate.isOpen(attempt.claimed.type)) {
        tellStart(this.#ports.events, attempt.claimed);
        attempt.start();
      } else {
        attempt.giveUp();
      }
    }
    return nextDueInMs;
  }

  /**
   * Gives a time at which the store surely knew of all claims and that is less
   * than a lease ago; −Infinity if there is none. After a pause of the process
   * another may have the jobs, so the store is asked.
   */
  #prove(surelyHeldAt: number): number | Promise<number> {
    const { clock, leaseMs, leases } = this.#ports;
    const askedAt = clock.mono();
    if (askedAt - surelyHeldAt < leaseMs) return surelyHeldAt;
    return leases.refresh(true).then((isFresh) => isFresh ? askedAt : -Infinity);
  }

  readonly #onEnd = (attempt: RunningAttempt, result: AttemptResult): void => {
    this.#running.delete(attempt);
    const { verdict, ranMs } = result;
    const { canceled } = result;
    if (result.abandoned && (verdict ?? canceled) !== undefined) this.#noteAbandoned(attempt);
    if (canceled !== undefined || verdict === undefined) {
      tellEnd(this.#ports.events, attempt.claimed, result);
    }
    if (canceled !== undefined) {
      reportCanceled(attempt, result, canceled, this.#entryOf(attempt), this.#ports);
    } else if (verdict === undefined) {
      this.#ports.logger.warn("Lease lost, result dropped", {
        id: attempt.id,
        type: attempt.claimed.type,
        pool: this.name,
      });
    } else {
      const outcome = outcomeOf(attempt.claimed, verdict, ranMs);
      this.#finished.push({ attempt, result, outcome });
    }
    this.#ring();
  };

  #noteAbandoned({ id, claimed }: RunningAttempt): void {
    this.#abandoned++;
    const fields = { id, type: claimed.type, pool: this.name, abandoned: this.#abandoned };
    this.#ports.logger.warn("Handler did not stop and was left alone", fields);
  }

  /**
   * Waits until there may be something to do.
   *
   * @param nextDueAt When the next delayed job is due, by the monotonic clock.
   */
  async #change(nextDueAt: number | null): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ring = resolve;
    let timer: Timer | undefined;
    const latch = this.#latch;
    if (this.#limit() === 0) {
      this.#listening?.abort();
      latch?.full?.();
    } else if (latch !== undefined) {
      this.#listen(latch);
      if (nextDueAt !== null) {
        const { clock } = this.#ports;
        timer = clock.after(nextDueAt - clock.mono(), () => this.#wake());
      }
    }
    await promise;
    this.#ring = () => {};
    timer?.cancel();
  }

  /** Lets the store wake this pool, until it has no room: then the wake is for another. */
  #listen(wake: WakeSource): void {
    if (this.#listening?.signal.aborted === false) return;
    const listening = new AbortController();
    this.#listening = listening;
    wake.next(listening.signal).then(() => {
      if (this.#listening === listening) this.#listening = undefined;
      this.#wake();
    });
  }

  #wake(): void {
    this.#hungry = true;
    this.#ring();
  }

  #tellIdle(): void {
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }
}
