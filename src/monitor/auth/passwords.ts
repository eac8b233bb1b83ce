/**
 * Passwords and their hashes. bcryptjs is loaded with the first of them.
 *
 * @module
 */

import { checkInteger } from "../../checks.ts";
import { ApiError } from "../errors.ts";
import { Comparer } from "./compare.ts";
import { Turns } from "./turns.ts";

/** 2 to the power of so many rounds. */
const COST = 10;
/** Of a longer password bcrypt would not look at the rest. */
const MAX_PASSWORD_BYTES = 72;
/** Most passwords that wait to be compared. Each takes about a sixth of a second. */
const MOST_WAITING = 100;
/** As many again may wait from browsers that are known, so that strangers cannot take all places. */
const MOST_WITH_KNOWN = 2 * MOST_WAITING;

/** A password that is to be compared. */
export interface PasswordCheck {
  /** Whose turn it takes. */
  readonly who: string;
  /** Whether it comes from a browser that is known. */
  readonly isKnown: boolean;
  readonly password: string;
  readonly passwordHash: string;
}

/**
 * Makes the hash of a password, as the options of a monitor have it.
 *
 * @param password 1 to 72 bytes of UTF-8.
 * @throws {InvalidOptionError} If it is empty or longer.
 *
 * @example
 * ```ts
 * import { createMonitor, hashPassword, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const passwordHash = await hashPassword("correct horse battery staple");
 * const auth = { users: [{ username: "ada", passwordHash, role: "admin" as const }] };
 * await using monitor = createMonitor({ store: memoryStore(), auth });
 * const response = await monitor.fetch(
 *   new Request("https://gqm.example/auth/login", {
 *     method: "POST",
 *     headers: { "content-type": "application/json" },
 *     body: JSON.stringify({ username: "ada", password: "correct horse battery staple" }),
 *   }),
 * );
 * equal(response.status, 200);
 * ```
 */
export async function hashPassword(password: string): Promise<string> {
  const bytes = new TextEncoder().encode(password).length;
  checkInteger("hash password", "length of the password in bytes", bytes, 1, MAX_PASSWORD_BYTES);
  const { hash } = await import("bcryptjs");
  return await hash(password, COST);
}

/**
 * Compares passwords one after the other, so that many logins leave time for all else. Clients come
 * in turn.
 */
export class PasswordChecks {
  readonly #turns = new Turns();
  readonly #comparer = new Comparer();

  /**
   * Whether a password has a hash.
   *
   * @throws {ApiError} `RATE_LIMITED` if too many wait.
   */
  async check({ who, isKnown, password, passwordHash }: PasswordCheck): Promise<boolean> {
    const most = isKnown ? MOST_WITH_KNOWN : MOST_WAITING;
    const isRight = await this.#turns.run(who, most, async () => {
      try {
        return await this.#comparer.compare({ password, passwordHash });
      } finally {
        if (this.#turns.isLast) await this.#comparer.rest();
      }
    });
    if (isRight !== undefined) return isRight;
    throw new ApiError("RATE_LIMITED", "too many logins at once", { "retry-after": "5" });
  }
}
