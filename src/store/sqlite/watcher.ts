/**
 * Commits of other processes, noticed by polling SQLite's `data_version` while
 * somebody listens, and only then.
 *
 * @module
 */

import { systemClock, type Timer } from "../../clock.ts";

/** Polls a number that another process's commit changes. */
export class ChangeWatcher {
  readonly #pollMs: number;
  readonly #read: () => number;
  readonly #listeners = new Set<() => void>();
  #version = NaN;
  #timer: Timer | undefined;

  /**
   * @param pollMs Time between two looks.
   * @param read Reads the number. What it throws counts as no change yet.
   */
  constructor(pollMs: number, read: () => number) {
    this.#pollMs = pollMs;
    this.#read = read;
  }

  /**
   * Calls back after each change from now on, until the returned function is
   * called. May call back without reason.
   */
  listen(listener: () => void): () => void {
    if (this.#timer === undefined) {
      this.#version = this.#tryRead();
      this.#arm();
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Stops polling. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    // Real time also where a test moves the store's clock by hand: other
    // processes do not live by that clock.
    this.#timer = systemClock.after(this.#pollMs, () => {
      this.#arm();
      this.#look();
    });
  }

  #look(): void {
    const version = this.#tryRead();
    if (version === this.#version) return;
    this.#version = version;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The number; one that equals none, not even itself, if it cannot be read now. */
  #tryRead(): number {
    try {
      return this.#read();
    } catch {
      return NaN;
    }
  }
}
