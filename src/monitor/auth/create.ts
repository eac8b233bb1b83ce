/**
 * From the options of `auth` to what tells who asks.
 *
 * @module
 */

import type { Logger } from "../../logger.ts";
import type { Store } from "../../store/store.ts";
import { ApiKeys, keyOf } from "./api_keys.ts";
import { type Authenticator, noAuth, unauthorized } from "./auth.ts";
import { checkAuth } from "./check.ts";
import { Logins } from "./logins.ts";
import type { AuthOptions } from "./options.ts";
import { Users } from "./users.ts";

const DEFAULT_SESSION_MS = 86_400_000;

/** What authentication works with. */
export interface AuthParts {
  /** Gives the store, open. */
  readonly store: () => Promise<Store>;
  readonly logger: Logger;
  /** How many proxies are believed. */
  readonly proxies: number;
}

/**
 * Makes what tells who asks.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export function createAuth(options: AuthOptions | "none", parts: AuthParts): Authenticator {
  if (options === "none") return noAuth;
  checkAuth(options);
  const { users = [], apiKeys = [], sessionTtlMs, cookieSecure = false } = options;
  const logins = new Logins({
    ...parts,
    users: new Users(users),
    sessionTtlMs: sessionTtlMs || DEFAULT_SESSION_MS,
    cookieSecure,
  });
  const keys = new ApiKeys(apiKeys, parts.logger);
  return {
    isOff: false,
    logins,
    identify: async ({ request }) => {
      const key = keyOf(request);
      const who = await logins.find(request) ?? (key && await keys.find(key));
      if (who) return who;
      throw unauthorized("log in, or send an API key in the header X-API-Key");
    },
  };
}
