/**
 * ioredis (5 or 6), as far as we use it. Loaded when a store is opened, so that
 * whoever takes another store does not need it.
 *
 * @module
 */

import { StoreOpenError } from "../errors.ts";
import type { RedisAddress } from "./options.ts";

/**
 * An ioredis client of the caller's own, also one that goes through Sentinel:
 * the store makes its connections as this one is made, and leaves it alone.
 */
export interface RedisClient {
  /** Makes another client with the same options, except for those given. */
  duplicate(options?: Record<string, unknown>): RedisClient;
  /** Sends a command. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** What we use of a client of our own. */
export interface OwnClient extends RedisClient {
  readonly status: string;
  readonly stream?: { destroy(): void } | undefined;
  readonly options: { retryStrategy?: unknown };
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** Time that ioredis gives a connection to end, in milliseconds. */
export const DISCONNECT_TIMEOUT_MS = 1;
/** First and longest pause before another try to connect, in milliseconds. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** What every connection of ours is told. */
function ownOptions(connectTimeoutMs: number): Record<string, unknown> {
  return {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    // Connections are ended at once; a longer time would keep the process alive.
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // What was sent is sent again by us alone, marked as a repeat.
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    enableAutoPipelining: false,
    // The store looks itself whether Redis is loading; ioredis would warn of users who may not ask.
    enableReadyCheck: false,
    keyPrefix: "",
    stringNumbers: false,
    showFriendlyErrorStack: false,
    noDelay: true,
    keepAlive: 10_000,
    protocol: 2,
    retryStrategy: (attempt: number): number =>
      Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_PAUSE_MS),
    reconnectOnError: null,
  };
}

/** Makes clients, not yet connected. */
export type MakeClient = () => OwnClient;

/**
 * A maker of clients for an address, or like a client that is given.
 *
 * @throws {StoreOpenError} If ioredis is needed and cannot be loaded.
 */
export async function clientMaker(
  target: RedisAddress | RedisClient,
  connectTimeoutMs: number,
): Promise<MakeClient> {
  const own = ownOptions(connectTimeoutMs);
  if (isClient(target)) return () => quiet(target.duplicate(own) as OwnClient);
  const { Redis } = await loadIoredis();
  return () => quiet(new Redis({ ...target, ...own }));
}

/** Whether something is a client rather than an address. */
export function isClient(target: unknown): target is RedisClient {
  return typeof (target as Partial<RedisClient> | null)?.duplicate === "function";
}

/** A client without a listener for errors prints them; ours tells of them when it closes. */
function quiet(client: OwnClient): OwnClient {
  client.on("error", () => {});
  return client;
}

async function loadIoredis(): Promise<{ Redis: new (options: object) => OwnClient }> {
  try {
    return await import("ioredis") as unknown as { Redis: new (options: object) => OwnClient };
  } catch (cause) {
    const advice = adviceOn(cause as Partial<Error & { readonly code: string }>);
    if (advice !== undefined) {
      throw new StoreOpenError(
        "Cannot open store as this process must be allowed to load the package 'ioredis': " +
          `${advice}: ${(cause as Error).message}`,
        { cause },
      );
    }
    throw new StoreOpenError(
      "Cannot open store as the package 'ioredis' must be installed for Redis: " +
        "add ioredis 5 or 6 to the dependencies",
      { cause },
    );
  }
}

/** What to do where permissions keep the package from being loaded; undefined where they do not. */
function adviceOn({ name, code }: Partial<Error & { readonly code: string }>): string | undefined {
  if (name === "NotCapable") return "run with --allow-env, as it looks through all variables";
  if (code === "ERR_ACCESS_DENIED") return "run with --allow-fs-read for the folder of packages";
  return undefined;
}
