/**
 * What limits are counted with. Rules and their counts have names: `t:TYPE`, `k:KEY`,
 * and for a rule per key `p:TYPE` with a count for each `p:TYPE NL KEY`.
 *
 * A bucket is counted in whole numbers, so that all stores agree: a token is worth
 * `perMs` parts, and each millisecond brings `count` of them.
 *
 * @module
 */

import type { LimitRate, LimitTarget } from "./limit_stage.ts";

/** A bucket from which tokens were taken. One that is not there is full. */
export interface Bucket {
  /** Parts in it, at that time. */
  readonly level: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What a token was worth then. */
  readonly perMs: number;
  /**
   * When it counts as full again, by the rate of then. A rule whose rate changes takes its bucket
   * along (`carriedOver`); those of a rule per key are too many for that, and keep this time.
   */
  readonly fullAt: number;
}

/** The name of a rule. */
export function ruleName(target: LimitTarget): string {
  if ("key" in target) return `k:${target.key}`;
  return `${target.perKey === true ? "p" : "t"}:${target.type}`;
}

/** The target of a rule. */
export function targetOf(name: string): LimitTarget {
  const rest = name.slice(2);
  if (name.startsWith("k:")) return { key: rest };
  return name.startsWith("p:") ? { type: rest, perKey: true } : { type: rest };
}

/** The name of the count of one key of a rule per key. */
export function perKeyName(type: string, key: string): string {
  return `p:${type}\n${key}`;
}

/** The parts in a bucket now. */
export function levelAt(
  { count, perMs, burst }: LimitRate,
  bucket: Bucket | undefined,
  now: number,
): number {
  const full = burst * perMs;
  if (bucket === undefined || bucket.fullAt <= now) return full;
  const kept = bucket.perMs === perMs
    ? bucket.level
    : Math.floor(bucket.level * perMs / bucket.perMs);
  return Math.min(full, kept + Math.max(0, now - bucket.at) * count);
}

/** The bucket with so many parts now. */
export function bucketOf({ count, perMs, burst }: LimitRate, level: number, now: number): Bucket {
  return { level, at: now, perMs, fullAt: now + Math.ceil((burst * perMs - level) / count) };
}

/**
 * The bucket of a rule whose rate changes: it keeps its tokens as far as the new burst goes, and
 * fills by the new rate. Undefined if it is full.
 *
 * @param from The rate until now; undefined if there was none: then it filled by the new one.
 */
export function carriedOver(
  bucket: Bucket,
  from: LimitRate | undefined,
  to: LimitRate,
  now: number,
): Bucket | undefined {
  const old = from ?? to;
  const level = levelAt(old, bucket, now);
  if (level === old.burst * old.perMs) return undefined;
  const kept = bucketOf(to, levelAt(to, bucketOf(old, level, now), now), now);
  return kept.fullAt > now ? kept : undefined;
}

/** Whether two rates are the same. */
export function isSameRate(one: LimitRate | undefined, other: LimitRate | undefined): boolean {
  return one?.count === other?.count && one?.perMs === other?.perMs && one?.burst === other?.burst;
}

/** Whole tokens in a bucket. */
export function tokensIn({ perMs }: LimitRate, level: number): number {
  return Math.floor(level / perMs);
}

/** Milliseconds until there is one whole token more; null if the bucket is full. */
export function untilToken(
  { count, perMs, burst }: LimitRate,
  bucket: Bucket | undefined,
  now: number,
): number | null {
  const level = levelAt({ count, perMs, burst }, bucket, now);
  const next = (tokensIn({ count, perMs, burst }, level) + 1) * perMs;
  if (bucket === undefined || next > burst * perMs) return null;
  // By another rate than that of then it may be full before the token would come.
  return Math.min(Math.ceil((next - level) / count), bucket.fullAt - now);
}
