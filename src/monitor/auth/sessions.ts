/**
 * Sessions: that somebody has logged in, until a time that does not move. The store has the hash of
 * the token alone, which is the session's id; whoever reads the store cannot take a session over.
 *
 * @module
 */

import { randomHex } from "../../runtime/secret.ts";
import type { KeptMemo, Store } from "../../store/store.ts";
import { sha256Hex } from "../digest.ts";

const PREFIX = "session:";
const TOKEN_BYTES = 32;
const TOKEN = /^[0-9a-f]{64}$/;

/** A session, as the store keeps it. */
interface Kept {
  readonly user: string;
  /** See `passwordMark`. */
  readonly mark: string;
  readonly from: string | null;
  readonly ttlMs: number;
}

/** A session. */
export interface Session {
  /** Its name, which opens nothing. */
  readonly id: string;
  /** Whose it is. */
  readonly username: string;
  /** Stands for the password with which it began. */
  readonly mark: string;
}

/** A session, as a list shows it. */
export interface ListedSession extends Session {
  /** Address from which it began; null if it was not known. */
  readonly from: string | null;
  /** Epoch milliseconds, store clock: when it began. */
  readonly startedAt: number;
  /** Epoch milliseconds, store clock: when it is over. */
  readonly endsAt: number;
}

/** A page of sessions. */
export interface SessionPage {
  /** In the order of their ids. */
  readonly sessions: readonly ListedSession[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** The id of the session of a token; undefined if it can be none. */
export async function sessionId(token: string | undefined): Promise<string | undefined> {
  return token !== undefined && TOKEN.test(token) ? await sha256Hex(token) : undefined;
}

/** Sessions. */
export class Sessions {
  readonly #store: () => Promise<Store>;
  readonly #ttlMs: number;

  /** @param store Gives the store, open. @param ttlMs How long a session lasts. */
  constructor(store: () => Promise<Store>, ttlMs: number) {
    this.#store = store;
    this.#ttlMs = ttlMs;
  }

  /** Begins a session; gives its token, which is kept nowhere. */
  async start(session: Omit<Session, "id">, from: string | undefined): Promise<string> {
    const { username: user, mark } = session;
    const token = randomHex(TOKEN_BYTES);
    const kept: Kept = { user, mark, from: from ?? null, ttlMs: this.#ttlMs };
    const memo = { key: PREFIX + await sha256Hex(token), value: JSON.stringify(kept) };
    await (await this.#store()).putMemos([{ ...memo, ttlMs: this.#ttlMs }]);
    return token;
  }

  /** A session; undefined if there is none. */
  async get(id: string): Promise<Session | undefined> {
    const [session] = await this.some([id]);
    return session;
  }

  /** Those of some sessions, at most 100, that there are. */
  async some(ids: readonly string[]): Promise<Session[]> {
    const texts = await (await this.#store()).memos(ids.map((id) => PREFIX + id));
    return ids.flatMap((id, i) => {
      const text = texts[i] ?? null;
      if (text === null) return [];
      const { user: username, mark }: Kept = JSON.parse(text);
      return [{ id, username, mark }];
    });
  }

  /** Ends a session. */
  async end(id: string): Promise<void> {
    await (await this.#store()).putMemos([{ key: PREFIX + id, value: null }]);
  }

  /** Lists sessions. */
  async list({ limit, cursor }: { limit: number; cursor?: string }): Promise<SessionPage> {
    const store = await this.#store();
    const after = cursor && PREFIX + cursor;
    const { memos, cursor: next } = await store.memosUnder(PREFIX, { limit, cursor: after });
    return { sessions: memos.map(toListed), cursor: next?.slice(PREFIX.length) };
  }
}

function toListed({ key, value, endsAt }: KeptMemo): ListedSession {
  const { user: username, mark, from, ttlMs }: Kept = JSON.parse(value);
  const id = key.slice(PREFIX.length);
  return { id, username, mark, from, startedAt: endsAt - ttlMs, endsAt };
}
