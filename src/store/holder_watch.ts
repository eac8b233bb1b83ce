/**
 * Latches of servers that want to know when a job that they hold is canceled.
 *
 * @module
 */

import type { WakeSource } from "./store.ts";
import { Latch } from "./wake.ts";

/** The latches of one store. */
export class HolderWatch {
  readonly #latches = new Map<string, Set<Latch>>();

  /** Makes a latch for a server. */
  watch(server: string): WakeSource {
    const latches = this.#latches.get(server) ?? new Set<Latch>();
    this.#latches.set(server, latches);
    const latch = new Latch([], () => {
      latches.delete(latch);
      if (latches.size === 0) this.#latches.delete(server);
    });
    latches.add(latch);
    return latch;
  }

  /** Whether somebody watches. */
  get isWatched(): boolean {
    return this.#latches.size > 0;
  }

  /** A job of a server was canceled. */
  changed(server: string): void {
    for (const latch of this.#latches.get(server) ?? []) latch.set();
  }

  /** Jobs of any server may have been canceled. */
  all(): void {
    for (const latches of this.#latches.values()) for (const latch of latches) latch.set();
  }
}
