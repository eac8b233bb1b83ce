/**
 * Histograms and depths as the stores keep them: `first:n,n,,n`, the counts of the buckets from the
 * first on, nothing for 0; and five counts with commas between them.
 *
 * @module
 */

import type { Histogram } from "../insight/buckets.ts";
import { depthStatuses, toDepth } from "./depth.ts";
import type { Depth } from "./insight_stage.ts";

/** Writes a histogram; empty for none. */
export function encodeHistogram(counts: ReadonlyMap<number, number>): string {
  if (counts.size === 0) return "";
  const first = Math.min(...counts.keys());
  const last = Math.max(...counts.keys());
  let text = `${first}:`;
  for (let bucket = first; bucket <= last; bucket++) {
    text += (bucket > first ? "," : "") + (counts.get(bucket) ?? "");
  }
  return text;
}

/** Reads a histogram; what cannot be read counts for nothing. */
export function decodeHistogram(text: string): Histogram {
  const colon = text.indexOf(":");
  if (colon < 1) return [];
  const first = Number(text.slice(0, colon));
  return text.slice(colon + 1).split(",")
    .map((count, i) => [first + i, Number(count)] as const)
    .filter(([, count]) => count > 0);
}

/** Writes a depth; empty for none. */
export function encodeDepth(depth: Depth | null): string {
  return depth === null ? "" : depthStatuses.map((status) => depth[status]).join(",");
}

/** Reads a depth. */
export function decodeDepth(text: string): Depth | null {
  if (text === "") return null;
  const counts = text.split(",").map(Number);
  return toDepth((status) => counts[depthStatuses.indexOf(status)] ?? 0);
}
