/**
 * One pool: a fixed number of slots, kept busy by one loop.
 *
 *     cycle  -> settle what has finished and claim for the free slots, in one step
 *     start  -> what was claimed, while the next cycle is under way
 *     wait   -> for an attempt to end, for work to come, for the next due time
 *
 * While it waits for work, the store may claim for the free slots by itself, and wakes
 * the pool with the jobs.
 *
 * Whatever ends while a cycle is under way goes with the next one: a busy pool
 * batches by itself, an idle one waits for no timer. A pool shares nothing with
 * other pools but the store.
 *
 * @module
 */

import type { LeaseKeeper } from "../claim/lease.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { AttemptCounts } from "../metrics/attempt_counts.ts";
import { nextTurn } from "../runtime/turn.ts";
import type { ClaimReply, SettleResult } from "../store/store.ts";
import { type AttemptPorts, type AttemptResult, RunningAttempt } from "./attempt.ts";
import { endOf, tellEnd } from "./attempt_events.ts";
import { endSpan } from "./attempt_span.ts";
import { reportCanceled, reportEnd } from "./callbacks.ts";
import { type CyclePorts, Cycles, type Finished } from "./cycles.ts";
import type { HandlerEntry } from "./handler.ts";
import { outcomeOf } from "./outcome_of.ts";
import type { PoolPlan } from "./pool_plan.ts";
import { type Offered, PoolWakes } from "./pool_wakes.ts";
import { Prefetch } from "./prefetch.ts";
import type { TypePlan } from "./server_options.ts";
import { Slots } from "./slots.ts";
import type { Answer } from "./waiting.ts";

/** What a pool needs from its server. */
export interface PoolPorts extends AttemptPorts, CyclePorts {
  readonly leases: LeaseKeeper;
  /** How a type is run in this pool. */
  readonly types: ReadonlyMap<string, TypePlan>;
  /** Takes note of a callback under way. */
  readonly track: (work: Promise<void>) => void;
  /** Counts attempts, where somebody may ask for it. */
  readonly counts?: AttemptCounts;
}

/** A pool at work. */
export class Pool {
  readonly name: string;
  readonly #ports: PoolPorts;
  readonly #slots: Slots;
  readonly #cycles: Cycles;
  readonly #wakes: PoolWakes;
  #claiming = true;
  #loop: Promise<void> = Promise.resolve();
  #ring: () => void = () => {};
  #idle = Promise.withResolvers<void>();
  #abandoned = 0;
  readonly #ended = new AbortController();

