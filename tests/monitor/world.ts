/** A monitor on each kind of store, with a clock that a test moves. */

import { test } from "node:test";
import { createMonitor, type Monitor } from "../../src/monitor/monitor.ts";
import type { MonitorOptions } from "../../src/monitor/options.ts";
import { memoryStore } from "../../src/store/memory/store.ts";
import type { RetentionLimits, Store } from "../../src/store/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import type { Clock } from "../../src/clock.ts";
import { subjects } from "../property/subjects.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";
import { DecoratedStore, failAfter, failBefore, type Verb } from "../support/decorated_store.ts";
import { testRedisProblem } from "../support/redis/shared.ts";

/** Days, so that what has ended stays for a test. */
const retention: RetentionLimits = {
  completedMs: 7 * 86_400_000,
  failedMs: 7 * 86_400_000,
  maxCount: 100_000,
};

/** The kinds of store that a monitor is tested on. */
export type Kind = "memory" | "sqlite" | "redis";

/** A monitor on an empty store. */
export class MonitorWorld {
  readonly clock: FakeClock;
  readonly store: DecoratedStore;
  readonly logger: CollectingLogger = new CollectingLogger();
  readonly monitor: Monitor;

  constructor(clock: FakeClock, store: Store, options: Partial<MonitorOptions>) {
    this.clock = clock;
    this.store = new DecoratedStore(store);
    const { logger } = this;
    this.monitor = createMonitor({
      auth: "none",
      rateLimit: -1,
      ...options,
      ...{ store: this.store, clock, logger },
    });
  }

  /** Sends a request from this machine. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    const request = new Request(`http://localhost${path}`, init);
    return this.monitor.fetch(request, { remoteAddr: "127.0.0.1" });
  }

  /** How many jobs there are. */
  async counts(): Promise<number> {
    return (await this.store.counts()).reduce((sum, { count }) => sum + count, 0);
  }

  /** Has the next call of a verb fail, before or after the store has done it. */
  breakNext(verb: Verb, when: "before" | "after"): void {
    const next = this.store.calls(verb).length + 1;
    const fail = when === "before" ? failBefore : failAfter;
    this.store.on(verb, fail((n) => n === next));
  }
}

/** Opens a monitor on an empty store of a kind. */
export async function openWorld(
  kind: Kind,
  options: Partial<MonitorOptions> = {},
): Promise<{ readonly world: MonitorWorld; close(): Promise<void> }> {
  const clock = new FakeClock();
  const { store, cleanUp } = await openStore(kind, clock);
  const world = new MonitorWorld(clock, store, options);
  return {
    world,
    close: async () => {
      await world.monitor.close();
      await store.close();
      await cleanUp();
    },
  };
}

async function openStore(
  kind: Kind,
  clock: Clock,
): Promise<{ readonly store: Store; cleanUp(): void | Promise<void> }> {
  if (kind !== "memory") return await subjects[kind].open({ clock, retention });
  const store = memoryStore({ clock, retention });
  await store.open();
  return { store, cleanUp: () => {} };
}

/** Why there is no store of a kind here; undefined if there is one. */
export function problemWith(kind: Kind): string | undefined {
  return kind === "redis" ? testRedisProblem() : undefined;
}

/** Registers a test for each kind of store. */
export function testWithMonitor(name: string, run: (world: MonitorWorld) => Promise<void>): void {
  for (const kind of ["memory", "sqlite", "redis"] as const) {
    test(`${name} (${kind})`, { skip: problemWith(kind) ?? false }, async () => {
      const { world, close } = await openWorld(kind);
      try {
        await run(world);
      } finally {
        await close();
      }
    });
  }
}
