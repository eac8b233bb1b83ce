/**
 * What it costs to take a waiting job out of a lane of some length: searching
 * the list for its entry, or leaving the entry as a tombstone that a claim
 * passes over.
 */

import type { Redis } from "ioredis";
import { cpuUs } from "./redis.ts";

/** Redis CPU-µs of one removal. */
export interface Removal {
  readonly length: number;
  readonly searched: number;
  readonly tombstone: number;
}

const REMOVALS = 200;
const TOMBSTONE =
  `redis.call('HSET',KEYS[1],ARGV[1],ARGV[2]) redis.call('HINCRBY',KEYS[2],ARGV[3],1)`;

/** Measures both ways, in the middle of the lane. */
export async function measureRemoval(redis: Redis, length: number): Promise<Removal> {
  await redis.flushall();
  const entry = (i: number): string => `${i}|~AbCdEfGhIjKlMnOpQrSt${String(i).padStart(8, "0")}`;
  for (let i = 0; i < length; i += 5000) {
    const size = Math.min(5000, length - i);
    await redis.rpush("lane", ...Array.from({ length: size }, (_, j) => entry(i + j)));
  }
  const middle = Math.floor(length / 2);
  const each = async (remove: (i: number) => Promise<unknown>): Promise<number> => {
    const start = await cpuUs(redis);
    for (let i = 0; i < REMOVALS; i++) await remove(middle + i);
    return (await cpuUs(redis) - start) / REMOVALS;
  };
  const searched = await each((i) => redis.lrem("lane", 1, entry(i)));
  const tombstone = await each((i) =>
    redis.eval(TOMBSTONE, 2, "state", "dead", entry(i), "7|canceled", "lane")
  );
  return { length, searched, tombstone };
}