  /** @param plan What it runs. @param ports What it runs with. */
  constructor(plan: PoolPlan, ports: PoolPorts) {
    const { name, concurrency } = plan;
    this.name = name;
    this.#ports = ports;
    const prefetch = new Prefetch({ concurrency, leaseMs: ports.leaseMs, most: plan.prefetch });
    const slots = new Slots({
      ...{ ...ports, concurrency, prefetch, nextTurn },
      refreshLeases: () => ports.leases.refresh(true),
      ring: () => this.#stir(),
    });
    this.#slots = slots;
    this.#cycles = new Cycles({
      ...{ plan, ports, slots, prefetch, reserved: () => this.#wakes.reserved },
      settled: (end, result) => this.#settled(end, result),
      adopt: (jobs, answer) => this.#adopt(jobs, answer),
      ring: () => this.#ring(),
    });
    this.#wakes = new PoolWakes({
      ...{ clock: ports.clock, leaseMs: ports.leaseMs },
      offer: () => this.#claiming ? this.#cycles.offer() : undefined,
      onWake: () => this.#wake(),
      onClaimed: (reply, offered) => this.#claimed(reply, offered),
    });
  }

  /** Starts to claim. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Whether nothing runs and the last claim found nothing. */
  get isIdle(): boolean {
    return this.#cycles.isIdle && this.#slots.isEmpty && this.#wakes.reserved === 0;
  }

  /** Jobs that run now. */
  get busy(): number {
    return this.#slots.running;
  }

  /** Somebody waits until there is nothing to do, so the store is to claim nothing by itself; or does so no more. */
  drains(isBegun: boolean): void {
    this.#wakes.hold(isBegun);
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

  /** Resolves when the claims that are under way now have been answered. */
  async claimsAnswered(): Promise<void> {
    await Promise.all([this.#cycles.answered(), this.#wakes.settled()]);
  }

  /** Stops claiming, gives back what was not started, and resolves when what runs has ended and is settled. */
  async stop(): Promise<void> {
    this.#claiming = false;
    this.#wakes.withdraw(); // before anything is given back
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
    const { store, gate } = this.#ports;
    const cycles = this.#cycles;
    const slots = this.#slots;
    const { signal } = this.#ended;
    let hasWaited = false;
    while (!signal.aborted) {
      if (cycles.hasFailed && cycles.underWay === 0) await cycles.pause(signal);
      this.#wakes.subscribe(store, () => gate.filter(cycles.sources));
      const room = cycles.hasFailed ? undefined : cycles.next(this.#claiming);
      if (room === undefined) {
        const before = slots.started + cycles.finished;
        slots.start();
        if (slots.started + cycles.finished > before) continue;
        const isOver = !this.#claiming && slots.isEmpty && this.#wakes.reserved === 0;
        if (isOver && cycles.underWay === 0) break;
        if (this.isIdle) this.#tellIdle();
        await this.#change();
        continue;
      }
      // A cycle for the first that ends would keep the others ahead, which end in the same turn, from going with it.
      if (!hasWaited && slots.waiting > cycles.finished) {
        slots.start();
        hasWaited = true;
        await nextTurn();
        continue;
      }
      hasWaited = false;
      const turn = slots.yieldSometimes();
      cycles.send(room);
      slots.start();
      // The turn comes while the store works; what is sent does not wait for it.
      await turn;
    }
    this.#ended.abort();
    slots.close();
    this.#wakes.end();
    for (const { attempt, result } of cycles.unsettled) {
      if (attempt.span !== undefined) endSpan(attempt.span, result, "lost");
    }
    this.#tellIdle();
  }

  /** Takes over what was claimed. */
  #adopt(jobs: readonly ClaimedJob[], answer: Answer): void {
    this.#slots.add(this.#hold(jobs), answer);
  }

  /** Takes over what the store has claimed by itself, and starts it at once. */
  #claimed(reply: ClaimReply, { limit, heldUntil }: Offered): void {
    // Of a store that was given up, what it claimed goes the way of all leases.
    if (this.#ended.signal.aborted) return;
    this.#cycles.woken(reply, limit);
    const attempts = this.#hold(reply.jobs);
    this.#slots.addWoken(attempts, heldUntil);
    this.#slots.start();
    // Not before, as the jobs would wait for the call to be made; most need none.
    this.#ports.leases.extend(attempts, heldUntil);
    this.#ring();
  }

  /** All that was claimed is held from the first moment, so that leases are extended. */
  #hold(jobs: readonly ClaimedJob[]): readonly RunningAttempt[] {
    const attempts = jobs.map((claimed) => {
      const { plan } = this.#ports.types.get(claimed.type)!;
      return new RunningAttempt(claimed, plan, this.#ports, this.#onEnd);
    });
    this.#ports.leases.addAll(attempts);
    return attempts;
  }

  #settled({ attempt, result, outcome }: Finished, told: SettleResult): void {
    this.#ports.leases.remove(attempt);
    reportEnd(attempt, result, told, this.#entryOf(attempt), this.#ports);
    this.#tellEnd(attempt, result, told, outcome.waitedMs);
  }

  /** Tells and counts the end of an attempt. @param told What the store said; undefined where it was not asked. */
  #tellEnd(
    { claimed, span }: RunningAttempt,
    result: AttemptResult,
    told?: SettleResult,
    waitedMs?: number,
  ): void {
    const { events, counts } = this.#ports;
    tellEnd(events, claimed, result, told);
    counts?.add({ claimed, end: endOf(result, told), ranMs: result.ranMs, waitedMs });
    if (span !== undefined) endSpan(span, result, told);
  }

  #entryOf(attempt: RunningAttempt): HandlerEntry {
    return this.#ports.types.get(attempt.claimed.type)!.entry;
  }

  readonly #onEnd = (attempt: RunningAttempt, result: AttemptResult): void => {
    const { verdict, ranMs } = result;
    const { canceled } = result;
    if (result.abandoned && (verdict ?? canceled) !== undefined) this.#noteAbandoned(attempt);
    if (canceled !== undefined || verdict === undefined) this.#tellEnd(attempt, result);
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
      this.#cycles.add({ attempt, result, outcome });
    }
    this.#slots.ended(attempt, ranMs);
    this.#stir();
  };

  #noteAbandoned({ id, claimed }: RunningAttempt): void {
    this.#abandoned++;
    const fields = { id, type: claimed.type, pool: this.name, abandoned: this.#abandoned };
    this.#ports.logger.warn("Handler did not stop and was left alone", fields);
  }

  /** Waits until there may be something to do. */
  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ring = resolve;
    // The answer to a cycle says what there is to do.
    if (this.#cycles.underWay === 0) this.#listen();
    await promise;
    this.#ring = () => {};
    this.#wakes.endTimer();
  }

  /** Lets work wake the pool if it has room, also what is due later. */
  #listen(): void {
    if (!this.#claiming || this.#slots.free <= 0) this.#wakes.full();
    else this.#wakes.listen(this.#cycles.nextDueAt);
  }

  /** Something has ended. */
  #stir(): void {
    if (this.#cycles.isEnough) this.#ring();
  }

  #wake(): void {
    this.#cycles.wake();
    this.#wakes.withdraw();
    this.#ring();
  }

  #tellIdle(): void {
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }
}
