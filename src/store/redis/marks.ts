/**
 * The marks of an attempt that has ended, as `lua/shared/tape.lua` has them: two characters for the
 * buckets of the times that it ran and waited.
 *
 * @module
 */

import { bucketOf, LAST_BUCKET } from "../../insight/buckets.ts";
import type { Outcome } from "../store.ts";

const NEWLINE = 10;
/** Stands for a time that is not known. */
const NONE = String.fromCharCode(127);

/** Characters by bucket: all of ASCII but the newline, which ends the marks, and the last. */
const characters: readonly string[] = Array.from(
  { length: LAST_BUCKET + 1 },
  (_, bucket) => String.fromCharCode(bucket < NEWLINE ? bucket : bucket + 1),
);

/** The marks of an outcome. */
export function marksOf({ ranMs, waitedMs }: Outcome): string {
  const waited = waitedMs === undefined ? NONE : characters[bucketOf(waitedMs)]!;
  return characters[bucketOf(ranMs)]! + waited;
}
