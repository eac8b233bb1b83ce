/**
 * The delay before a retry: pure arithmetic.
 *
 * @module
 */

import type { BackoffPolicy } from "../job/backoff.ts";
import type { Rng } from "../rng.ts";

/** A delay that code computes: milliseconds before the n-th retry (1 for the first). */
export type BackoffFunction = (retry: number, error: unknown) => number;

/** 10 s, always. */
export const defaultBackoff: BackoffPolicy = { type: "fixed" };

const DEFAULT_BASE_MS = 10_000;
const DEFAULT_MAX_MS = 24 * 60 * 60 * 1000;
const DEFAULT_EXPONENT = 4;

/**
 * Milliseconds before the n-th retry. Jitter takes a part away, so that `maxMs`
 * holds; with jitter 1 this is the "full jitter" of Marc Brooker's "Exponential
 * Backoff And Jitter" (AWS Architecture Blog, 2015).
 *
 * @param policy How the delay grows from one retry to the next.
 * @param retry Number of the retry, from 1.
 * @param rng Source of chance, for jitter. Without one, jitter takes nothing away.
 *
 * @example
 * ```ts
 * import { retryDelayMs } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * equal(retryDelayMs({ type: "exponential", baseMs: 1000 }, 3), 4000);
 * equal(retryDelayMs({ type: "custom", intervals: [100, 500] }, 7), 500);
 * ```
 */
export function retryDelayMs(policy: BackoffPolicy, retry: number, rng: Rng = () => 0): number {
  const { baseMs = DEFAULT_BASE_MS, maxMs = DEFAULT_MAX_MS, jitter = 0 } = policy;
  const delay = Math.min(maxMs, growth(policy, baseMs, Math.max(1, retry)));
  return Math.round(delay * (1 - jitter * rng()));
}

function growth(policy: BackoffPolicy, baseMs: number, n: number): number {
  switch (policy.type) {
    case "fixed":
      return baseMs;
    case "linear":
      return baseMs * n;
    case "exponential":
      return baseMs * 2 ** (n - 1);
    case "polynomial":
      return baseMs * n ** (policy.exponent ?? DEFAULT_EXPONENT);
    case "custom": {
      const intervals = policy.intervals ?? [baseMs];
      return intervals[Math.min(n, intervals.length) - 1]!;
    }
    default:
      return policy.type satisfies never;
  }
}
