/**
 * The cycles of one pool: each settles what has ended and claims the next, in one step.
 *
 * One is under way at a time, and whatever ends meanwhile goes with the next. But where
 * claims bring jobs ahead, two may be, each for half of what the pool may hold: the store
 * works on one while the process runs what the other has brought.
 *
 *     store     a   b   a   b
 *     process     a   b   a   b
 *
 * @module
 */

import { type Clock, sleep } from "../clock.ts";
import { SourcePicker } from "../claim/strategy.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { Logger } from "../logger.ts";
import type { Rng } from "../rng.ts";
import { StoreVersionError } from "../store/errors.ts";
import type {
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  Outcome,
  SettleResult,
  Store,
} from "../store/store.ts";
import type { AttemptResult, RunningAttempt } from "./attempt.ts";
import type { ServerEvents } from "./attempt_events.ts";
import type { Gate } from "./gate.ts";
import type { PoolPlan } from "./pool_plan.ts";
import type { Prefetch } from "./prefetch.ts";
import type { Slots } from "./slots.ts";
import type { Answer } from "./waiting.ts";

/** Most outcomes, and most claims, of one cycle. */
const MAX_CYCLE = 500;
/** Pause after a cycle that failed, doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** What cycles need of the server. */
export interface CyclePorts {
  readonly store: Store;
  readonly server: string;
  readonly leaseMs: number;
  /** Types that are not to be started for now. */
  readonly gate: Gate;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly events: ServerEvents;
  /** Told when the store refuses this version of the package. */
  readonly onRefused: (error: StoreVersionError) => void;
}

/** An attempt that has ended and is not settled yet. */
export interface Finished {
  readonly attempt: RunningAttempt;
  readonly result: AttemptResult;
  readonly outcome: Outcome;
}

/** How many jobs a cycle claims. */
export interface Room {
  /** To start at once. */
  readonly slots: number;
  /** Beyond those. */
  readonly ahead: number;
}

/** What cycles need of their pool. */
export interface CyclesOptions {
  readonly plan: PoolPlan;
  readonly ports: CyclePorts;
  readonly slots: Slots;
  readonly prefetch: Prefetch;
  /** Slots that are kept for what the store may claim by itself. */
  readonly reserved: () => number;
  /** An attempt was settled. */
  readonly settled: (end: Finished, result: SettleResult) => void;
  /** Takes over what was claimed. */
  readonly adopt: (jobs: readonly ClaimedJob[], answer: Answer) => void;
  /** Called when a cycle was answered, or has failed. */
  readonly ring: () => void;
}

/** One that is under way. */
interface Cycle extends Room {
  /** Whether no other has been under way since it was sent. */
  isAlone: boolean;
  /** Resolves when it was answered, or has failed. */
  answered: Promise<void>;
  readonly claim: ClaimRequest | undefined;
  /** The start mark that it tells, if any. */
  readonly told: number | null | undefined;
  readonly sentAt: number;
  /** Attempts ever started when it was sent. */
  readonly started: number;
}

/** The cycles of one pool. */
export class Cycles {
  readonly #options: CyclesOptions;
  readonly #picker: SourcePicker;
  #finished: Finished[] = [];
  /** Whether a claim may find something. */
  #hungry = true;
  #underWay: Cycle[] = [];
  /** Whether there may be two: claims bring all that is asked for, also ahead, and the store works beside the process. */
  #isDeep = false;
  /** Claims of a cycle that is one of two; Infinity while there may be but one. */
  #half = Infinity;
  #failure: { readonly error: unknown } | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #nextDueAt: number | null = null;

  /** @param options Of which pool. */
  constructor(options: CyclesOptions) {
    this.#options = options;
    const { sources, strategy, weights } = options.plan;
    this.#picker = new SourcePicker(sources, strategy, options.ports.rng, weights);
  }

  /** What the pool takes. */
  get sources(): readonly ClaimSource[] {
    return this.#picker.pick(0);
  }

