/**
 * How the store fares for this process: whether it answers, and how soon. Known in memory alone,
 * since that must be known also while the store is away.
 *
 * @module
 */

import { type Clock, endsWithin } from "../../clock.ts";
import type { Store } from "../../store/store.ts";
import { type Acknowledged, type Alert, type Told, toldOf } from "./alert.ts";
import { storeReading } from "./readings.ts";
import { PATIENCE_MS, type Rule } from "./rules.ts";
import { step } from "./step.ts";

/** What it works with. */
export interface StoreWatchOptions {
  readonly rules: readonly Rule[];
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
}

/** Judges the rules about the store. */
export class StoreWatch {
  readonly #options: StoreWatchOptions;
  #alerts: readonly Alert[] = [];
  #looking: Promise<void> | undefined;

  /** @param options What it works with; rules of other kinds are left out. */
  constructor(options: StoreWatchOptions) {
    const rules = options.rules.filter(({ when }) => when === "store_degraded");
    this.#options = { ...options, rules };
  }

  /** What it knows. */
  get alerts(): readonly Alert[] {
    return this.#alerts;
  }

  /** Notes that somebody has seen an alert. */
  acknowledge(id: string, acknowledged: Acknowledged): void {
    this.#alerts = this.#alerts.map((alert) => {
      return alert.id === id ? { ...alert, acknowledged } : alert;
    });
  }

  /** Milliseconds that the store takes to answer; null if it does not. */
  async look(): Promise<number | null> {
    const { store, clock } = this.#options;
    if (this.#looking !== undefined) return null;
    const from = clock.mono();
    let tookMs: number | null = null;
    this.#looking = store().then((open) => open.paused()).then(
      () => void (tookMs = clock.mono() - from),
      () => {},
    ).finally(() => this.#looking = undefined);
    return await endsWithin(clock, this.#looking, PATIENCE_MS) ? tookMs : null;
  }

  /** Judges by what a look came to; gives what is to be told. */
  judge(tookMs: number | null): Told[] {
    const { rules, clock } = this.#options;
    const readings = rules.map((rule) => storeReading(rule, tookMs));
    const time = { now: clock.now(), isAfterGap: false, rules };
    const { alerts, changes } = step(this.#alerts, readings, time);
    this.#alerts = alerts;
    return toldOf(changes, alerts);
  }
}
