/**
 * Who may log in, and with which keys.
 *
 * @module
 */

import type { Role } from "./principal.ts";

/** Someone who logs in with a password. */
export interface UserOptions {
  /** 1 to 256 characters. */
  readonly username: string;
  /** The bcrypt hash of the password, as `gqm hash-password` prints it; it begins with `$2`. */
  readonly passwordHash: string;
  /** What they may do. @default {"viewer"} */
  readonly role?: Exclude<Role, "producer">;
  /** The only queues that they see. @default {all} */
  readonly queues?: readonly string[];
}

/** A key of a program. */
export interface ApiKeyOptions {
  /** Its name, in logs and the audit log. */
  readonly name: string;
  /**
   * `sha256:` and the hexadecimal SHA-256 hash of the key. The key itself is taken too, with a
   * warning: whoever reads the configuration has it then.
   */
  readonly key: string;
  /** What it may do. @default {"viewer"} */
  readonly role?: Role;
  /** The only queues that it sees. @default {all} */
  readonly queues?: readonly string[];
  /** The only types that it may enqueue. @default {all} */
  readonly types?: readonly string[];
}

/** Who may do what. */
export interface AuthOptions {
  /** People. */
  readonly users?: readonly UserOptions[];
  /** Programs. */
  readonly apiKeys?: readonly ApiKeyOptions[];
  /** How long a session lasts after the login, in milliseconds. @default {86_400_000: a day} */
  readonly sessionTtlMs?: number;
  /** Whether the cookie of a session is sent over TLS alone; where it is not set, the request decides. */
  readonly cookieSecure?: boolean;
}
