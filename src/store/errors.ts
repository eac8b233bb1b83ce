/**
 * What can go wrong with a store.
 *
 * @module
 */

import { GqmError } from "../errors.ts";

/** A store URL that names no store of this package. */
export class StoreUrlError extends GqmError {
  override readonly name = "StoreUrlError";
  readonly code = "STORE_URL";
}

/** A store that cannot be opened: not there, not writable, or not ours. */
export class StoreOpenError extends GqmError {
  override readonly name = "StoreOpenError";
  readonly code = "STORE_OPEN";
}

/** A call to a store that has been closed. */
export class StoreClosedError extends GqmError {
  override readonly name = "StoreClosedError";
  readonly code = "STORE_CLOSED";

  /** @param description The store's description. */
  constructor(description: string) {
    super(`Cannot use store as it has been closed: ${description}`);
  }
}

/** A store that stayed locked by other processes for too long. The call may be repeated. */
export class StoreBusyError extends GqmError {
  override readonly name = "StoreBusyError";
  readonly code = "STORE_BUSY";
}
