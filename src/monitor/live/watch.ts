/**
 * One look at the store for all who look on: its events, how queues stand, and who works.
 *
 *     opening -> up <-> down      (until it is disposed of)
 *
 * @module
 */

import { type Clock, sleep } from "../../clock.ts";
import { toStats } from "../../insight/stats.ts";
import type { EventFeed, Store, StoreEvent } from "../../store/store.ts";
import { MAX_EVENTS_PER_CALL } from "../../store/event_stage.ts";
import { allServers } from "../servers.ts";
import type { Happening } from "./batch.ts";
import { Limit } from "./limit.ts";
import { MOST_RECENT, Recent } from "./recent.ts";
import { type Queues, type Servers, toQueues } from "./standing.ts";

/** Events are told so long after those before, at least. */
const TICK_MS = 250;
/** Most pages of events that are read in that time: as many as the store keeps. */
const MOST_PAGES = 20;
/** Time between two looks at how queues stand, if something happened. */
const COUNTS_MS = 2000;
/** The same if nothing did; and between two looks at the servers. */
const REFRESH_MS = 10_000;
/** Waits before the store is asked again that was away: the first, and the longest. */
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** Longest wait for events from before it began. */
const BEFORE_MS = 5000;

/** What a watch works with. */
export interface WatchOptions {
  /** Gives the store, open. */
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
  /** Something happened, in this order. Some before it were missed if `isGap`. */
  readonly onEvents: (events: readonly Happening[], isGap: boolean) => void;
  /** The queues stand like this. */
  readonly onQueues: (now: Queues, before: Queues | undefined) => void;
  /** These servers live. */
  readonly onServers: (now: Servers, before: Servers | undefined) => void;
  /** The store is there, or away. */
  readonly onStore: (isUp: boolean) => void;
}

/** Watches a store. */
export class Watch implements Disposable {
  /** Resolves when it is known whether the store is there. */
  readonly settled: Promise<void>;
  readonly #options: WatchOptions;
  readonly #ending = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #recent: Recent | undefined;
  #queues: Queues | undefined;
  #servers: Servers | undefined;
  /** Whether events come, and whether the last look succeeded; undefined before the first of each. */
  #hears: boolean | undefined;
  #sees: boolean | undefined;
  #isUp: boolean | undefined;
  #hasChanged = false;
  #lookedAt = -Infinity;
  #servedAt = -Infinity;
  #isLooking = false;
  #tickEnd = -Infinity;
  #filling: Promise<unknown> = Promise.resolve();

  /** @param options What it works with. */
  constructor(options: WatchOptions) {
    this.#options = options;
    this.settled = this.#settled.promise;
    this.#listen();
  }

  /** Whether the store is there. */
  get isUp(): boolean {
    return this.#isUp === true;
  }

  /** Cursor of the last event that was told; undefined while it is not known. */
  get cursor(): string | undefined {
    return this.#recent?.last;
  }

  /** How the queues stood last. */
  get queues(): Queues | undefined {
    return this.#queues;
  }

  /** The servers that lived last. */
  get servers(): Servers | undefined {
    return this.#servers;
  }

