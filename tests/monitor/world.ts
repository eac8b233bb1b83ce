/** A monitor on each kind of store, with a clock that a test moves. */

import { test } from "node:test";
import { createMonitor, type Monitor } from "../../src/monitor/monitor.ts";
import type { MonitorOptions } from "../../src/monitor/options.ts";
import type { FakeClock } from "../../src/testing/fake_clock.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";
import { DecoratedStore, failAfter, failBefore, type Verb } from "../support/decorated_store.ts";
import { kinds, type Place } from "./support/places.ts";

/** A monitor on a store whose calls can be made to fail. */
export class MonitorWorld {
  readonly clock: FakeClock;
  readonly store: DecoratedStore;
  readonly logger: CollectingLogger = new CollectingLogger();
  readonly monitor: Monitor;

  constructor(place: Place, options: Partial<MonitorOptions> = {}) {
    this.clock = place.clock;
    this.store = new DecoratedStore(place.store);
    const { clock, store, logger } = this;
    this.monitor = createMonitor({ auth: "none", rateLimit: -1, ...options, store, clock, logger });
  }

  /** Sends a request from this machine. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    const request = new Request(`http://localhost${path}`, init);
    return this.monitor.fetch(request, { remoteAddr: "127.0.0.1" });
  }

  /** How many jobs there are. */
  async countJobs(): Promise<number> {
    return (await this.store.counts()).reduce((sum, { count }) => sum + count, 0);
  }

  /** Has the next call of a verb fail, before or after the store has done it. */
  breakNext(verb: Verb, when: "before" | "after"): void {
    const next = this.store.calls(verb).length + 1;
    const fail = when === "before" ? failBefore : failAfter;
    this.store.on(verb, fail((n) => n === next));
  }
}

/** Registers a test for each kind of store. */
export function testWithMonitor(name: string, run: (world: MonitorWorld) => Promise<void>): void {
  for (const kind of kinds) {
    test(`${name} (${kind.name})`, { skip: kind.skip }, async () => {
      await using place = await kind.make();
      const world = new MonitorWorld(place);
      await using _closed = world.monitor;
      await run(world);
    });
  }
}
