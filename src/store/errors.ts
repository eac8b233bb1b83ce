/**
 * What can go wrong with a store.
 *
 * @module
 */

import { GqmError } from "../errors.ts";

/** A store URL that names no store of this package. */
export class StoreUrlError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoreUrlError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORE_URL";
}

/** A store that cannot be opened: not there, not writable, or not ours. */
export class StoreOpenError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoreOpenError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORE_OPEN";
}

/**
 * A store in a layout that this version of the package must not work on: when it is opened, or
 * later, when a newer version has raised the layout meanwhile. The call changed nothing.
 */
export class StoreVersionError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoreVersionError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORE_VERSION";
  /** Version of the layout that the store has. */
  readonly found: number;
  /** Version of the layout that this version of the package writes. */
  readonly own: number;

  /**
   * Makes the error.
   *
   * @param message What cannot be done, and what to do.
   * @param versions Of the layout: what the store has, and what this version of the package writes.
   */
  constructor(message: string, { found, own }: { readonly found: number; readonly own: number }) {
    super(message);
    this.found = found;
    this.own = own;
  }
}

/** A call to a store that has been closed. */
export class StoreClosedError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoreClosedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORE_CLOSED";

  /**
   * Makes the error.
   *
   * @param description The store's description.
   */
  constructor(description: string) {
    super(`Cannot use store as it has been closed: ${description}`);
  }
}

/** A store that stayed locked by other processes for too long. The call may be repeated. */
export class StoreBusyError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoreBusyError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORE_BUSY";
}

/** A store that refused a call, such as a Redis that is out of memory. Nothing of the call was carried out. */
export class StoreRefusedError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoreRefusedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORE_REFUSED";

  /**
   * Makes the error.
   *
   * @param description The store's description.
   * @param cause What the store said.
   */
  constructor(description: string, cause: Error) {
    super(`Cannot use store as it must accept the call: ${description}: ${cause.message}`, {
      cause,
    });
  }
}

/** A store that could not be reached for so long that the call gave up. Whether it was carried out is not known. */
export class StoreUnavailableError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoreUnavailableError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORE_UNAVAILABLE";

  /**
   * Makes the error.
   *
   * @param description The store's description.
   * @param waitedMs Milliseconds that the call waited.
   * @param cause What went wrong with the connection last.
   */
  constructor(description: string, waitedMs: number, cause?: unknown) {
    const reason = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : "";
    super(`Cannot use store as it must answer within ${waitedMs} ms: ${description}${reason}`, {
      cause,
    });
  }
}
