/**
 * One pool: a fixed number of slots, kept busy by one loop.
 *
 *     cycle  -> settle what has finished and claim for the free slots, in one step
 *     start  -> what was claimed, while the next cycle is under way
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
import type { ClaimedJob } from "../job/job.ts";
import type { ClaimReply, ClaimRequest, Outcome, Store } from "../store/store.ts";
import { type AttemptPorts, type AttemptResult, RunningAttempt } from "./attempt.ts";
import { tellEnd } from "./attempt_events.ts";
import { reportCanceled, reportEnd } from "./callbacks.ts";
import type { Gate } from "./gate.ts";
import type { HandlerEntry } from "./handler.ts";
import { outcomeOf } from "./outcome_of.ts";
import type { PoolPlan } from "./pool_plan.ts";
import { PoolWakes } from "./pool_wakes.ts";
import { Prefetch } from "./prefetch.ts";
import type { TypePlan } from "./server_options.ts";
import { Slots } from "./slots.ts";
import type { Answer } from "./waiting.ts";

/** Most outcomes, and most claims, of one cycle. */
const MAX_CYCLE = 500;
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

/** How many jobs a pool could claim. */
interface Room {
  /** To start at once. */
  readonly slots: number;
  /** Beyond those. */
  readonly ahead: number;
}

/** A pool at work. */
export class Pool {
  readonly name: string;
  readonly #plan: PoolPlan;
  readonly #ports: PoolPorts;
  readonly #picker: SourcePicker;
  readonly #prefetch: Prefetch;
  readonly #slots: Slots;
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
  readonly #ended = new AbortController();
  readonly #wakes: PoolWakes;

