import { assert, assertEquals } from "@std/assert";
import {
  boundOf,
  boundsOf,
  bucketOf,
  countOf,
  type Histogram,
  LAST_BUCKET,
  mergeHistograms,
  percentileOf,
  toHistogram,
} from "../../../src/insight/buckets.ts";
import { seededRng } from "../../../src/rng.ts";

function histogramOf(values: readonly number[]): Histogram {
  return mergeHistograms(values.map((ms) => [[bucketOf(ms), 1]]));
}

Deno.test("bucketOf and boundsOf agree at both edges of every bucket", () => {
  for (let bucket = 0; bucket <= LAST_BUCKET; bucket++) {
    const [from, to] = boundsOf(bucket);
    assertEquals(bucketOf(from), bucket, `${from} ms`);
    if (to === Infinity) continue;
    assertEquals(bucketOf(to), bucket + 1, `${to} ms`);
    assertEquals(bucketOf(to - to * Number.EPSILON), bucket, `just below ${to} ms`);
    if (bucket > 0) assert(to / from <= 1.25, `${from} to ${to} ms`);
  }
});

Deno.test("bucketOf counts what is no duration as none, and what is too long in the last bucket", () => {
  for (const ms of [NaN, -1, -Infinity, 0, 0.99]) assertEquals(bucketOf(ms), 0);
  for (const ms of [2 ** 31, 2 ** 53, Infinity]) assertEquals(bucketOf(ms), LAST_BUCKET);
});

Deno.test("percentileOf is at most 25 % from the truth, for durations of any spread", () => {
  const random = seededRng(7);
  for (const spread of [1, 3, 8, 20]) {
    const values = Array.from({ length: 2000 }, () => 2 ** (random() * spread)).sort((a, b) =>
      a - b
    );
    const histogram = histogramOf(values);
    for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
      const exact = values[Math.ceil(share * values.length) - 1]!;
      const found = percentileOf(histogram, share)!;
      assert(
        Math.abs(found - exact) / exact <= 0.25,
        `${share} of 2^${spread}: ${found}, ${exact}`,
      );
    }
  }
});

Deno.test("percentileOf gives null of nothing, and the beginning of the last bucket", () => {
  assertEquals(percentileOf([], 0.5), null);
  assertEquals(percentileOf([[LAST_BUCKET, 3]], 0.99), 2 ** 31);
  assertEquals(percentileOf([[0, 1]], 1), 1);
});

Deno.test("boundOf is above all durations", () => {
  assertEquals(boundOf([]), null);
  assertEquals(boundOf(histogramOf([3, 100])), 112);
  assertEquals(boundOf([[LAST_BUCKET, 1]]), Infinity);
});

Deno.test("mergeHistograms adds the counts of each bucket, in order", () => {
  const merged = mergeHistograms([[[3, 1], [9, 2]], [], [[1, 5], [9, 1]]]);
  assertEquals(merged, [[1, 5], [3, 1], [9, 3]]);
  assertEquals(countOf(merged), 9);
  assertEquals(toHistogram(new Map([[4, 1], [2, 2]])), [[2, 2], [4, 1]]);
});
