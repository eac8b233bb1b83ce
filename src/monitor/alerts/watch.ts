/**
 * Judges the rules again and again, and has what they come to told.
 *
 * Of all monitors of a store one holds the pen: it looks, judges and writes the book, then tells. It
 * writes what is to be told before it tells it, so that whoever has the pen after it goes on there.
 * The others read. How the store itself fares each judges alone, and while the store is away all
 * it knows is in memory.
 *
 * @module
 */

import { type Clock, endsWithin, sleep } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import { randomHex } from "../../runtime/secret.ts";
import type { Store } from "../../store/store.ts";
import type { Publication } from "../live/hub.ts";
import { alertOnWire } from "../wire/alert.ts";
import { type Acknowledged, type Alert, type Told, toldOf } from "./alert.ts";
import {
  addToHistory,
  type BookState,
  forgetAcks,
  givePenBack,
  readBook,
  takePen,
  withAcks,
  writeBook,
} from "./book.ts";
import type { Deliveries } from "./deliveries.ts";
import { nextStarts, readingsOf } from "./readings.ts";
import { PATIENCE_MS, type Rule } from "./rules.ts";
import { readSnapshot } from "./snapshot.ts";
import { step } from "./step.ts";
import { StoreWatch } from "./store_watch.ts";

/** What a watch works with. */
export interface WatchOptions {
  readonly rules: readonly Rule[];
  readonly everyMs: number;
  readonly store: () => Promise<Store>;
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells live viewers. */
  readonly publish: (event: Publication) => void;
}

/** The pen is held for at least so long without a look, in milliseconds. */
const LEAST_PEN_MS = 5000;
/** After a gap of so many times that, nobody knows what was between. */
const GAP_PENS = 3;
/** Share of the pen's time after which its holder no longer trusts to have it. */
const TRUSTED = 0.9;
/** Longest wait for what is under way at the end, in milliseconds. */
const LAST_MS = 2000;
/** Most changes that wait to be written into the history. */
const MOST_UNWRITTEN = 100;

/** Judges the rules, from `start` to `close`. */
export class AlertWatch {
  readonly #options: WatchOptions;
  readonly #ofStore: StoreWatch;
  readonly #me = randomHex(8);
  readonly #penMs: number;
  readonly #closing = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  /** When the pen was taken or kept last, by the monotonic clock. */
  #penAt = -Infinity;
  /** A look that has not ended, if the store is slow. */
  #judging: Promise<void> | undefined;
  #isFailing = false;
  #isFull = false;
  #unwritten: readonly Told[] = [];
  /** Fires or is resolved, by id, as viewers know it; undefined before the first look. */
  #shown: ReadonlyMap<string, string> | undefined;

  /** @param options What it works with. */
  constructor(options: WatchOptions) {
    this.#options = options;
    this.#ofStore = new StoreWatch(options);
    this.#penMs = Math.max(4 * options.everyMs, LEAST_PEN_MS);
  }

  /** Alerts that only this process knows of: those about the store. */
  get own(): readonly Alert[] {
    return this.#ofStore.alerts;
  }

  /** Begins. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Notes that somebody has seen an alert of `own`. */
  acknowledgeOwn(id: string, acknowledged: Acknowledged): void {
    this.#ofStore.acknowledge(id, acknowledged);
  }

  /** Ends it; what is not told yet, the next holder of the pen tells. */
  async close(): Promise<void> {
    const { clock, deliveries, store } = this.#options;
    this.#closing.abort();
    await endsWithin(clock, this.#loop, LAST_MS);
    await deliveries.close();
    if (!this.#holdsPen || this.#judging !== undefined) return;
    this.#penAt = -Infinity;
    const givenBack = store().then(givePenBack).catch(() => {}); // it lapses
    await endsWithin(clock, givenBack, LAST_MS);
  }

  async #run(): Promise<void> {
    const { clock, everyMs } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#round();
      await sleep(clock, everyMs, signal);
    }
  }

