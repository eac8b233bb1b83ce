/**
 * From what a user says about the store to a store.
 *
 * @module
 */

import { hideSecrets, InvalidOptionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { readEnv } from "../runtime/env.ts";
import { StoreUrlError } from "./errors.ts";
import { memoryStore } from "./memory/store.ts";
import { redisStore } from "./redis/store.ts";
import { sqliteStore } from "./sqlite/store.ts";
import type { RetentionLimits, Store, StoreRecipe } from "./store.ts";

/** Where a store is taken from when none is given. */
export const STORE_VARIABLE = "GQM_STORE";
/** The store when neither the code nor the environment names one. */
export const DEFAULT_STORE = "sqlite:./gqm.db";

/** What stores opened by URL are told. */
export interface OpenStoreOptions {
  /** How long final jobs are kept. */
  readonly retention?: Partial<RetentionLimits>;
  /** Where a store warns of what puts jobs at risk, such as a lost connection. */
  readonly logger?: Logger;
}

/** Stores of `memory:` URLs: those with the same URL in one process are one store. */
const shared = new Map<string, { readonly store: Store; users: number }>();

/**
 * A store in use: opened at the first call, closed at the end if it was made
 * here from a URL, left open if it was given as an object.
 */
export class StoreUse {
  readonly #store: Store;
  readonly #close: () => Promise<void>;
  #opened: Promise<Store> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param given A store, its URL, or nothing for `GQM_STORE`, else `sqlite:./gqm.db`.
   * @throws {StoreUrlError} If the URL names no store of this package.
   */
  constructor(given: Store | string | undefined, options: OpenStoreOptions = {}) {
    if (!isStoreOrUrl(given)) {
      throw new InvalidOptionError("open store", "store", "be a store or its URL", given);
    }
    if (typeof given === "object") {
      if (options.retention !== undefined) {
        const rule = "not be given with a store object: set it where the store is made";
        throw new InvalidOptionError("open store", "retention", rule, options.retention);
      }
      this.#store = given;
      this.#close = () => Promise.resolve();
      return;
    }
    const url = given ?? readEnv(STORE_VARIABLE) ?? DEFAULT_STORE;
    if (typeof url === "string" && url.startsWith("memory:")) {
      this.#store = useShared(url, options);
      this.#close = () => leaveShared(url);
    } else {
      this.#store = storeFromUrl(url, options);
      this.#close = () => this.#store.close();
    }
  }

  /** What the store is, for people. */
  get description(): string {
    return this.#store.description;
  }

  /** The store, open. A failure to open is not remembered: the next call tries again. */
  get(): Promise<Store> {
    this.#opened ??= this.#store.open().then(() => this.#store, (error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  /** Closes the store if it was made here. Repeat: does nothing. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }
}

/**
 * Makes a store from its URL, not yet open: `memory:`, `memory:NAME` (never
 * shared), `sqlite:PATH`, or for Redis `redis://`, `rediss://` or `unix:PATH`
 * (see `redisStore`).
 *
 * @throws {StoreUrlError} If the URL names no store of this package.
 *
 * @example
 * ```ts
 * import { storeFromUrl } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * await using store = storeFromUrl("memory:");
 * await store.open();
 * equal(store.description, "memory:");
 * ```
 */
export function storeFromUrl(url: string, options: OpenStoreOptions = {}): Store {
  const { logger, ...limits } = options;
  const at = typeof url === "string" ? url.indexOf(":") : -1;
  const scheme = at < 0 ? "" : url.slice(0, at + 1);
  const rest = at < 0 ? "" : url.slice(at + 1);
  switch (scheme) {
    case "memory:":
      return memoryStore(limits);
    case "sqlite:":
      if (/^\/\/[^/]/.test(rest)) {
        throw new StoreUrlError(
          `Cannot open store as a 'sqlite:' URL must not have two slashes: current value is '${url}'; ` +
            `write 'sqlite:${rest.slice(2)}', or 'sqlite:/${rest.slice(2)}' from the root`,
        );
      }
      if (rest !== "" && rest !== ":memory:") return sqliteStore(rest, limits);
      throw new StoreUrlError(
        `Cannot open store as a 'sqlite:' URL must name a file, such as 'sqlite:./gqm.db': ` +
          `current value is '${url}'; for a store without a file take 'memory:'`,
      );
    case "redis:":
    case "rediss:":
    case "unix:":
      return redisStore(url, logger === undefined ? limits : { ...limits, logger });
    default:
      throw new StoreUrlError(
        `Cannot open store as its URL must start with 'redis://', 'rediss://', 'unix:', 'sqlite:' or 'memory:': ` +
          `current value is '${hideSecrets(String(url))}'${suggestion(String(url))}`,
      );
  }
}

/** Makes the store of a recipe, not yet open. */
export function reopenStore({ url, options }: StoreRecipe): Store {
  return url.startsWith("sqlite:")
    ? sqliteStore(url.slice("sqlite:".length), options)
    : redisStore(url, options);
}

function isStoreOrUrl(given: unknown): boolean {
  if (given === undefined || typeof given === "string") return true;
  return typeof (given as Partial<Store> | null)?.open === "function";
}

/** What a URL may have been meant to be, as the end of an error message. */
function suggestion(url: string): string {
  if (url === "memory") return "; did you mean 'memory:'?";
  return /\.(db|sqlite3?)$/.test(url) && !url.includes(":")
    ? `; did you mean 'sqlite:${url}'?`
    : "";
}

function useShared(url: string, options: OpenStoreOptions): Store {
  if (options.retention !== undefined && shared.has(url)) {
    const rule = `be given by the first user of '${url}': it is open already`;
    throw new InvalidOptionError("open store", "retention", rule, options.retention);
  }
  const entry = shared.get(url) ?? { store: storeFromUrl(url, options), users: 0 };
  entry.users++;
  shared.set(url, entry);
  return entry.store;
}

async function leaveShared(url: string): Promise<void> {
  const entry = shared.get(url);
  if (entry === undefined || --entry.users > 0) return;
  shared.delete(url);
  await entry.store.close();
}