  /** Looks at queues and servers, if it is time to. Does not wait for it. */
  look(): void {
    const now = this.#options.clock.mono();
    const wait = this.#hasChanged ? COUNTS_MS : REFRESH_MS;
    if (this.#isLooking || this.#hears === undefined || now - this.#lookedAt < wait) return;
    this.#isLooking = true;
    this.#lookedAt = now;
    this.#look(now).finally(() => this.#isLooking = false);
  }

  /** Has what happened after an event at hand, if it is known at all. */
  async reach(cursor: number): Promise<void> {
    if (this.#recent === undefined || cursor >= this.#recent.from) return;
    // One after the other: those who come back at the same time find what the first of them had read.
    this.#filling = this.#filling.then(() => this.#readBefore(cursor)).catch(() => {});
    await this.#filling;
  }

  /** What happened after an event; undefined if that is not at hand. */
  after(cursor: number): readonly Happening[] | undefined {
    return this.#recent?.after(cursor);
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#ending.abort();
    this.#settled.resolve();
  }

  async #listen(): Promise<void> {
    const { store, clock } = this.#options;
    const over = this.#ending.signal;
    let wait = RETRY_MS;
    while (!over.aborted) {
      try {
        using feed = await (await store()).watchEvents(this.#recent?.last);
        if (over.aborted) return;
        this.#recent ??= new Recent(feed.cursor);
        this.#hears = true;
        this.#tellStore();
        this.look();
        while (await this.#readTick(feed)) wait = RETRY_MS;
      } catch {
        // What it is, others tell who ask the store.
      }
      if (over.aborted) return;
      this.#hears = false;
      this.#tellStore();
      await sleep(clock, wait, over);
      wait = Math.min(2 * wait, LONGEST_RETRY_MS);
    }
  }

  /** Waits for events, and tells what comes in a tick; false if there can be no more. */
  async #readTick(feed: EventFeed): Promise<boolean> {
    const { clock } = this.#options;
    const over = this.#ending.signal;
    let page = await feed.next(over);
    if (page.length === 0) return false;
    using tick = new Limit(over, clock, this.#nextTick() - clock.mono());
    const events = [...page];
    for (let i = 1; i < MOST_PAGES && page.length >= MAX_EVENTS_PER_CALL; i++) {
      page = await feed.next(tick.signal);
      events.push(...page);
    }
    this.#take(events);
    await tick.over();
    return true;
  }

  /** When a tick ends that begins now: on time, also if the one before was told late. */
  #nextTick(): number {
    const now = this.#options.clock.mono();
    const after = now < this.#tickEnd + TICK_MS ? this.#tickEnd : now;
    return this.#tickEnd = after + TICK_MS;
  }

  #take(events: readonly StoreEvent[]): void {
    const gap = events.findLastIndex(({ kind }) => kind === "gap");
    if (gap >= 0) this.#recent!.miss(events[gap]!.cursor);
    const since = events.slice(gap + 1).filter((event) => event.kind !== "gap");
    this.#recent!.add(since);
    this.#hasChanged = true;
    this.#options.onEvents(since, gap >= 0);
  }

  async #look(now: number): Promise<void> {
    this.#hasChanged = false;
    try {
      const store = await this.#options.store();
      const [counts, paused] = await Promise.all([store.counts(), store.paused()]);
      if (now - this.#servedAt >= REFRESH_MS) {
        this.#tellServers(new Map((await allServers(store)).map((one) => [one.id, one])));
        this.#servedAt = now;
      }
      this.#tellQueues(toQueues(toStats({ counts, totals: [], paused }).queues));
      this.#sees = true;
    } catch {
      this.#sees = false;
      this.#hasChanged = true;
    }
    this.#tellStore();
  }

  #tellQueues(now: Queues): void {
    const before = this.#queues;
    this.#queues = now;
    if (!this.#ending.signal.aborted) this.#options.onQueues(now, before);
  }

  #tellServers(now: Servers): void {
    const before = this.#servers;
    this.#servers = now;
    if (!this.#ending.signal.aborted) this.#options.onServers(now, before);
  }

  /** Tells whether the store is there, if that has changed. */
  #tellStore(): void {
    if (this.#hears !== false && this.#sees === undefined) return;
    const isUp = this.#hears === true && this.#sees === true;
    const was = this.#isUp;
    this.#isUp = isUp;
    this.#settled.resolve();
    if (was === undefined || was === isUp || this.#ending.signal.aborted) return;
    this.#options.onStore(isUp);
  }

  /** Reads what happened between an event and what is known. */
  async #readBefore(cursor: number): Promise<void> {
    const recent = this.#recent;
    if (recent === undefined || cursor >= recent.from) return;
    const { store, clock } = this.#options;
    using feed = await (await store()).watchEvents(String(cursor));
    using limit = new Limit(this.#ending.signal, clock, BEFORE_MS);
    const found: Happening[] = [];
    while (Number(feed.cursor) < recent.from) {
      const page = await feed.next(limit.signal);
      const known = page.filter((event) => event.kind !== "gap");
      found.push(...known);
      if (page.length === 0 || known.length < page.length || found.length > MOST_RECENT) return;
    }
    if (recent === this.#recent) recent.addBefore(found, cursor);
  }
}
