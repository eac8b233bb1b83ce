/**
 * How many requests a client may send: a bucket of tokens for each address.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { ApiError } from "./errors.ts";

/** How much above the rate may come at once. */
const BURST_SECONDS = 2;
/** After so long without a request a client is forgotten, in milliseconds. */
const IDLE_MS = 5 * 60_000;
/** Most clients that are remembered; beyond them, those that were silent longest are forgotten. */
const MOST_CLIENTS = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Lets each client send so many requests per second. */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #clock: Clock;
  /** The one that was used last stands at the end. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param perSecond Requests per second; twice as many may come at once. @param clock Time. */
  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /**
   * Counts a request.
   *
   * @throws {ApiError} `RATE_LIMITED` if the client has sent too many.
   */
  take(client: string): void {
    const now = this.#clock.mono();
    const full = this.#perSecond * BURST_SECONDS;
    const bucket = this.#buckets.get(client) ?? { tokens: full, at: now };
    const tokens = Math.min(full, bucket.tokens + (now - bucket.at) / 1000 * this.#perSecond);
    this.#buckets.delete(client);
    this.#buckets.set(client, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    this.#forget(now);
    if (tokens >= 1) return;
    const seconds = Math.ceil((1 - tokens) / this.#perSecond);
    throw new ApiError("RATE_LIMITED", "too many requests", { "retry-after": `${seconds}` });
  }

  #forget(now: number): void {
    for (const [client, { at }] of this.#buckets) {
      if (now - at < IDLE_MS && this.#buckets.size <= MOST_CLIENTS) return;
      this.#buckets.delete(client);
    }
  }
}
