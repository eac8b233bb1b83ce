/** One empty store of each kind, for the benches that compare kinds of stores. */

import { join } from "node:path";
import { memoryStore, redisStore, sqliteStore, type Store } from "../mod.ts";
import { OwnRedis } from "./redis/own_redis.ts";

/** A kind of store. */
export interface Place extends AsyncDisposable {
  readonly kind: "memory" | "sqlite" | "redis";
  /** URL for other processes; absent where there can be none. */
  readonly url?: string;
  /** Makes a handle. */
  open(): Store;
}

/** Makes one of each, the Redis on a server of its own. */
export async function places(): Promise<readonly Place[]> {
  const directory = await Deno.makeTempDir({ prefix: "gqm-bench-" });
  const path = join(directory, "jobs.db");
  const redis = await OwnRedis.start();
  return [
    { kind: "memory", open: () => memoryStore(), [Symbol.asyncDispose]: () => Promise.resolve() },
    {
      kind: "sqlite",
      url: `sqlite:${path}`,
      open: () => sqliteStore(path),
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    },
    {
      kind: "redis",
      url: redis.url,
      open: () => redisStore(redis.url),
      [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
    },
  ];
}

/** What the figures were taken on. */
export function machine(): string {
  const { os, arch } = Deno.build;
  return `Deno ${Deno.version.deno}, ${os} ${arch}, ${navigator.hardwareConcurrency} cores`;
}
