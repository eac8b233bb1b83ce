/**
 * Tells the store that somebody is there who extends no leases by heartbeats.
 *
 * @module
 */

import { type Clock, sleep } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ServerAbout, Store } from "../store/store.ts";

/** What a beacon needs. */
export interface BeaconOptions {
  readonly store: Store;
  readonly server: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly about: ServerAbout;
  /** Jobs held now. */
  readonly busy: () => readonly number[];
}

/** Beats at once and every third of a lease, without extending anything. */
export class Beacon {
  readonly #options: BeaconOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  /** @param options Who is there, and where. */
  constructor(options: BeaconOptions) {
    this.#options = options;
  }

  /** Begins to beat. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { store, server, leaseMs, clock, logger, about, busy } = this.#options;
    const { signal } = this.#stop;
    const startedAt = clock.mono();
    let isKnown = false;
    while (!signal.aborted) {
      const told = { upMs: clock.mono() - startedAt, busy: busy() };
      const presence = isKnown ? told : { ...told, about };
      try {
        const reply = await store.heartbeat({ server, leaseMs, holds: [], presence });
        isKnown = reply.wantsAbout !== true;
      } catch (error) {
        if (!signal.aborted) logger.warn("Heartbeat failed", { server, error });
      }
      await sleep(clock, leaseMs / 3, signal);
    }
  }
}
