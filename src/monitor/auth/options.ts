/**
 * Who may log in, and with which keys.
 *
 * @module
 */

import type { Role } from "./principal.ts";

/** Someone who logs in with a password. */
export interface UserOptions {
  /** 1 to 256 characters, none of them a control character. */
  readonly username: string;
  /** The bcrypt hash of the password, as `hashPassword` makes it; it begins with `$2`. */
  readonly passwordHash: string;
  /** What they may do. @default {"viewer"} */
  readonly role?: Exclude<Role, "producer">;
  /** The only queues that they see. @default {all} */
  readonly queues?: readonly string[];
}

/** A key of a program. */
export interface ApiKeyOptions {
  /** Its name, in logs and the audit log: 1 to 256 characters, none of them a control character. */
  readonly name: string;
  /**
   * The hash of the key: `sha256:` and 64 hexadecimal digits, as `newApiKey` and `hashApiKey` make
   * it. The key itself, of at least 32 characters, is taken too, with a warning: whoever reads the
   * configuration has it then.
   */
  readonly key: string;
  /** What it may do. @default {"viewer"} */
  readonly role?: Role;
  /** The only queues that it sees. @default {all} */
  readonly queues?: readonly string[];
  /** The only types that it may enqueue, also by triggering a schedule. @default {all} */
  readonly types?: readonly string[];
}

/** Who may do what. */
export interface AuthOptions {
  /** People. */
  readonly users?: readonly UserOptions[];
  /** Programs. */
  readonly apiKeys?: readonly ApiKeyOptions[];
  /**
   * How long a session lasts after the login, in milliseconds: at least 1000, at most 400 days; 0
   * for the default.
   * @default {86_400_000: a day}
   */
  readonly sessionTtlMs?: number;
  /**
   * Whether the cookies of a login are always for TLS alone. Else they are if the login came over
   * TLS, or a trusted proxy says that it did.
   * @default {false}
   */
  readonly cookieSecure?: boolean;
}
