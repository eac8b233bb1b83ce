/**
 * Telling who asks, as the handler and the routes need it.
 *
 * @module
 */

import { ApiError } from "../errors.ts";
import type { Logins } from "./logins.ts";
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
  /** Logging in and out; undefined where nobody has to. */
  readonly logins: Logins | undefined;

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
  logins: undefined,
  identify: () =>
    Promise.resolve({ name: "", role: "admin", queues: null, types: null, by: "nothing" }),
};

/** Somebody did not show who they are. A challenge is due; of this one, browsers make no dialog. */
export function unauthorized(message: string): ApiError {
  return new ApiError("UNAUTHORIZED", message, { "www-authenticate": 'Bearer realm="gqm"' });
}
