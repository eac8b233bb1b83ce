/**
 * What a monitor tells to Prometheus and others like it.
 *
 * @module
 */

import { type Clock, endsWithin } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { ProcessMetrics } from "../../metrics/process_metrics.ts";
import type { Store } from "../../store/store.ts";
import { Exposition, type Format } from "./exposition.ts";
import { processFamilies } from "./process_families.ts";
import { storeFamilies, storeUp } from "./store_families.ts";
import { readStore, type StoreReading } from "./store_reading.ts";

/** So long a reading of the store is good for all who ask, in milliseconds. */
const FRESH_MS = 1000;
/** Longest wait for the store, in milliseconds: less than scrapers give. */
const PATIENCE_MS = 5000;

/** What metrics are told from. */
export interface MetricsParts {
  /** Gives the store, open. */
  readonly store: () => Promise<Store>;
  /** What the process counts. */
  readonly own: ProcessMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What of the metrics is asked for. */
export const subjects = ["all", "store", "process"] as const;

/** How metrics are asked for. */
export interface MetricsQuery {
  readonly format: Format;
  /** Those of the whole store, of this process, or both. */
  readonly of: (typeof subjects)[number];
  /** Whether there is such a queue for whoever asks; undefined if they see all. */
  readonly sees?: (queue: string) => boolean;
}

/** Tells metrics. */
export class Metrics {
  readonly #parts: MetricsParts;
  /** The reading that is under way, or was last. */
  #read: Promise<StoreReading | undefined> | undefined;
  /** When that ended, by the monotonic clock; undefined while it is under way. */
  #readAt: number | undefined;

  /** @param parts What they are told from. */
  constructor(parts: MetricsParts) {
    this.#parts = parts;
  }

  /** Tells them as text. A store that is away is told of, and does not make it fail. */
  async tell({ format, of, sees }: MetricsQuery): Promise<string> {
    const { own: metrics, clock } = this.#parts;
    const text = new Exposition(format);
    if (of !== "process") {
      const reading = await this.#reading();
      text.add(storeUp, reading !== undefined, sees);
      for (const family of storeFamilies) {
        if (reading !== undefined) text.add(family, reading, sees);
      }
    }
    if (of !== "store") {
      for (const family of processFamilies) text.add(family, { metrics, clock }, sees);
    }
    return text.end();
  }

  /** A reading that is fresh; undefined if there is none in time. Those who ask meanwhile share it. */
  async #reading(): Promise<StoreReading | undefined> {
    const { clock } = this.#parts;
    const isStale = this.#readAt !== undefined && clock.mono() - this.#readAt >= FRESH_MS;
    if (this.#read === undefined || isStale) {
      this.#readAt = undefined;
      this.#read = this.#readNow().finally(() => this.#readAt = clock.mono());
    }
    const reading = this.#read;
    return await endsWithin(clock, reading, PATIENCE_MS) ? await reading : undefined;
  }

  async #readNow(): Promise<StoreReading | undefined> {
    try {
      return await readStore(await this.#parts.store());
    } catch (error) {
      this.#parts.logger.warn("Store could not be read for metrics", { error });
      return undefined;
    }
  }
}
