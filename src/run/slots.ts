/**
 * The slots of a pool: what runs, and what was claimed and waits for a slot.
 *
 * @module
 */

import { Bag } from "../bag.ts";
import type { Clock, Timer } from "../clock.ts";
import type { RunningAttempt } from "./attempt.ts";
import { type ServerEvents, tellStart } from "./attempt_events.ts";
import { ShutdownError } from "./errors.ts";
import type { Gate } from "./gate.ts";
import type { Prefetch } from "./prefetch.ts";
import { type Answer, Waiting } from "./waiting.ts";

/** Longest time that a pool goes on without a turn of the event loop. */
const YIELD_AFTER_MS = 10;

/** What slots need. */
export interface SlotsOptions {
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Asks the store whether it still knows of what is held; false if it does not answer. */
  readonly refreshLeases: () => Promise<boolean>;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly events: ServerEvents;
  readonly prefetch: Prefetch;
  /** Resolves when timers and I/O have had their turn. */
  readonly nextTurn: () => Promise<void>;
  /** Called when somebody should look at what has ended. */
  readonly ring: () => void;
}

/** The slots of one pool. */
export class Slots {
  readonly #options: SlotsOptions;
  readonly #waiting = new Waiting();
  readonly #running = new Bag<RunningAttempt>((attempt, slot) => attempt.slot = slot);
  /** Whether something is starting what waits. */
  #starting = false;
  #started = 0;
  #patience: Timer | undefined;
  #yieldedAt = 0;
  #closed = false;

  /** @param options Whose slots. */
  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  /** Jobs that run now. */
  get running(): number {
    return this.#running.size;
  }

  /** Jobs that wait for a slot. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether nothing runs or waits to. */
  get isEmpty(): boolean {
    return this.running === 0 && this.waiting === 0;
  }

  /** Attempts ever started. */
  get started(): number {
    return this.#started;
  }

  /** Slots that nothing runs in or waits for; below zero as many as wait beyond the slots. */
  get free(): number {
    return this.#options.concurrency - this.#running.size - this.#waiting.size;
  }

  /** Whether the next one waits only for the store to hear that it starts. */
  get isHeldUp(): boolean {
    return this.#waiting.isHeldUp(this.#unused);
  }

  /**
   * The mark to tell the store with the next cycle; undefined if it knows it.
   *
   * @param isMore Whether claims are under way.
   */
  toTell(isMore: boolean): number | null | undefined {
    return this.#waiting.toTell(this.#unused, isMore);
  }

  /** What the store has for a mark is not known any more. */
  lostTrack(): void {
    this.#waiting.lostTrack();
  }

  get #unused(): number {
    return this.#options.concurrency - this.#running.size;
  }

  /** Takes over what was claimed, and what the store knows now. */
  add(attempts: readonly RunningAttempt[], answer: Answer): void {
    this.#waiting.add(attempts, answer);
    // What a claim brings after the end goes straight back.
    if (this.#closed) this.#giveBack();
  }

  /** Takes over what the store has claimed by itself. @param heldUntil `mono` of a time until which it is surely held. */
  addWoken(attempts: readonly RunningAttempt[], heldUntil: number): void {
    this.#waiting.addWoken(attempts, heldUntil - this.#options.leaseMs);
    if (this.#closed) this.#giveBack();
  }

  /** Starts no more, and gives back what was not started. */
  close(): void {
    this.#closed = true;
    this.#patience?.cancel();
    this.#giveBack();
  }

  /** Asks running handlers to stop. */
  abort(): void {
    for (const attempt of this.#running.all()) attempt.abort(new ShutdownError());
  }

  /** Leaves running handlers alone and gives their jobs back. */
  giveUp(): void {
    for (const attempt of this.#running.all()) attempt.giveUp();
  }

  /** An attempt has ended. @param ranMs How long it ran, if it was started. */
  ended(attempt: RunningAttempt, ranMs: number): void {
    if (this.#running.delete(attempt, attempt.slot)) this.#options.prefetch.ran(ranMs);
    if (this.#waiting.size > 0) this.start();
  }

  /** Starts what waits, as far as there are slots. Handlers that wait for nothing have ended then. */
  start(): void {
    if (!this.#starting && this.#waiting.size > 0) this.#startAll();
  }

  async #startAll(): Promise<void> {
    this.#starting = true;
    const { concurrency, clock, leaseMs, gate, events, ring } = this.#options;
    let isFirst = true;
    for (
      let next;
      this.#running.size < concurrency && (next = this.#waiting.peek()) !== undefined &&
      this.#waiting.mayStart(next);
      isFirst = false
    ) {
      const { attempt, heldAt } = next;
      const now = clock.mono();
      if (now - heldAt >= leaseMs) {
        await this.#prove();
      } else if (now - this.#yieldedAt >= YIELD_AFTER_MS && !isFirst) {
        // Work that is done should not wait for handlers that block.
        ring();
        await this.#yield();
      } else {
        this.#waiting.shift();
        if (gate.isOpen(attempt.claimed.type)) {
          this.#running.add(attempt);
          this.#started++;
          tellStart(events, attempt.claimed);
          attempt.start(now);
        } else {
          attempt.giveUp(); // of a type that was closed meanwhile
        }
      }
    }
    this.#starting = false;
    if (this.#waiting.size > 0) this.#watchWaiting();
    ring();
  }

  /** Lets timers and I/O have their turn, if it is time: with an embedded store and short handlers nothing else would. */
  yieldSometimes(): Promise<void> | undefined {
    if (this.#options.clock.mono() - this.#yieldedAt < YIELD_AFTER_MS) return undefined;
    return this.#yield();
  }

  async #yield(): Promise<void> {
    await this.#options.nextTurn();
    this.#yieldedAt = this.#options.clock.mono();
  }

  /**
   * Asks the store whether it still knows of what waits: after a pause of the
   * process, another may have the jobs.
   */
  async #prove(): Promise<void> {
    const { clock, refreshLeases } = this.#options;
    const askedAt = clock.mono();
    if (await refreshLeases()) this.#waiting.proven(askedAt);
    else this.#giveBack();
  }

  /** What waits too long goes back, for others to take. */
  #watchWaiting(): void {
    if (this.#patience !== undefined || this.#closed) return;
    const { clock, concurrency, prefetch } = this.#options;
    const before = this.#started;
    this.#patience = clock.after(prefetch.patienceMs, () => {
      this.#patience = undefined;
      if (this.#waiting.size === 0) return;
      if (this.#started > before || this.#running.size < concurrency) return this.#watchWaiting();
      prefetch.disappointed(clock.mono());
      this.#giveBack();
    });
  }

  #giveBack(): void {
    for (const attempt of this.#waiting.takeAll()) attempt.giveUp();
  }
}
