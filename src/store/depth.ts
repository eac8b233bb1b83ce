/**
 * Numbers of jobs that have not ended, by status.
 *
 * @module
 */

import type { Depth } from "./insight_stage.ts";

/** Statuses of jobs that have not ended, in the order in which stores write their counts. */
export const depthStatuses = ["ready", "scheduled", "deferred", "processing", "retry"] as const;

/** Makes a depth of a count for each status. */
export function toDepth(countOf: (status: keyof Depth) => number): Depth {
  return {
    ready: countOf("ready"),
    scheduled: countOf("scheduled"),
    deferred: countOf("deferred"),
    processing: countOf("processing"),
    retry: countOf("retry"),
  };
}
