/**
 * Wake-ups across processes, without polling.
 *
 * One connection blocks on the wake lists of all queues and types that the
 * pools of this process take. A token that comes when no pool of this process
 * waits for it goes back, so that another process gets it. Another connection
 * hears what everyone must know: a new queue and type, a shorter lease.
 *
 *     quiet --a latch is made--> blocking <--> told: latches set, block again
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import { nextTurn } from "../../runtime/turn.ts";
import type { ClaimSource, WakeSource } from "../store.ts";
import { splitPair } from "./inspect.ts";
import { type Link, LinkLost } from "./link.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { Latch } from "../wake.ts";
import { WakeLatch } from "./wake_latch.ts";

/** Seconds after which a blocking call comes back with nothing, to see that the connection lives. */
const BLOCK_S = 20;
/** Pause after a blocking call that failed though the connection is there, in milliseconds. */
const FAILED_PAUSE_MS = 500;

/** What a waker needs. */
export interface WakerOptions {
  readonly runner: ScriptRunner;
  /** Connection that blocks; opened when the first latch is made. */
  readonly blocking: Link;
  /** Makes the connection on which this process hears what everyone must know. */
  readonly listen: () => void;
}

/** The latches of one store. */
export class Waker {
  readonly #options: WakerOptions;
  readonly #latches = new Set<WakeLatch>();
  /** List of our own: whoever pushes to it ends the blocking call. */
  readonly #ownList: string;
  #pairs: readonly (readonly [queue: string, type: string])[] = [];
  /** For each look at the pairs under way, those that were made known meanwhile. */
  readonly #news = new Set<Set<string>>();
  #blockedOn: ReadonlySet<string> = new Set();
  /** Tokens taken that no claim has followed yet, with their kind. */
  readonly #taken = new Map<string, string>();
  #running = false;
  #stopped = false;

  /** @param options What it needs. */
  constructor(options: WakerOptions) {
    this.#options = options;
    this.#ownList = `own:${options.runner.newTag()}`;
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
    const news = new Set<string>();
    this.#news.add(news);
    runner.command("SMEMBERS", [runner.key("pairs")]).then((pairs) => {
      // News that came meanwhile, on another connection, may be younger than this reply.
      this.#pairs = [...new Set([...pairs as string[], ...news])].map(splitPair);
      this.#nudgeIfNeeded();
    }).catch(() => {}).finally(() => this.#news.delete(news));
  }

  /** Ends it; latches are set. */
  stop(): void {
    this.#stopped = true;
    this.all();
  }

  #listening(latch: WakeLatch): void {
    latch.away.clear();
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
    const { runner, blocking } = this.#options;
    if (!blocking.isUp || this.#lists().isSubsetOf(this.#blockedOn)) return;
    const list = runner.key(this.#ownList);
    runner.command("LPUSH", [list, "1"]).catch(() => {});
    runner.command("EXPIRE", [list, 60]).catch(() => {});
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
        await this.#block();
      } catch (error) {
        lost = true;
        if (!(error instanceof LinkLost)) await sleep(systemClock, FAILED_PAUSE_MS);
      }
    }
  }

  async #block(): Promise<void> {
    const { runner, blocking } = this.#options;
    const lists = this.#lists();
    this.#blockedOn = lists;
    const prefix = runner.key("w:");
    const keys = [runner.key(this.#ownList), ...[...lists].map((pair) => prefix + pair)];
    const reply = await blocking.send("BLPOP", [...keys, BLOCK_S], (BLOCK_S + 5) * 1000);
    if (!Array.isArray(reply)) return this.refresh(); // in case that news was missed
    const [key, kind] = reply as [string, string];
    if (!key.startsWith(prefix)) return;
    this.#token(key.slice(prefix.length), kind);
    // The claim goes before the next wait.
    await nextTurn();
  }

  #token(pair: string, kind: string): void {
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
