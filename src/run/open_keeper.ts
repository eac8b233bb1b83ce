/**
 * Decides which thread keeps the leases of a server.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import { KeeperThread, type KeeperThreadOptions } from "./keeper_thread.ts";

/**
 * Starts the thread that keeps the leases; undefined where that is left to the
 * main thread, which is said in a warning.
 */
export async function openKeeper(
  store: Store,
  options: Omit<KeeperThreadOptions, "recipe">,
): Promise<KeeperThread | undefined> {
  const { server, clock, logger } = options;
  const recipe = clock === systemClock ? store.recipe?.() : undefined;
  const fields = { server, store: store.description };
  if (recipe === undefined) {
    logger.warn("Leases are kept by the main thread, as no other can open this store", fields);
    return undefined;
  }
  const keeper = new KeeperThread({ ...options, recipe });
  try {
    await keeper.open();
    return keeper;
  } catch (error) {
    logger.warn("Leases are kept by the main thread, as no other starts", { ...fields, error });
    await keeper.stop();
    return undefined;
  }
}
