/** The Redis that all tests share, and the part of it that one test may touch. */

import process from "node:process";
import { findRedis, REDIS_HELP } from "../../../tools/redis/binary.ts";
import { startOwned } from "../../../tools/redis/owned.ts";
import { RespClient } from "./resp_client.ts";

const KEYS_AT_ONCE = 500;

/**
 * URL of the Redis that all tests share: that of the test command, else that of `REDIS_URL`, else
 * one that ends with this process, for a test file that is run by hand. No test may flush it, stop
 * it or change its settings: such tests start a `RedisServer` of their own.
 */
export function testRedis(): string {
  // Kept in the environment, so that all files and threads of the process share one.
  process.env.GQM_TEST_REDIS ||= process.env.REDIS_URL || startOwned().url;
  return process.env.GQM_TEST_REDIS;
}

/** Why there is no shared Redis, or undefined if there is: a reason to skip a test. */
export function testRedisProblem(): string | undefined {
  const isThere = process.env.GQM_TEST_REDIS || process.env.REDIS_URL || findRedis();
  return isThere ? undefined : `Cannot test on Redis: ${REDIS_HELP}`;
}

/** A key prefix that no other test has, of small letters, digits and hyphens. */
export function uniquePrefix(): string {
  return `gqm-test-${crypto.randomUUID()}`;
}

/** Removes the keys that start with `prefix:`, `{prefix}:` or `{prefix:`, and no others. */
export async function removeKeys(url: string, prefix: string): Promise<void> {
  if (!/^[\w-]+$/.test(prefix)) {
    throw new RangeError(
      `Cannot remove keys as 'prefix' must be letters, digits, _ and -: current value is "${prefix}"`,
    );
  }
  await using client = await RespClient.connect(url);
  const beginnings = [`${prefix}:`, `{${prefix}}:`, `{${prefix}:`];
  let cursor = "0";
  do {
    const reply = await client.call("SCAN", cursor, "MATCH", `*${prefix}*`, "COUNT", "1000");
    const [next, found] = reply as [string, string[]];
    const keys = found.filter((key) => beginnings.some((beginning) => key.startsWith(beginning)));
    for (let i = 0; i < keys.length; i += KEYS_AT_ONCE) {
      await client.call("UNLINK", ...keys.slice(i, i + KEYS_AT_ONCE));
    }
    cursor = next;
  } while (cursor !== "0");
}
