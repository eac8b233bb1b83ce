/**
 * What a Redis store may be told, and where its URL points.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../../checks.ts";
import type { Clock } from "../../clock.ts";
import { hideSecrets, InvalidOptionError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { StoreUrlError } from "../errors.ts";
import { resolveRetention } from "../retention.ts";
import type { RetentionLimits } from "../store.ts";

/** TLS as `node:tls` takes it. */
export interface RedisTls {
  /** Certificates to trust, in PEM. */
  readonly ca?: string | readonly string[];
  /** Own certificate, in PEM. */
  readonly cert?: string;
  /** Own key, in PEM. */
  readonly key?: string;
  /** Name that the server's certificate must have. @default {the host} */
  readonly servername?: string;
  /** False: any certificate will do. @default {true} */
  readonly rejectUnauthorized?: boolean;
}

/** What happened to the connection of a Redis store. */
export interface ConnectionEvent {
  /** `lost`: calls wait for a new connection. `restored`: it is there. */
  readonly type: "lost" | "restored";
  /** Where the store is, without secrets. */
  readonly address: string;
  /** Why it was lost, if that is known. */
  readonly error?: Error;
}

/** Options of `redisStore`. */
export interface RedisStoreOptions {
  /** First part of every key: `{prefix}:…`. Stores with different prefixes share nothing. @default {"gqm"} */
  readonly prefix?: string;
  /** How long final jobs are kept. @default {7 d, 30 d, 100 000 per queue and status} */
  readonly retention?: Partial<RetentionLimits>;
  /** How to check the server of a `rediss://` URL. */
  readonly tls?: RedisTls;
  /** Milliseconds that the first connection may take. @default {5000} */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds that a call waits for a lost connection to come back, before it
   * throws `StoreUnavailableError`.
   * @default {15_000}
   */
  readonly patienceMs?: number;
  /**
   * Milliseconds without a reply after which a connection counts as dead. A time in which this process was
   * too busy to read counts little.
   * @default {5000}
   */
  readonly replyTimeoutMs?: number;
  /** Where warnings go: connections lost and restored, settings of the server that put jobs at risk. @default {nowhere} */
  readonly logger?: Logger;
  /** Called when the connection is lost and when it is back. */
  readonly onConnection?: (event: ConnectionEvent) => void;
  /** For tests: decides what is due, instead of Redis's own time. */
  readonly clock?: Clock;
}

/** Options with their defaults. */
export interface ResolvedRedisOptions {
  readonly prefix: string;
  readonly limits: RetentionLimits;
  readonly connectTimeoutMs: number;
  readonly patienceMs: number;
  readonly replyTimeoutMs: number;
  readonly logger: Logger | undefined;
  readonly onConnection: ((event: ConnectionEvent) => void) | undefined;
  readonly clock: Clock | undefined;
  /** For tests: how long calls are sent after a look at the layout. */
  readonly trustMs?: number;
}

/** Where to connect, as ioredis takes it. */
export interface RedisAddress {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: RedisTls;
}

const ACTION = "open store";
const KNOWN = [
  ...["prefix", "retention", "tls", "connectTimeoutMs", "patienceMs", "replyTimeoutMs"],
  ...["logger", "onConnection", "clock"],
];
const PREFIX = /^[A-Za-z0-9._:-]{1,100}$/;

/**
 * Fills in the defaults and checks the options.
 *
 * @throws {InvalidOptionError} If one is unknown or out of range.
 */
export function resolveOptions(options: RedisStoreOptions): ResolvedRedisOptions {
  checkKeys(ACTION, options, KNOWN);
  const { prefix = "gqm", connectTimeoutMs = 5000, patienceMs = 15_000, replyTimeoutMs = 5000 } =
    options;
  // The configuration of GQM (Go) has it with a colon at the end; both mean the same.
  const bare = typeof prefix === "string" ? prefix.replace(/:$/, "") : "";
  if (!PREFIX.test(bare)) {
    const rule = "be 1 to 100 of the characters a-z A-Z 0-9 . _ : -";
    throw new InvalidOptionError(ACTION, "prefix", rule, prefix);
  }
  checkInteger(ACTION, "connectTimeoutMs", connectTimeoutMs, 1);
  checkInteger(ACTION, "patienceMs", patienceMs, 0);
  checkInteger(ACTION, "replyTimeoutMs", replyTimeoutMs, 1);
  return {
    prefix: bare,
    limits: resolveRetention(options.retention),
    connectTimeoutMs,
    patienceMs,
    replyTimeoutMs,
    logger: options.logger,
    onConnection: options.onConnection,
    clock: options.clock,
  };
}

/**
 * Reads `redis://[user[:password]@]host[:port][/db][?prefix=P]`, `rediss://…`
 * (TLS) or `unix:/path/to/socket[?db=N&prefix=P]`.
 *
 * @throws {StoreUrlError} If it says something else.
 */
export function readUrl(url: string): { address: RedisAddress; prefix?: string } {
  const refuse = (rule: string): never => {
    // What stands behind a question mark may be meant as a password.
    const shown = hideSecrets(url).replace(/\?.*/s, "?…");
    throw new StoreUrlError(
      `Cannot open store as a Redis URL must ${rule}: current value is '${shown}'`,
    );
  };
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      return refuse("write a '%' as '%25'");
    }
  };
  const parsed = URL.parse(url) ?? refuse("be 'redis://user:password@host:port/db'");
  const socket = parsed.protocol === "unix:";
  for (const name of parsed.searchParams.keys()) {
    if (name === "prefix" || (socket && name === "db")) continue;
    refuse(`have no parameter but 'prefix'${socket ? " and 'db'" : ""}`);
  }
  const prefix = parsed.searchParams.get("prefix") ?? undefined;
  const number = socket ? parsed.searchParams.get("db") ?? "" : parsed.pathname.replace("/", "");
  if (!/^\d{0,4}$/.test(number)) refuse("name its database by a number");
  const db = number === "" ? {} : { db: Number(number) };
  if (socket) {
    if (!parsed.pathname.startsWith("/") || parsed.host !== "") {
      refuse("name its socket from the root: 'unix:/run/redis.sock'");
    }
    const path = decode(parsed.pathname);
    return withPrefix({ path, ...db }, prefix);
  }
  if (parsed.hostname === "") refuse("name a host");
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  const user = decode(parsed.username);
  const password = decode(parsed.password);
  return withPrefix({
    host,
    port: parsed.port === "" ? 6379 : Number(parsed.port),
    ...(user === "" ? {} : { username: user }),
    ...(password === "" ? {} : { password }),
    ...(parsed.protocol === "rediss:" ? { tls: {} } : {}),
    ...db,
  }, prefix);
}

function withPrefix(
  address: RedisAddress,
  prefix: string | undefined,
): { address: RedisAddress; prefix?: string } {
  return prefix === undefined ? { address } : { address, prefix };
}

/** An address for people: no user, no password. */
export function showAddress({ host, port, path, db, tls }: RedisAddress): string {
  const database = db === undefined || db === 0 ? "" : `/${db}`;
  if (path !== undefined) return `unix:${path}${database === "" ? "" : `?db=${db}`}`;
  const name = host?.includes(":") ? `[${host}]` : host ?? "localhost";
  return `${tls === undefined ? "redis" : "rediss"}://${name}:${port ?? 6379}${database}`;
}
