/** A store behind a proxy that makes faults happen, another one past it, and a look at all keys. */

import { redisStore } from "../../../../src/store/redis/store.ts";
import { scripts } from "../../../../src/store/redis/scripts.gen.ts";
import type { RedisStoreOptions } from "../../../../src/store/redis/options.ts";
import type { Store } from "../../../../src/store/store.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { FaultProxy } from "../../../support/redis/proxy.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import { removeKeys, testRedis, uniquePrefix } from "../../../support/redis/shared.ts";

/** How long a connection may be silent in these tests. */
export const REPLY_TIMEOUT_MS = 300;

/** Most characters of a value that are compared: large ones differ at their beginning. */
const MOST_SHOWN = 300;
/** Characters of the name of a request that all of a store have in common. */
const TAG_PREFIX = 12;

/** How a rig is made. */
export interface RigOptions extends RedisStoreOptions {
  /** Redis to work on. @default {the shared one} */
  readonly url?: string;
  /** False: both stores work with Redis's own time. @default {true} */
  readonly fakeClock?: boolean;
}

/** A key of Redis as text: its value, and whether it expires. */
export type Dump = Readonly<Record<string, unknown>>;

/** Servers that know all scripts: the first call of one would be answered that it is not there. */
const loaded = new Map<string, Promise<void>>();

async function loadAll(redis: RespClient): Promise<void> {
  for (const text of Object.values(scripts)) await redis.call("SCRIPT", "LOAD", text);
}

/** Two stores on the same keys. Disposing closes both and removes the keys. */
export class Rig implements AsyncDisposable {
  /** The time of both stores, if they do not work with Redis's own. */
  readonly clock = new FakeClock();
  /** Goes through the proxy. */
  readonly store: Store;
  /** Goes through another one, which only listens. */
  readonly direct: Store;
  /** A plain connection past the proxy. */
  readonly redis: RespClient;
  readonly proxy: FaultProxy;
  readonly prefix: string;
  readonly #url: string;
  readonly #past: FaultProxy;

  private constructor(
    { url = testRedis(), fakeClock = true, ...options }: RigOptions,
    proxy: FaultProxy,
    past: FaultProxy,
    redis: RespClient,
  ) {
    this.#url = url;
    this.#past = past;
    this.proxy = proxy;
    this.redis = redis;
    this.prefix = uniquePrefix();
    const { prefix } = this;
    const own = { prefix, ...(fakeClock ? { clock: this.clock } : {}) };
    const { retention } = options;
    this.store = redisStore(proxy.url, {
      ...own,
      replyTimeoutMs: REPLY_TIMEOUT_MS,
      patienceMs: 60_000,
      connectTimeoutMs: 20_000,
      ...options,
    });
    this.direct = redisStore(past.url, { ...own, ...(retention ? { retention } : {}) });
  }

  /** Makes a rig whose stores are open. */
  static async start(options: RigOptions = {}): Promise<Rig> {
    const url = options.url ?? testRedis();
    const proxy = await FaultProxy.start(url);
    for (const [name, text] of Object.entries(scripts)) proxy.nameScript(name, { text });
    const past = await FaultProxy.start(url);
    const redis = await RespClient.connect(url);
    await (loaded.get(url) ?? loaded.set(url, loadAll(redis)).get(url));
    const rig = new Rig(options, proxy, past, redis);
    await Promise.all([rig.store.open(), rig.direct.open()]);
    return rig;
  }

  /** The whole name of a key. */
  key(name: string): string {
    return `{${this.prefix}}:${name}`;
  }

  /**
   * All keys with what they hold, without what differs from run to run: the names of requests, the
   * counter of places in line (its gaps mean nothing), lists on which one process waits.
   */
  async dump(): Promise<Dump> {
    const keys = await this.redis.call("KEYS", this.key("*")) as string[];
    const root = this.key("");
    const tags = this.#tagPrefixes();
    const entries = await Promise.all(keys.map(async (key) => {
      const name = key.slice(root.length);
      if (/^(seq$|own:)/.test(name)) return [];
      const [value, left] = await Promise.all([
        this.#value(key, tags),
        this.redis.call("TTL", key),
      ]);
      const ttl = Number(left) >= 0 ? " (expires)" : "";
      return [[withoutTags(name, tags) + ttl, value]];
    }));
    return Object.fromEntries(entries.flat().sort(([a], [b]) => String(a) < String(b) ? -1 : 1));
  }

  #tagPrefixes(): ReadonlySet<string> {
    const calls = [...this.proxy.log, ...this.#past.log].filter(({ name }) => /^EVAL/.test(name));
    return new Set(calls.map(({ args }) => args[3]!.slice(0, TAG_PREFIX)));
  }

  async #value(key: string, tags: ReadonlySet<string>): Promise<unknown> {
    const list = async (...words: string[]): Promise<string[]> => {
      const items = (await this.redis.call(...words) as unknown[]).map(String);
      return items.map((item) => withoutTags(item.replace(PLACE, "$1#$2"), tags));
    };
    switch (await this.redis.call("TYPE", key)) {
      case "string":
        return withoutTags(String(await this.redis.call("GET", key)), tags);
      case "list":
        return await list("LRANGE", key, "0", "-1");
      case "set":
        return (await list("SMEMBERS", key)).sort();
      case "zset": {
        const flat = await list("ZRANGE", key, "0", "-1", "WITHSCORES");
        const scores = !/:idx:[^:]*$/.test(key);
        return flat.flatMap((member, i) =>
          i % 2 === 0 ? [`${member}${scores ? ` ${flat[i + 1]}` : ""}`] : []
        );
      }
      case "hash": {
        const flat = await list("HGETALL", key);
        return flat.flatMap((field, i) => i % 2 === 0 ? [`${field} ${flat[i + 1]}`] : []).sort();
      }
      default:
        return null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.store.close(), this.direct.close()]);
    await this.redis[Symbol.asyncDispose]();
    await this.proxy[Symbol.asyncDispose]();
    await this.#past[Symbol.asyncDispose]();
    await removeKeys(this.#url, this.prefix);
  }
}

/** A place in line, where an entry of a lane or a claim has one: its gaps mean nothing. */
const PLACE = /^(?:-?\d{1,9}|(\d{16}\|)-?\d{1,9})([|!*^&])/;

/** Names of requests begin with one of these, a name of the process's own. */
function withoutTags(text: string, prefixes: ReadonlySet<string>): string {
  let short = text.slice(0, MOST_SHOWN);
  for (const prefix of prefixes) {
    if (short.includes(prefix)) {
      short = short.replaceAll(new RegExp(`${prefix}[0-9a-z]{1,6}`, "g"), "TAG");
    }
  }
  return short;
}
