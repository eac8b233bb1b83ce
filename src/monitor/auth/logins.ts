/**
 * Logging in and out, and the sessions of those who did.
 *
 * @module
 */

import type { Logger } from "../../logger.ts";
import type { Store } from "../../store/store.ts";
import { networkOf } from "../remote.ts";
import { type Asker, unauthorized } from "./auth.ts";
import { knownBrowser, newBrowser } from "./browsers.ts";
import {
  BROWSER_COOKIE,
  cameOverTls,
  type CookieOptions,
  readCookie,
  SESSION_COOKIE,
  writeCookie,
} from "./cookies.ts";
import { PasswordChecks } from "./passwords.ts";
import type { Principal } from "./principal.ts";
import { type Session, sessionId, type SessionPage, Sessions } from "./sessions.ts";
import { LoginThrottle } from "./throttle.ts";
import { passwordMark, type User, type Users } from "./users.ts";

/** For how long a browser is known after a login, in seconds: half a year. */
const BROWSER_AGE_S = 180 * 86_400;

/** What logins work with. */
export interface LoginParts {
  /** Gives the store, open. */
  readonly store: () => Promise<Store>;
  readonly users: Users;
  readonly sessionTtlMs: number;
  /** Whether cookies are always for TLS alone. */
  readonly cookieSecure: boolean;
  /** How many proxies are believed. */
  readonly proxies: number;
  readonly logger: Logger;
}

/** What somebody says to log in. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A login. */
export interface Login {
  /** Who has logged in. */
  readonly who: Principal;
  /** What the answer sets, as `Set-Cookie` has it. */
  readonly cookies: readonly string[];
}

/** Logging in and out. */
export class Logins {
  readonly #parts: LoginParts;
  readonly #sessions: Sessions;
  readonly #throttle: LoginThrottle;
  readonly #passwords = new PasswordChecks();

  /** @param parts What it works with. */
  constructor(parts: LoginParts) {
    this.#parts = parts;
    this.#sessions = new Sessions(parts.store, parts.sessionTtlMs);
    this.#throttle = new LoginThrottle(parts.store);
  }

  /**
   * Begins a session.
   *
   * @throws {ApiError} `RATE_LIMITED` after too many wrong passwords, or while too many others log
   * in; `UNAUTHORIZED` if there is no such user or the password is another.
   */
  async login(asker: Asker, credentials: Credentials): Promise<Login> {
    const user = await this.#prove(asker, credentials);
    const { request, client } = asker;
    const { username } = credentials;
    const token = await this.#sessions.start({ username, mark: await passwordMark(user) }, client);
    const cookies = [
      this.#sessionCookie(request, token, Math.floor(this.#parts.sessionTtlMs / 1000)),
      this.#cookie(request, BROWSER_COOKIE, await newBrowser(username, user.passwordHash), {
        maxAgeS: BROWSER_AGE_S,
        isLocal: true,
      }),
    ];
    return { who: user.who, cookies };
  }

  /** Who has shown that they are a user. The way is as long for a name that nobody has. */
  async #prove({ request, client }: Asker, { username, password }: Credentials): Promise<User> {
    const { users, logger } = this.#parts;
    const user = users.get(username);
    const passwordHash = users.hashOf(user);
    const shown = await knownBrowser(request, username, passwordHash);
    // Of nobody everyone knows the hash, and can make the cookie.
    const browser = user && shown;
    const attempt = await this.#throttle.count({ username, client, browser });
    let isRight: boolean;
    try {
      isRight = await this.#passwords.check({
        who: browser ?? networkOf(client ?? ""),
        isKnown: browser !== undefined,
        password,
        passwordHash,
      });
    } catch (error) {
      await attempt.undo();
      throw error;
    }
    if (user !== undefined && isRight) {
      await attempt.right();
      return user;
    }
    // A name that nobody has may be a password that was typed into the wrong field.
    logger.warn("Login failed", { username: user && username, from: client ?? null });
    throw unauthorized("invalid username or password");
  }

  /** Ends the session of a request; gives what takes its cookie away. */
  async logout({ request }: Asker): Promise<string> {
    const id = await ownSession(request);
    if (id !== undefined) await this.#sessions.end(id);
    return this.#sessionCookie(request, "", 0);
  }

  /**
   * Whose session a request shows; undefined if it shows none.
   *
   * @throws {ApiError} `UNAUTHORIZED` if there is no such user any more, or their password was
   * changed; the session is over then.
   */
  async find(request: Request): Promise<Principal | undefined> {
    const id = await ownSession(request);
    const session = id && await this.#sessions.get(id);
    if (!session) return undefined;
    const user = await this.#userOf(session);
    if (user !== undefined) return user.who;
    await this.#sessions.end(session.id);
    throw unauthorized("the session is over");
  }

  /** Which of some sessions, at most 100, let somebody in. */
  async living(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const sessions = await this.#sessions.some(ids);
    const users = await Promise.all(sessions.map((session) => this.#userOf(session)));
    return new Set(sessions.filter((_, i) => users[i] !== undefined).map(({ id }) => id));
  }

  /** Lists the sessions that let somebody in. */
  async list(page: { limit: number; cursor?: string }): Promise<SessionPage> {
    const found = await this.#sessions.list(page);
    const users = await Promise.all(found.sessions.map((session) => this.#userOf(session)));
    return { ...found, sessions: found.sessions.filter((_, i) => users[i] !== undefined) };
  }

  /** Ends a session by its id; gives its user's name, undefined if there was no such session. */
  async end(id: string): Promise<string | undefined> {
    const session = await this.#sessions.get(id);
    if (session === undefined) return undefined;
    await this.#sessions.end(id);
    return session.username;
  }

  /** The user of a session; undefined if there is none, or the password was changed. */
  async #userOf({ username, mark }: Session): Promise<User | undefined> {
    const user = this.#parts.users.get(username);
    return user !== undefined && mark === await passwordMark(user) ? user : undefined;
  }

  #sessionCookie(request: Request, token: string, maxAgeS: number): string {
    return this.#cookie(request, SESSION_COOKIE, token, { maxAgeS });
  }

  #cookie(
    request: Request,
    name: string,
    value: string,
    options: Omit<CookieOptions, "secure">,
  ): string {
    const { cookieSecure, proxies } = this.#parts;
    const secure = cookieSecure || cameOverTls(request, proxies);
    return writeCookie(name, value, { ...options, secure });
  }
}

/** The id of the session that a request shows, whether or not there is such a session. */
export function ownSession(request: Request): Promise<string | undefined> {
  return sessionId(readCookie(request, SESSION_COOKIE));
}
