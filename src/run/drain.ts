/**
 * Waits until pools have nothing to do.
 *
 * @module
 */

import type { Working } from "./wind_down.ts";

/**
 * Resolves when no pool runs anything, none found anything to claim, and the
 * callbacks have ended.
 *
 * @throws The signal's reason when it aborts first.
 */
export async function drainPools(
  { pools, callbacks }: Working,
  signal: AbortSignal | undefined,
  isRunning: () => boolean,
): Promise<void> {
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal!.reason);
  signal?.addEventListener("abort", abort, { once: true });
  for (const pool of pools) pool.drains(true);
  try {
    do {
      await Promise.race([Promise.all(pools.map((pool) => pool.idle())), aborted.promise]);
    } while (isRunning() && !pools.every((pool) => pool.isIdle));
    await Promise.race([Promise.all(callbacks), aborted.promise]);
  } finally {
    for (const pool of pools) pool.drains(false);
    signal?.removeEventListener("abort", abort);
  }
}