  /** @param plan What it runs. @param ports What it runs with. */
  constructor(plan: PoolPlan, ports: PoolPorts) {
    const { name, concurrency, prefetch, sources, strategy } = plan;
    this.name = name;
    this.#plan = plan;
    this.#ports = ports;
    this.#picker = new SourcePicker(sources, strategy, ports.rng);
    this.#prefetch = new Prefetch({ concurrency, leaseMs: ports.leaseMs, most: prefetch });
    this.#slots = new Slots({
      ...{ ...ports, concurrency, prefetch: this.#prefetch, nextTurn },
      refreshLeases: () => ports.leases.refresh(true),
      ring: () => this.#ring(),
    });
    this.#wakes = new PoolWakes(() => this.#wake());
  }

  /** Starts to claim. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Whether nothing runs and the last claim found nothing. */
  get isIdle(): boolean {
    return !this.#hungry && !this.#cycling && this.#finished.length === 0 && this.#isEmpty;
  }

  /** Whether nothing runs or waits to. */
  get #isEmpty(): boolean {
    return this.#slots.running === 0 && this.#slots.waiting === 0;
  }

  /** Jobs that run now. */
  get busy(): number {
    return this.#slots.running;
  }

  /** Resolves at the next moment at which nothing runs and a claim found nothing. */
  async idle(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#wake();
    await this.#idle.promise;
  }

  /** The gate let a type through, or holds one back. */
  gateChanged(): void {
    this.#wakes.changed();
    this.#wake();
  }

  /** Resolves when the claim that is under way now has been answered. */
  claimsAnswered(): Promise<void> {
    return this.#cycle;
  }

  /** Stops claiming, gives back what was not started, and resolves when what runs has ended and is settled. */
  async stop(): Promise<void> {
    this.#claiming = false;
    this.#slots.close();
    this.#ring();
    await this.#loop;
  }

  /** Asks running handlers to stop. */
  abort(): void {
    this.#slots.abort();
  }

  /** Leaves running handlers alone and gives their jobs back. */
  giveUp(): void {
    this.#slots.giveUp();
  }

  /** Stops trying to reach a store that does not answer: leases will lapse. */
  abandonStore(): void {
    this.#ended.abort();
    this.#ring();
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    const { clock, store, gate } = this.#ports;
    let nextDueAt: number | null = null;
    let hasWaited = false;
    while (!this.#ended.signal.aborted) {
      this.#wakes.subscribe(store, () => gate.filter(this.#picker.pick(0)));
      const room = this.#room();
      if (!this.#mayCycle(room)) {
        const before = this.#slots.started;
        this.#slots.start();
        if (this.#slots.started > before || this.#finished.length > 0) continue;
        if (!this.#claiming && this.#isEmpty) break;
        if (this.isIdle) this.#tellIdle();
        await this.#change(nextDueAt);
        continue;
      }
      // A cycle for the first that ends would keep the others ahead, which end in the same turn, from going with it.
      if (!hasWaited && this.#slots.waiting > this.#finished.length) {
        this.#slots.start();
        hasWaited = true;
        await nextTurn();
        continue;
      }
      hasWaited = false;
      const turn = this.#slots.yieldSometimes();
      const cycle = this.#runCycle(room);
      this.#cycle = cycle.then(() => {}, () => {});
      this.#slots.start();
      try {
        // The turn comes while the store works; what is sent does not wait for it.
        await turn;
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
    this.#slots.close();
    this.#wakes.end();
    this.#tellIdle();
  }

  /** How many jobs could be claimed: to start at once, and ahead. */
  #room(): Room {
    if (!this.#claiming) return { slots: 0, ahead: 0 };
    const { free } = this.#slots;
    const depth = this.#prefetch.depth(this.#ports.clock.mono());
    const slots = Math.min(Math.max(free, 0), MAX_CYCLE);
    return { slots, ahead: Math.max(0, Math.min(depth + Math.min(free, 0), MAX_CYCLE - slots)) };
  }

  /** Whether there is something to send. */
  #mayCycle({ slots, ahead }: Room): boolean {
    if (this.#finished.length > 0) return true;
    if (this.#slots.isHeldUp) return true;
    // Some ahead are no reason to ask; many are.
    return this.#hungry && (slots > 0 || (ahead > 0 && ahead >= this.#slots.waiting));
  }

  /** Settles and claims in one step; gives the time until the next job is due. */
  async #runCycle({ slots, ahead }: Room): Promise<number | null> {
    const { server, leaseMs, clock, gate } = this.#ports;
    const limit = slots + ahead;
    const sources = limit === 0 ? undefined : gate.filter(this.#picker.pick(limit));
    const claim = sources &&
      { server, pool: this.name, sources, limit, leaseMs, ...ahead > 0 && { ahead } };
    this.#hungry = false;
    const told = this.#slots.toTell();
    if (claim === undefined && this.#finished.length === 0 && told === undefined) return null;
    this.#cycling = true;
    const sentAt = clock.mono();
    const { started } = this.#slots;
    try {
      const claimed = this.#finished.length === 0 && told === undefined
        ? await this.#ports.store.claim(claim!)
        : await this.#settle(claim, told);
      const at = clock.mono();
      const isQuiet = this.#slots.started === started;
      if (claimed === undefined) {
        this.#slots.add([], { told, slots, heldAt: sentAt });
        return null;
      }
      const isFull = claimed.jobs.length === limit;
      this.#prefetch.answered({ ms: at - sentAt, isFull, isQuiet, at });
      if (isFull) this.#hungry = true;
      this.#adopt(claimed.jobs, { told, slots, heldAt: sentAt });
      return claimed.nextDueInMs;
    } catch (error) {
      this.#hungry = true;
      throw error;
    } finally {
      this.#cycling = false;
    }
  }

  /** Settles what has finished, and claims in the same step. */
  async #settle(
    claim: ClaimRequest | undefined,
    unstartedFrom: number | null | undefined,
  ): Promise<ClaimReply | undefined> {
    const finished = this.#finished.splice(0, MAX_CYCLE);
    const { server } = this.#ports;
    try {
      const outcomes = finished.map(({ outcome }) => outcome);
      const { results, claimed } = await this.#ports.store.settle({
        outcomes,
        ...claim && { claim },
        ...unstartedFrom !== undefined &&
          { startMark: { server, pool: this.name, unstartedFrom } },
      });
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

  /** Takes over what was claimed. All of it is held from the first moment, so that leases are extended. */
  #adopt(jobs: readonly ClaimedJob[], answer: Answer): void {
    this.#picker.took(jobs.length);
    const attempts = jobs.map((claimed) => {
      const { plan } = this.#ports.types.get(claimed.type)!;
      return new RunningAttempt(claimed, plan, this.#ports, this.#onEnd);
    });
    this.#ports.leases.addAll(attempts);
    this.#slots.add(attempts, answer);
  }

  readonly #onEnd = (attempt: RunningAttempt, result: AttemptResult): void => {
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
    this.#slots.ended(attempt, ranMs);
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
    if (!this.#claiming || this.#slots.free <= 0) {
      this.#wakes.full();
    } else if (this.#wakes.listen() && nextDueAt !== null) {
      const { clock } = this.#ports;
      timer = clock.after(nextDueAt - clock.mono(), () => this.#wake());
    }
    await promise;
    this.#ring = () => {};
    timer?.cancel();
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
