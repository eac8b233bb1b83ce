/**
 * Wake-ups across processes, without polling.
 *
 * One connection blocks on the wake lists of all queues and types that the
 * pools of this process take, while one of them waits. A token that comes when no
 * pool of this process waits for it goes back, so that another process gets it.
 * Another connection hears what everyone must know: a new queue and type, a
 * shorter lease.
 *
 *     quiet --a pool waits--> blocking --token--> told: latch set
 *       +-----------------------------------------------+
 *
 * Where there is one pool, its claim goes right behind the blocking call, and the
 * job comes with the token.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import { nextTurn } from "../../runtime/turn.ts";
import type { ClaimRequest, ClaimSource, WakeSource } from "../store.ts";
import { splitPair } from "./inspect.ts";
import { type Link, LinkLost } from "./link.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { Latch } from "../wake.ts";
import type { WaitingClaim } from "./waiting_claim.ts";
import { type Token, WakeBlock } from "./wake_block.ts";
import { WakeLatch } from "./wake_latch.ts";

/** Seconds after which a blocking call comes back with nothing, to see that the connection lives. */
const BLOCK_S = 20;
/** The part of its lease within which a claim behind a blocking call is carried out. */
const CLAIM_WITHIN = 2 / 3;
/** Shortest time to block with a claim behind: with a shorter lease it would be sent again too often. */
const SHORTEST_BLOCK_S = 0.1;
/** Pause after a blocking call that failed though the connection is there, in milliseconds. */
const FAILED_PAUSE_MS = 500;

/** What a waker needs. */
export interface WakerOptions {
  readonly runner: ScriptRunner;
  /** Connection that blocks; opened when the first latch is made. */
  readonly blocking: Link;
  /** Makes the connection on which this process hears what everyone must know. */
  readonly listen: () => void;
  /** Makes a claim that waits behind a blocking call; undefined where that cannot be. */
  readonly waitingClaim: ((request: ClaimRequest, block: WakeBlock) => WaitingClaim) | undefined;
}

/** The latches of one store. */
export class Waker {
  readonly #options: WakerOptions;
  readonly #latches = new Set<WakeLatch>();
  #pairs: readonly (readonly [queue: string, type: string])[] = [];
  /** For each look at the pairs under way, those that were made known meanwhile. */
  readonly #news = new Set<Set<string>>();
  #refreshedAt = 0;
  /** The last blocking call. */
  #block: WakeBlock | undefined;
  /** Resolved when somebody begins to wait. */
  #wanted = Promise.withResolvers<void>();
  /** Tokens taken that no claim has followed yet, with their kind. */
  readonly #taken = new Map<string, string>();
  #running = false;
  #stopped = false;

  /** @param options What it needs. */
  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** Makes a latch for these sources; without any, for what upkeep must know. */
  subscribe(sources: readonly ClaimSource[]): WakeSource {
    const latch = new WakeLatch(sources, {
      onListen: () => this.#listening(latch),
      onFull: () => this.#full(latch),
      onDispose: () => this.#latches.delete(latch),
    });
    this.#latches.add(latch);
    this.#options.listen();
    if (!this.#running) {
      this.#running = true;
      this.#options.blocking.open();
      this.#run().catch(() => {});
    }
    this.refresh();
    return latch;
  }

