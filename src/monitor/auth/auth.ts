/**
 * Telling who asks, as the handler needs it.
 *
 * @module
 */

import type { Principal } from "./principal.ts";

/** A request, as far as it tells who asks. */
export interface Asker {
  /** The request. */
  readonly request: Request;
  /** Address of the client, as far as it is known. */
  readonly client: string | undefined;
}

/** Tells who asks. */
export interface Authenticator {
  /** Whether everyone may do everything, so that only this machine may be served. */
  readonly isOff: boolean;

  /**
   * Tells who sent a request.
   *
   * @throws {ApiError} `UNAUTHORIZED` if they did not show it.
   */
  identify(asker: Asker): Promise<Principal>;
}

/** Everyone is an admin. */
export const noAuth: Authenticator = {
  isOff: true,
  identify: () =>
    Promise.resolve({ name: "", role: "admin", queues: null, types: null, by: "nothing" }),
};
