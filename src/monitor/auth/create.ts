/**
 * From the options of `auth` to what tells who asks.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { InvalidOptionError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { Store } from "../../store/store.ts";
import { type Authenticator, noAuth } from "./auth.ts";
import type { AuthOptions } from "./options.ts";

/** What authentication works with. */
export interface AuthParts {
  /** Gives the store, open. */
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many proxies are believed. */
  readonly proxies: number;
}

/**
 * Makes what tells who asks.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export function createAuth(options: AuthOptions | "none", _parts: AuthParts): Authenticator {
  if (options === "none") return noAuth;
  // Until users and keys are built, nobody gets in.
  throw new InvalidOptionError("create monitor", "auth", "be 'none'", options);
}
