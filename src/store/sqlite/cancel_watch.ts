/**
 * Servers that want to know when a job that they hold is canceled: told at once
 * of what this process cancels, and by a number in the file of what others do.
 *
 * @module
 */

import { HolderWatch } from "../holder_watch.ts";
import type { WakeSource } from "../store.ts";
import type { ChangeWatcher } from "./watcher.ts";

/** The number that rises with each transaction that cancels jobs that somebody holds. */
export const LAST_CANCEL = "SELECT last_cancel FROM meta";

/** The latches of one open store. */
export class CancelWatch {
  readonly #watcher: ChangeWatcher;
  readonly #lastCancel: () => number;
  readonly #holders: HolderWatch = new HolderWatch();
  #seen: number;

  /** @param watcher Tells of other processes' commits. @param lastCancel Reads the number. */
  constructor(watcher: ChangeWatcher, lastCancel: () => number) {
    this.#watcher = watcher;
    this.#lastCancel = lastCancel;
    this.#seen = lastCancel();
  }

  /** See `ControlStage.watchClaims`. */
  watch(server: string): WakeSource {
    const latch = this.#holders.watch(server);
    return {
      next: (signal) => this.#next(latch, signal),
      [Symbol.dispose]: () => latch[Symbol.dispose](),
    };
  }

  /** This process canceled jobs of some servers, and raised the number to `last`. */
  canceled(servers: Iterable<string>, last: number): void {
    for (const server of servers) this.#holders.changed(server);
    if (last === this.#seen + 1) this.#seen = last;
  }

  /** Lets all who wait go. */
  all(): void {
    this.#holders.all();
  }

  async #next(latch: WakeSource, signal: AbortSignal): Promise<void> {
    const release = this.#watcher.listen(() => this.#look());
    try {
      this.#look();
      await latch.next(signal);
    } finally {
      release();
    }
  }

  /** Sets the latches if others canceled since the last look. */
  #look(): void {
    try {
      const last = this.#lastCancel();
      if (last === this.#seen) return;
      this.#seen = last;
    } catch {
      // The file is locked for a moment. A latch may be set without reason, but
      // it may not miss one.
    }
    this.#holders.all();
  }
}
