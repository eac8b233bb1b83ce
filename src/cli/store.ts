/**
 * The store that a command looks into.
 *
 * @module
 */

import { readEnv } from "../runtime/env.ts";
import { fileSize } from "../runtime/files.ts";
import { StoreOpenError } from "../store/errors.ts";
import { DEFAULT_STORE, STORE_VARIABLE, StoreUse } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import { text } from "./flags.ts";

/** The flag that names it. */
export const storeFlag = {
  store: text("URL", `Store to look into [${STORE_VARIABLE}, else ${DEFAULT_STORE}]`),
};

const DEFAULT_FILE = DEFAULT_STORE.slice("sqlite:".length);

/**
 * Opens the store that is meant, and lets go of it when `use` has ended. A file that nobody named is not made by
 * looking into it, only by `isMade`.
 */
export async function withStore(
  given: string | undefined,
  use: (store: Store) => Promise<number>,
  isMade = false,
): Promise<number> {
  const url = given ?? readEnv(STORE_VARIABLE);
  if (url === undefined && !isMade && await fileSize(DEFAULT_FILE) === undefined) {
    throw new Error(
      `there is no ${DEFAULT_FILE.replace("./", "")} in this folder: name a store by '--store' ` +
        `or ${STORE_VARIABLE}, or, where a command takes it, a monitor by '--api-url'`,
    );
  }
  const opening = new StoreUse(url);
  try {
    return await use(await opening.get());
  } catch (error) {
    throw withHint(error);
  } finally {
    await opening.close();
  }
}

/** The error, which says where another store is named if the store cannot be opened. */
export function withHint(error: unknown, place = "'--store'"): unknown {
  if (!(error instanceof StoreOpenError)) return error;
  return new Error(`${error.message}; ${place} names another`, { cause: error });
}