  async #round(): Promise<void> {
    const { deliveries, clock } = this.#options;
    const tookMs = await this.#ofStore.look();
    // A look that ends after `close` tells nothing: what it waited for may be closed by then.
    if (this.#closing.signal.aborted) return;
    for (const told of this.#ofStore.judge(tookMs)) {
      this.#log(told);
      this.#publish(told.alert);
      this.#unwritten = [...this.#unwritten, told].slice(-MOST_UNWRITTEN);
      deliveries.send(told, { isStoreThere: tookMs !== null });
    }
    if (tookMs === null || this.#judging !== undefined) return;
    this.#judging = this.#tryToJudge().finally(() => this.#judging = undefined);
    await endsWithin(clock, this.#judging, PATIENCE_MS);
  }

  async #tryToJudge(): Promise<void> {
    const { store, deliveries, logger } = this.#options;
    try {
      await deliveries.start();
      await this.#judge(await store());
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.warn("Alerts could not be judged", { error });
      this.#isFailing = true;
    }
  }

  async #judge(store: Store): Promise<void> {
    const { clock, rules, logger } = this.#options;
    const unwritten = this.#unwritten;
    await addToHistory(store, unwritten);
    this.#unwritten = this.#unwritten.filter((told) => !unwritten.includes(told));
    let page = await readBook(store);
    if (await this.#takePen(store, page.writer)) page = await readBook(store);
    const { state } = page;
    if (!this.#holdsPen) return this.#show(await withAcks(store, state.alerts, clock.now()));
    if (state.untold.length > 0) await this.#tell(store, state);
    const snapshot = await readSnapshot(store, rules);
    const { now } = snapshot;
    const isAfterGap = now - state.lookedAt > GAP_PENS * this.#penMs;
    const before = await withAcks(store, state.alerts, now);
    const starts = nextStarts(state.starts, snapshot, { isAfterGap, alerts: before });
    const readings = readingsOf(rules, { snapshot, starts, before });
    const { alerts, changes, leftOut } = step(before, readings, { now, isAfterGap, rules });
    if (leftOut > 0 && !this.#isFull) logger.warn("There are too many alerts to keep", { leftOut });
    this.#isFull = leftOut > 0;
    const next: BookState = { alerts, starts, untold: changes, lookedAt: now };
    if (!await this.#write(store, next)) return;
    if (changes.length > 0) {
      await this.#tell(store, next);
      await this.#write(store, { ...next, untold: [] });
    }
    this.#show(alerts);
  }

  get #holdsPen(): boolean {
    return this.#options.clock.mono() - this.#penAt < this.#penMs * TRUSTED;
  }

  /** Takes the pen if nobody has it; true if somebody may have written before that. */
  async #takePen(store: Store, writer: string | undefined): Promise<boolean> {
    if (writer === this.#me) return false;
    const sentAt = this.#options.clock.mono();
    const isTaken = writer === undefined && await takePen(store, this.#me, this.#penMs);
    this.#penAt = isTaken ? sentAt : -Infinity;
    return isTaken;
  }

  /** Writes the book; false if it took so long until now that another may have the pen. */
  async #write(store: Store, state: BookState): Promise<boolean> {
    if (!this.#holdsPen) return false;
    const sentAt = this.#options.clock.mono();
    await writeBook(store, state, { me: this.#me, ttlMs: this.#penMs });
    this.#penAt = sentAt;
    return true;
  }

  /** Has changes told that are in the book; what is repeated is not told twice. */
  async #tell(store: Store, { untold, alerts }: BookState): Promise<void> {
    const all = toldOf(untold, alerts);
    for (const told of all) await this.#options.deliveries.enqueue(told);
    await addToHistory(store, all);
    for (const told of all) this.#log(told);
    const resolved = untold.filter(({ change }) => change === "resolved");
    await forgetAcks(store, resolved.map(({ id }) => id));
  }

  /** Tells live viewers what is new since the last look. */
  #show(alerts: readonly Alert[]): void {
    const known = this.#shown;
    const shown = alerts.filter(({ status }) => status !== "pending");
    this.#shown = new Map(shown.map((alert) => [alert.id, markOf(alert)]));
    if (known === undefined) return;
    for (const alert of shown) {
      if (known.get(alert.id) !== markOf(alert)) this.#publish(alert);
    }
  }

  #publish(alert: Alert): void {
    const { queue } = alert;
    const data = alertOnWire(alert);
    this.#options.publish({ event: "alert", ...queue !== null && { queue }, data });
  }

  #log({ change: { change }, alert: { id, summary } }: Told): void {
    const { logger } = this.#options;
    if (change === "firing") logger.warn("Alert fires", { alert: id, summary });
    else logger.info("Alert is resolved", { alert: id, summary });
  }
}

/** What viewers see of an alert at once when it changes. */
function markOf({ status, firedAt, acknowledged }: Alert): string {
  return `${status} ${firedAt} ${acknowledged?.at}`;
}
