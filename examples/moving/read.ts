/** How the scripts of this folder read the Redis of another system: in pages, and nothing is changed. */

import type { Redis } from "ioredis";

const PAGE = 500;

/** The entries of a list from its right end, where the next one is taken. Pushes at the left do no harm. */
export async function* fromRight(redis: Redis, key: string): AsyncGenerator<string> {
  for (let taken = 0;; taken += PAGE) {
    const page = await redis.lrange(key, -(taken + PAGE), -(taken + 1));
    yield* page.reverse();
    if (page.length < PAGE) return;
  }
}

/** The members of a sorted set with their scores, the lowest first. */
export async function* byScore(
  redis: Redis,
  key: string,
): AsyncGenerator<readonly [member: string, score: number]> {
  for (let start = 0;; start += PAGE) {
    const page = await redis.zrange(key, String(start), String(start + PAGE - 1), "WITHSCORES");
    for (let i = 0; i + 1 < page.length; i += 2) yield [page[i]!, Number(page[i + 1])];
    if (page.length < 2 * PAGE) return;
  }
}

/**
 * Reads JSON, and refuses what JavaScript would change without a word.
 *
 * @throws {RangeError} If a whole number is too large.
 * @throws {SyntaxError} If it is no JSON.
 */
export function exactly(text: string): unknown {
  return JSON.parse(text, (key, value) => {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new RangeError(
        `Cannot carry over '${key}' as whole numbers must be below 2^53: current value is ${value}`,
      );
    }
    return value;
  });
}