  /** How many are under way. */
  get underWay(): number {
    return this.#underWay.length;
  }

  /** How many attempts have ended and go with the next one. */
  get finished(): number {
    return this.#finished.length;
  }

  /** Those attempts, of which the store has not been told. */
  get unsettled(): readonly Finished[] {
    return this.#finished;
  }

  /** When the next delayed job is due, by the monotonic clock. */
  get nextDueAt(): number | null {
    return this.#nextDueAt;
  }

  /** Whether there is nothing to settle and the last claim found nothing. */
  get isIdle(): boolean {
    return !this.#hungry && this.#underWay.length === 0 && this.#finished.length === 0;
  }

  /** Whether one has failed that nobody has paused for. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether enough has ended to look whether one is to be sent. */
  get isEnough(): boolean {
    return this.#underWay.length === 0 || this.#finished.length >= this.#half;
  }

  /** Resolves when all that are under way now have been answered. */
  answered(): Promise<unknown> {
    return Promise.all(this.#underWay.map(({ answered }) => answered));
  }

  /** A claim may find something. */
  wake(): void {
    this.#hungry = true;
  }

  /** The next one is to settle this. */
  add(finished: Finished): void {
    this.#finished.push(finished);
  }

  /** What the next one is to claim; undefined if none is to be sent now. */
  next(claiming: boolean): Room | undefined {
    if (this.#underWay.length > (this.#isDeep ? 1 : 0)) return undefined;
    const { slots, prefetch, plan, ports } = this.#options;
    const depth = claiming ? prefetch.depth(ports.clock.mono()) : 0;
    const half = Math.floor((plan.concurrency + depth - slots.running) / 2);
    this.#half = this.#isDeep && depth > 0 && half > 0 ? Math.min(half, MAX_CYCLE) : Infinity;
    const room = claiming ? this.#room(depth) : { slots: 0, ahead: 0 };
    if (this.#underWay.length > 0) {
      return room.slots + room.ahead === this.#half ? room : undefined;
    }
    if (this.#finished.length > 0 || slots.isHeldUp) return room;
    // Some ahead are no reason to ask; many are.
    const isWorth = room.slots > 0 || (room.ahead > 0 && room.ahead >= slots.waiting);
    return this.#hungry && isWorth ? room : undefined;
  }

  /** How many jobs could be claimed; what is asked for already has its place. */
  #room(depth: number): Room {
    const most = Math.min(MAX_CYCLE, this.#half);
    const free = this.#free - this.#options.reserved();
    const slots = Math.min(Math.max(free, 0), most);
    return { slots, ahead: Math.max(0, Math.min(depth + Math.min(free, 0), most - slots)) };
  }

  /** Slots that are free, less those that cycles under way are to fill, and what they claim ahead. */
  get #free(): number {
    let { free } = this.#options.slots;
    for (const cycle of this.#underWay) free -= cycle.slots + cycle.ahead;
    return free;
  }

  /** What the store may claim by itself, in the moment in which there is work. */
  offer(): Omit<ClaimRequest, "leaseMs"> | undefined {
    const { ports: { server, gate }, plan } = this.#options;
    const limit = Math.min(this.#free, MAX_CYCLE);
    const sources = limit <= 0 ? undefined : gate.filter(this.#picker.pick(limit));
    return sources && { server, pool: plan.name, sources, limit };
  }

  /** The store has claimed by itself what it was offered. */
  woken({ jobs, nextDueInMs }: ClaimReply, limit: number): void {
    if (jobs.length === limit) this.#hungry = true;
    this.#dueIn(nextDueInMs);
    this.#picker.took(jobs.length);
  }

  #dueIn(ms: number | null): void {
    this.#nextDueAt = ms === null ? null : this.#options.ports.clock.mono() + ms;
  }

  /** Sends one: settles and claims in one step. */
  send(room: Room): void {
    const { ports, slots, plan } = this.#options;
    const { server, leaseMs, clock, gate } = ports;
    const { ahead } = room;
    const limit = room.slots + ahead;
    const sources = limit === 0 ? undefined : gate.filter(this.#picker.pick(limit));
    const claim = sources &&
      { server, pool: plan.name, sources, limit, leaseMs, ...ahead > 0 && { ahead } };
    this.#hungry = false;
    if (claim === undefined) {
      this.#isDeep = false;
      if (limit > 0) this.#nextDueAt = null;
    }
    const told = slots.toTell(this.#underWay.length > 0);
    if (claim === undefined && this.#finished.length === 0 && told === undefined) return;
    for (const other of this.#underWay) other.isAlone = false;
    const isAlone = this.#underWay.length === 0;
    const { started } = slots;
    const sentAt = clock.mono();
    const answered = Promise.resolve();
    const cycle: Cycle = { ...room, isAlone, answered, claim, told, sentAt, started };
    this.#underWay.push(cycle);
    cycle.answered = this.#run(cycle);
  }

  async #run(cycle: Cycle): Promise<void> {
    const { ports, slots, ring } = this.#options;
    const { claim, told } = cycle;
    try {
      const claimed = this.#finished.length === 0 && told === undefined
        ? await ports.store.claim(claim!)
        : await this.#settle(claim, told);
      this.#end(cycle);
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#take(cycle, claimed);
    } catch (error) {
      this.#end(cycle);
      // Claims ahead of which the pool never hears may have begun a mark.
      if (cycle.ahead > 0) slots.lostTrack();
      this.#hungry = true;
      this.#isDeep = false;
      this.#failure ??= { error };
    }
    ring();
  }

  #end(cycle: Cycle): void {
    this.#underWay = this.#underWay.filter((other) => other !== cycle);
  }

  #take(cycle: Cycle, claimed: ClaimReply | undefined): void {
    const { ports: { clock, store }, slots, prefetch, adopt } = this.#options;
    const { isAlone, claim, told, sentAt, ahead } = cycle;
    const answer = { told, slots: cycle.slots, heldAt: sentAt, isAlone };
    if (claimed === undefined) return slots.add([], answer);
    const { jobs, nextDueInMs } = claimed;
    const at = clock.mono();
    const isFull = jobs.length === claim!.limit;
    const isQuiet = isAlone && slots.started === cycle.started;
    prefetch.answered({ ms: at - sentAt, isFull, isQuiet, at });
    if (isFull) this.#hungry = true;
    if (!isFull || ahead > 0) this.#isDeep = isFull && store.isPipelined === true;
    this.#dueIn(nextDueInMs);
    this.#picker.took(jobs.length);
    adopt(jobs, answer);
  }

  /** Settles what has finished, and claims in the same step. */
  async #settle(
    claim: ClaimRequest | undefined,
    unstartedFrom: number | null | undefined,
  ): Promise<ClaimReply | undefined> {
    const finished = this.#finished.splice(0, MAX_CYCLE);
    const { ports: { store, server }, plan, settled } = this.#options;
    try {
      const outcomes = finished.map(({ outcome }) => outcome);
      const { results, claimed } = await store.settle({
        outcomes,
        ...claim && { claim },
        ...unstartedFrom !== undefined &&
          { startMark: { server, pool: plan.name, unstartedFrom } },
      });
      finished.forEach((end, i) => settled(end, results[i]!));
      return claimed;
    } catch (error) {
      this.#finished.unshift(...finished);
      throw error;
    }
  }

  /** Tells of a failure, and waits before the next try. */
  async pause(signal: AbortSignal): Promise<void> {
    const { ports, plan: { name } } = this.#options;
    const { events, logger, clock } = ports;
    const { error } = this.#failure!;
    this.#failure = undefined;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    if (error instanceof StoreVersionError) {
      ports.onRefused(error);
    } else {
      if (events.hears("store.failed")) events.emit({ event: "store.failed", pool: name, error });
      logger.error("Store cannot be reached", { pool: name, error, retryInMs: pauseMs });
    }
    await sleep(clock, pauseMs, signal);
  }
}
