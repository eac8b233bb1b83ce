/**
 * Durations counted in buckets whose width grows with them: four to each
 * doubling, so that a handful of numbers tells percentiles of any spread, and
 * counts of several processes, types or minutes are merged by adding them.
 *
 *     bucket 0      less than 1 ms
 *     1 + 4e + s    from 2^e (1 + s/4) to 2^e (1 + (s+1)/4) ms; e from 0 to 30, s from 0 to 3
 *     125           2^31 ms (24.8 days) and more
 *
 * A bucket's upper bound is at most 25 % above its lower one; so far is a
 * percentile from the truth at most, for durations from 1 ms to 24.8 days.
 *
 * @module
 */

/** The last bucket: everything from 2^31 ms on. */
export const LAST_BUCKET = 125;

const LAST_BOUND_MS = 2 ** 31;

/** How many durations fell into which bucket: pairs of bucket and count > 0, by bucket. */
export type Histogram = readonly (readonly [bucket: number, count: number])[];

/** The bucket of a duration in milliseconds; 0 for what is no number, or negative. */
export function bucketOf(ms: number): number {
  if (!(ms >= 1)) return 0;
  if (ms >= LAST_BOUND_MS) return LAST_BUCKET;
  const exponent = 31 - Math.clz32(ms);
  return 1 + 4 * exponent + Math.floor((ms / 2 ** exponent - 1) * 4);
}

/** Where a bucket begins and ends, in milliseconds; the end is not in it. */
export function boundsOf(bucket: number): readonly [fromMs: number, toMs: number] {
  if (bucket === 0) return [0, 1];
  if (bucket >= LAST_BUCKET) return [LAST_BOUND_MS, Infinity];
  const unit = 2 ** Math.floor((bucket - 1) / 4);
  const part = (bucket - 1) % 4;
  return [unit * (1 + part / 4), unit * (1 + (part + 1) / 4)];
}

/** Adds histograms up. */
export function mergeHistograms(histograms: Iterable<Histogram>): Histogram {
  const counts = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return toHistogram(counts);
}

/** Counts by bucket, in order. */
export function toHistogram(counts: ReadonlyMap<number, number>): Histogram {
  return [...counts].sort(([a], [b]) => a - b);
}

/** How many durations a histogram has. */
export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0);
}

/**
 * The duration in milliseconds that a share of all is not above; null if there
 * are none. Within a bucket they count as spread evenly; in the last one, as at
 * its beginning.
 *
 * @param share From 0 to 1, such as 0.95.
 *
 * @example
 * ```ts ignore
 * percentileOf([[bucketOf(100), 99], [bucketOf(5000), 1]], 0.5); // between 96 and 112
 * ```
 */
export function percentileOf(histogram: Histogram, share: number): number | null {
  let left = share * countOf(histogram);
  let found: number | null = null;
  for (const [bucket, count] of histogram) {
    const [from, to] = boundsOf(bucket);
    const part = Math.max(0, Math.min(1, left / count));
    found = to === Infinity ? from : from + (to - from) * part;
    if (left <= count) break;
    left -= count;
  }
  return found;
}

/** A bound in milliseconds that no duration reached; null if there are none, Infinity for the last bucket. */
export function boundOf(histogram: Histogram): number | null {
  const last = histogram.at(-1);
  return last === undefined ? null : boundsOf(last[0])[1];
}
