/**
 * How an end is counted.
 *
 * @module
 */

import type { JobStatus } from "../job/state.ts";

/** The count that a job adds to when it ends in a status. */
export function countedAs(status: JobStatus): "completed" | "dead" | "canceled" {
  return status === "completed" ? status : status === "dead_letter" ? "dead" : "canceled";
}
