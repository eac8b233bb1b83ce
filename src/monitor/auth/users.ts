/**
 * People who log in with a password.
 *
 * @module
 */

import { sha256Hex } from "../digest.ts";
import type { UserOptions } from "./options.ts";
import type { Principal } from "./principal.ts";

/** Somebody who logs in. */
export interface User {
  /** Who they are, once they have logged in. */
  readonly who: Principal;
  /** Of their password. */
  readonly passwordHash: string;
}

/** Users by their names. */
export class Users {
  readonly #users: ReadonlyMap<string, User>;
  /** What a password is compared with where there is no such user, so that it takes as long. */
  readonly #nobody: string;

  /** @param options Users, checked. */
  constructor(options: readonly UserOptions[]) {
    this.#users = new Map(options.map((user) => [user.username, toUser(user)]));
    const settings = options[0]?.passwordHash.slice(0, 7) ?? "$2b$10$";
    this.#nobody = settings + ".".repeat(53);
  }

  /** A user; undefined if there is none. */
  get(username: string): User | undefined {
    return this.#users.get(username);
  }

  /** What the password of a user, or of nobody, is compared with. */
  hashOf(user: User | undefined): string {
    return user?.passwordHash ?? this.#nobody;
  }
}

/** Stands in a session for the password with which it began, so that it ends when that is changed. */
export async function passwordMark({ passwordHash }: User): Promise<string> {
  return (await sha256Hex(passwordHash)).slice(0, 32);
}

function toUser({ username, passwordHash, role, queues }: UserOptions): User {
  const who: Principal = {
    name: username,
    role: role || "viewer",
    queues: queues === undefined ? null : new Set(queues),
    types: null,
    by: "session",
  };
  return { who, passwordHash };
}
