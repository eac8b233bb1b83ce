/**
 * Waiting for a file that other processes have locked. A blocked thread would
 * hold up everything else in this process, so only timers wait for long.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import type { Rng } from "../../rng.ts";
import { StoreBusyError } from "../errors.ts";
import { isBusy } from "./database.ts";

/** Longest pause between two attempts. */
const LONGEST_PAUSE_MS = 25;

/** How long to go on, and who is asking. */
export interface RetryOptions {
  readonly busyTimeoutMs: number;
  readonly description: string;
  readonly rng: Rng;
}

/**
 * Runs a function, and again while the file is locked, after pauses that grow
 * and differ from process to process.
 *
 * @throws {StoreBusyError} If the file stays locked for `busyTimeoutMs`.
 */
export async function retryWhileBusy<T>(run: () => T, options: RetryOptions): Promise<T> {
  // The store's own clock may be one that a test moves by hand; a lock is held
  // for real time.
  const start = systemClock.mono();
  for (let pauseMs = 2;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (systemClock.mono() - start >= options.busyTimeoutMs) throw busy(options, error);
    }
    await sleep(systemClock, pauseMs * (0.5 + options.rng()));
  }
}

function busy({ busyTimeoutMs, description }: RetryOptions, cause: unknown): StoreBusyError {
  return new StoreBusyError(
    `Cannot use store as its file must be unlocked within ${busyTimeoutMs} ms: current value is ` +
      `'${description}', locked by another process; end the process that keeps a transaction ` +
      `open, or raise 'busyTimeoutMs'`,
    { cause },
  );
}
