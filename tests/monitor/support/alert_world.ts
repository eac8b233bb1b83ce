/** Monitors with alerts on one store, under a clock that a test moves from look to look. */

import { createMonitor, type Monitor, type MonitorOptions } from "../../../mod.ts";
import type { Clock } from "../../../src/clock.ts";
import type { AlertsOptions } from "../../../src/monitor/alerts/options.ts";
import type { Store } from "../../../src/store/store.ts";
import type { FakeClock } from "../../../src/testing/fake_clock.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";
import { ask, keys } from "../../support/monitor.ts";

/** Time between two looks: no other timer waits for as long. */
export const EVERY_MS = 14_987;
/** Longest wait for what must happen, in milliseconds. */
const PATIENCE_MS = 90_000;

/** An alert, as the API shows it. */
export interface ShownAlert {
  readonly id: string;
  readonly status: string;
  readonly value: number | null;
  readonly since_ms: number;
  readonly fired_at_ms: number;
  readonly acknowledged: { readonly by: string; readonly until_ms: number | null } | null;
  readonly [name: string]: unknown;
}

/** A monitor that judges alerts. */
export class AlertMonitor implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly logger: CollectingLogger = new CollectingLogger();
  readonly monitor: Monitor;
  #looks = 0;

  constructor(
    { store, clock }: { readonly store: Store; readonly clock: FakeClock },
    alerts: AlertsOptions,
    options: Partial<MonitorOptions> = {},
  ) {
    this.clock = clock;
    const counting: Clock = {
      now: () => clock.now(),
      mono: () => clock.mono(),
      after: (ms, callback) => {
        // The wait after a look.
        if (ms === EVERY_MS) this.#looks++;
        return clock.after(ms, callback);
      },
    };
    this.monitor = createMonitor({
      ...{ store, auth: "none", rateLimit: -1, logger: this.logger, clock: counting },
      ...options,
      alerts: { ...alerts, everyMs: EVERY_MS },
    });
  }

  /** How often it has looked. */
  get looks(): number {
    return this.#looks;
  }

  /** All alerts that fire or were resolved, of all queues. */
  async alerts(): Promise<ShownAlert[]> {
    return (await this.#get("/api/v1/alerts")).data as ShownAlert[];
  }

  /** The id and status of each alert. */
  async statuses(): Promise<string[]> {
    return (await this.alerts()).map(({ id, status }) => `${id} ${status}`);
  }

  /** What fired and was resolved, the oldest first. */
  async history(): Promise<string[]> {
    const { data } = await this.#get("/api/v1/alerts/history?limit=100");
    return (data as { event: string; alert: ShownAlert }[])
      .map(({ event, alert }) => `${alert.id} ${event}`).reverse();
  }

  async #get(path: string): Promise<{ data: unknown }> {
    const headers = { "x-api-key": keys.admin };
    const asked = { headers, origin: "http://localhost", from: "127.0.0.1" };
    const response = await ask(this.monitor, path, asked);
    if (response.status !== 200) throw new Error(`Cannot read ${path}: ${await response.text()}`);
    return await response.json();
  }

  /** Waits, while no time passes, until something is so. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!await isSo()) {
      if (performance.now() > end) throw new Error(`Cannot go on as this did not happen: ${what}`);
      await this.clock.advance(0);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.monitor.close();
  }
}

/** Lets monitors look once: the first time at once, then after the time between two looks. */
export async function look(...monitors: readonly AlertMonitor[]): Promise<void> {
  const [{ clock }] = monitors as [AlertMonitor];
  const before = monitors.map(({ looks }) => looks);
  if (before.every((looks) => looks > 0)) await clock.advance(EVERY_MS);
  for (const [i, one] of monitors.entries()) {
    await one.until("a look", () => one.looks > before[i]!);
  }
}

/** Lets monitors look so often. */
export async function lookTimes(
  times: number,
  ...monitors: readonly AlertMonitor[]
): Promise<void> {
  for (let i = 0; i < times; i++) await look(...monitors);
}