  /** Whether a token for one of these sources was taken since this was asked last. */
  takeWoken(sources: readonly ClaimSource[]): boolean {
    if (this.#taken.size === 0) return false;
    const asking = new Latch(sources);
    const covered = [...this.#taken.keys()].filter((pair) => asking.takes(...splitPair(pair)));
    for (const pair of covered) this.#taken.delete(pair);
    return covered.length > 0;
  }

  /** Sets every latch: something may have been missed. */
  all(): void {
    for (const latch of this.#latches) latch.set();
  }

  /** Sets the latches of upkeep. */
  upkeep(): void {
    for (const latch of this.#latches) if (latch.isUpkeep) latch.set();
  }

  /** A queue and type is there that was not known before. */
  newPair(pair: string): void {
    const [queue, type] = splitPair(pair);
    for (const news of this.#news) news.add(pair);
    if (this.#stopped || this.#pairs.some(([q, t]) => q === queue && t === type)) return;
    this.#pairs = [...this.#pairs, [queue, type]];
    this.#nudgeIfNeeded();
  }

  /** Looks again for queues and types that latches of all queues take. */
  refresh(): void {
    if (this.#stopped || ![...this.#latches].some((latch) => latch.takesAll)) return;
    const { runner } = this.#options;
    this.#refreshedAt = systemClock.mono();
    const news = new Set<string>();
    this.#news.add(news);
    runner.command("SMEMBERS", [runner.key("pairs")]).then((pairs) => {
      // News that came meanwhile, on another connection, may be younger than this reply.
      this.#pairs = [...new Set([...pairs as string[], ...news])].map(splitPair);
      this.#nudgeIfNeeded();
    }).catch(() => {}).finally(() => this.#news.delete(news));
  }

  /** Looks again after a while in which nothing came, in case that news was missed. */
  #refreshSometimes(): void {
    if (systemClock.mono() - this.#refreshedAt >= BLOCK_S * 1000) this.refresh();
  }

  /** Ends it; latches are set. */
  stop(): void {
    this.#stopped = true;
    this.#wanted.resolve();
    this.all();
  }

  #listening(latch: WakeLatch): void {
    latch.away.clear();
    this.#wanted.resolve();
    this.#nudgeIfNeeded();
  }

  /** The lists that a token may come to for one of our latches. */
  #lists(): Set<string> {
    const lists = new Set<string>();
    for (const latch of this.#latches) {
      for (const pair of latch.pairs(this.#pairs)) if (!latch.away.has(pair)) lists.add(pair);
    }
    return lists;
  }

  /** Ends the blocking call if it does not block on all lists that matter now. */
  #nudgeIfNeeded(): void {
    if (this.#block?.covers(this.#lists()) === false) this.#block.end();
  }

  async #run(): Promise<void> {
    const { blocking } = this.#options;
    let lost = false;
    while (!this.#stopped) {
      if (!blocking.isUp) {
        if (blocking.isClosed) return;
        lost = true;
        await blocking.changed(1000);
        continue;
      }
      // A token may have been taken by a call whose reply never came.
      if (lost) this.all();
      lost = false;
      try {
        await this.#wait();
      } catch (error) {
        lost = true;
        if (!(error instanceof LinkLost)) await sleep(systemClock, FAILED_PAUSE_MS);
      }
    }
  }

  /** One blocking call, when somebody waits. */
  async #wait(): Promise<void> {
    const pools = [...this.#latches].filter((latch) => !latch.isUpkeep);
    if (!pools.some((latch) => latch.isListening)) {
      this.#wanted = Promise.withResolvers();
      return await this.#wanted.promise;
    }
    const ready = this.#options.runner.ready();
    if (ready !== undefined) return await ready;
    const latch = pools.length === 1 ? pools[0]! : undefined;
    const seconds = Math.min(BLOCK_S, (latch?.offer?.leaseMs ?? 0) / 1000 * CLAIM_WITHIN);
    const request = this.#mayClaim && seconds >= SHORTEST_BLOCK_S
      ? latch?.offer?.take()
      : undefined;
    if (request === undefined) await this.#blockAlone();
    else await this.#blockWith(latch!, request, seconds);
  }

  /** Whether a claim can be sent behind a blocking call. */
  get #mayClaim(): boolean {
    const { runner, waitingClaim } = this.#options;
    return waitingClaim !== undefined && runner.isKnown("claim");
  }

  #newBlock(seconds: number): WakeBlock {
    const { runner, blocking } = this.#options;
    return this.#block = new WakeBlock({ runner, link: blocking, lists: this.#lists(), seconds });
  }

  async #blockAlone(): Promise<void> {
    const token = await this.#newBlock(BLOCK_S).pop();
    if (token === undefined) return this.#refreshSometimes();
    this.#token(token);
    // The claim goes before the next wait.
    await nextTurn();
  }

  async #blockWith(latch: WakeLatch, request: ClaimRequest, seconds: number): Promise<void> {
    const block = this.#newBlock(seconds);
    const claim = this.#options.waitingClaim!(request, block);
    const popped = block.pop();
    claim.send();
    latch.sent({ hurry: () => block.end(), end: () => claim.end() });
    const [pop, reply] = await Promise.all([
      popped.then((token) => ({ token }), (error: unknown) => ({ error, token: undefined })),
      claim.answer,
    ]);
    const { token } = pop;
    if (token !== undefined && reply === undefined) this.#token(token);
    else if (token?.kind === "d") this.upkeep();
    if (latch.isListening) latch.set();
    if ("error" in pop) throw pop.error;
    if (token === undefined) this.#refreshSometimes();
  }

  #token({ pair, kind }: Token): void {
    const [queue, type] = splitPair(pair);
    let taken = false;
    for (const latch of this.#latches) {
      if (!latch.takes(queue, type)) continue;
      if (latch.isListening) taken = true;
      else latch.away.add(pair);
      latch.set();
    }
    if (kind === "d") this.upkeep();
    if (taken) this.#taken.set(pair, kind);
    else this.#giveBack(pair, kind);
  }

  /** A pool has no room: the tokens that were taken for it, and that no claim followed, are for others. */
  #full(latch: WakeLatch): void {
    for (const [pair, kind] of this.#taken) {
      if (!latch.takes(...splitPair(pair))) continue;
      this.#taken.delete(pair);
      latch.away.add(pair);
      this.#giveBack(pair, kind);
    }
  }

  #giveBack(pair: string, kind: string): void {
    const { runner } = this.#options;
    runner.command("LPUSH", [runner.key(`w:${pair}`), kind]).catch(() => {});
  }
}
