/**
 * How many passwords may be tried. A try is counted before the password is looked at, in the
 * store, so that neither tries at once nor several monitors get past the limit; one that was right is
 * given back. Nothing is counted for a name alone: guesses of others lock out nobody who comes from
 * another address, or from a browser that is known.
 *
 * @module
 */

import type { HitReply, Store } from "../../store/store.ts";
import { sha256Hex } from "../digest.ts";
import { ApiError } from "../errors.ts";
import { networkOf } from "../remote.ts";

/** For how long a try counts, in milliseconds. */
const TRY_WINDOW_MS = 5 * 60_000;
/** Tries of one name from one network, or of one known browser. */
const MOST_TRIES = 5;
/** Tries of all names from one network. */
const MOST_NETWORK_TRIES = 30;

/** Who tries, and as whom. */
export interface TryBy {
  /** The name that is tried. */
  readonly username: string;
  /** Address of the client. */
  readonly client: string | undefined;
  /** The mark of a browser that this user has logged in from. */
  readonly browser: string | undefined;
}

/** A try that was counted. */
export interface Try {
  /** It was right: it and those that the user made before no longer count. */
  right(): Promise<void>;
  /** It was not made: it does not count. */
  undo(): Promise<void>;
}

/** Counts tries. */
export class LoginThrottle {
  readonly #store: () => Promise<Store>;

  /** @param store Gives the store, open. */
  constructor(store: () => Promise<Store>) {
    this.#store = store;
  }

  /**
   * Counts a try.
   *
   * @throws {ApiError} `RATE_LIMITED` if there were too many; this one is not counted then.
   */
  async count({ username, client, browser }: TryBy): Promise<Try> {
    const store = await this.#store();
    if (browser !== undefined) return await count(store, `login:browser:${browser}`, MOST_TRIES);
    const network = networkOf(client ?? "");
    const own = `login:name:${await sha256Hex(`${network}\n${username}`)}`;
    const all = `login:network:${await sha256Hex(network)}`;
    // The name first: tries that are refused for it take no others of the network their place.
    const ofName = await count(store, own, MOST_TRIES);
    try {
      const ofNetwork = await count(store, all, MOST_NETWORK_TRIES);
      const undo = async (): Promise<void> => {
        await ofName.undo();
        await ofNetwork.undo();
      };
      const right = async (): Promise<void> => {
        await ofName.right();
        await ofNetwork.undo();
      };
      return { right, undo };
    } catch (error) {
      await ofName.undo();
      throw error;
    }
  }
}

async function count(store: Store, key: string, limit: number): Promise<Try> {
  refuse(await store.hit(key, { limit, windowMs: TRY_WINDOW_MS }));
  return { right: () => store.unhit(key), undo: () => store.unhit(key, 1) };
}

function refuse({ allowed, retryInMs }: HitReply): void {
  if (allowed) return;
  const seconds = Math.max(1, Math.ceil(retryInMs / 1000));
  const message = "too many failed logins: try again later";
  throw new ApiError("RATE_LIMITED", message, { "retry-after": `${seconds}` });
}
