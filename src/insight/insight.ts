/**
 * How it goes: numbers over time, totals, and what fails.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { DAYS_KEPT, MINUTE_MS } from "../store/insight_limits.ts";
import type { DayRow, Store, TotalsRow } from "../store/store.ts";
import { Errors } from "./errors.ts";
import { type SeriesPoint, toPoints } from "./points.ts";
import { earliestAt, LONGEST_STEP_MS, readSteps } from "./series.ts";
import { type Stats, toStats } from "./stats.ts";

/** What of the series is asked for. */
export interface SeriesOptions {
  /** Only of this queue. @default {all queues} */
  readonly queue?: string;
  /** Only of this type. @default {all types} */
  readonly type?: string;
  /**
   * The first moment, store clock. With steps of whole hours 8 days are known, else 24 hours.
   *
   * @default {an hour before `toAt`}
   */
  readonly fromAt?: number | Date;
  /** The last moment, store clock. @default {now} */
  readonly toAt?: number | Date;
  /** Length of a step in milliseconds: a multiple of a minute, at most a day. @default {60_000} */
  readonly stepMs?: number;
}

const READ = "read series";
const DEFAULT_SPAN_MS = 60 * MINUTE_MS;
const DEFAULT_DAYS = 30;

/**
 * Tells how it goes. A client has one, as `client.insight`. What it costs grows
 * with queues, types and minutes, not with jobs.
 *
 * @example
 * ```ts
 * import { Client, memoryStore, Server } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await using server = new Server({ store, logLevel: "silent" });
 * server.handle("greet", () => "Hello");
 * await server.start();
 * await (await client.enqueue("greet", "Ada")).result();
 *
 * const points = await client.insight.series({ queue: "default" });
 * equal(points.reduce((sum, { completed }) => sum + completed, 0), 1);
 * const { counts, totals } = await client.insight.stats();
 * equal(counts.completed, 1);
 * equal(totals.completed, 1);
 * ```
 */
export class Insight {
  readonly #store: (action: string) => Promise<Store>;
  /** What goes wrong, by kind of failure. */
  readonly errors: Errors;

  /**
   * Makes one on a store.
   *
   * @param store Gives the store, open; told what it is for.
   */
  constructor(store: (action: string) => Promise<Store>) {
    this.#store = store;
    this.errors = new Errors(store);
  }

  /**
   * Reads the last 24 hours, with steps of whole hours the last 8 days, or a part of them, step by
   * step: what ended, how long it ran and waited, and how many jobs had not ended. All queues
   * and types that are asked for are added up.
   *
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   */
  async series(options: SeriesOptions = {}): Promise<SeriesPoint[]> {
    checkKeys(READ, options, ["queue", "type", "fromAt", "toAt", "stepMs"]);
    const { queue, type, stepMs = MINUTE_MS } = options;
    checkInteger(READ, "stepMs", stepMs, MINUTE_MS, LONGEST_STEP_MS);
    if (stepMs % MINUTE_MS !== 0) {
      throw new InvalidOptionError(READ, "stepMs", `be a multiple of ${MINUTE_MS}`, stepMs);
    }
    const last = timeOf("toAt", options.toAt);
    const first = timeOf("fromAt", options.fromAt) ??
      (last === undefined ? -DEFAULT_SPAN_MS : Math.max(0, last - DEFAULT_SPAN_MS));
    const store = await this.#store(READ);
    const read = await readSteps(store, {
      // Of the first step the whole is wanted.
      fromAt: first < 0 ? first - stepMs : first - first % stepMs,
      toAt: last === undefined ? Number.MAX_SAFE_INTEGER : last + stepMs,
      ...(queue === undefined ? undefined : { queue }),
      ...(type === undefined ? undefined : { type }),
    }, stepMs);
    const { now } = read;
    const toAt = Math.min(last ?? now, now);
    const fromAt = Math.max(first < 0 ? now + first : first, earliestAt(now, stepMs));
    return toPoints(read, { fromAt, toAt, stepMs });
  }

  /** Reads what ended since the store began, by queue and type. Those without room are of `*`. */
  async totals(): Promise<TotalsRow[]> {
    return await (await this.#store("read totals")).totals();
  }

  /**
   * Reads what ended on the last days, UTC, by queue; the newest day first. A day
   * on which nothing of a queue ended is left out.
   *
   * @param options `days`: how many, 1 to 90, today among them; 30 by default.
   * @throws {InvalidOptionError} If the number is out of range.
   */
  async days(options: { readonly days?: number } = {}): Promise<DayRow[]> {
    checkKeys("read days", options, ["days"]);
    const { days = DEFAULT_DAYS } = options;
    checkInteger("read days", "days", days, 1, DAYS_KEPT);
    const rows = await (await this.#store("read days")).days(days);
    return rows.sort((a, b) => b.at - a.at || (a.queue < b.queue ? -1 : 1));
  }

  /** Reads how many jobs there are in which status, what ended, and what is paused. */
  async stats(): Promise<Stats> {
    const store = await this.#store("read stats");
    const [counts, totals, paused] = await Promise.all([
      store.counts(),
      store.totals(),
      store.paused(),
    ]);
    return toStats({ counts, totals, paused });
  }
}

function timeOf(option: string, value: number | Date | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = value instanceof Date ? value.getTime() : value;
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new InvalidOptionError(READ, option, "be epoch milliseconds or a valid Date", value);
}
