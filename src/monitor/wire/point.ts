/**
 * Steps of a series on the wire.
 *
 * @module
 */

import type { Durations, SeriesPoint } from "../../insight/points.ts";
import { described, integer, nullable, number, object, type Schema } from "../schema.ts";

/** How attempts and jobs ended, on the wire. */
export const endsSchema: Readonly<Record<string, Schema>> = {
  completed: described(integer, "Jobs completed"),
  retried: described(integer, "Attempts that failed and are tried again"),
  dead: described(integer, "Jobs dead-lettered"),
  canceled: described(integer, "Jobs canceled or stopped"),
  lost: described(integer, "Attempts whose lease ended"),
};

/** How long something took, on the wire. */
export const durationsSchema: Schema = nullable(object({
  count: described(integer, "How many are known"),
  p50: described(number, "Milliseconds; half of them were not longer, and so on"),
  p95: number,
  p99: number,
}));

/** A step on the wire. */
export const pointSchema: Schema = object({
  at_ms: described(integer, "Where the step begins"),
  ...endsSchema,
  per_second: described(number, "Jobs completed per second of the step, as far as it has passed"),
  run_ms: described(durationsSchema, "How long attempts ran; null if none ended"),
  wait_ms: described(
    durationsSchema,
    "How long jobs waited from when they were due; null if none is known",
  ),
  depth: described(
    nullable(object({
      ready: integer,
      scheduled: integer,
      deferred: integer,
      processing: integer,
      retry: integer,
    })),
    "Jobs that had not ended when the step was sampled last; null if nobody sampled",
  ),
});

/** Puts a step on the wire. */
export function pointOnWire(point: SeriesPoint): object {
  const { at, completed, retried, dead, canceled, lost, throughput, runMs, waitMs, depth } = point;
  return {
    at_ms: at,
    ...{ completed, retried, dead, canceled, lost },
    per_second: rounded(throughput),
    run_ms: durationsOnWire(runMs),
    wait_ms: durationsOnWire(waitMs),
    depth,
  };
}

/** Puts durations on the wire. */
export function durationsOnWire(durations: Durations | null): object | null {
  if (durations === null) return null;
  const { count, p50, p95, p99 } = durations;
  return { count, p50: rounded(p50), p95: rounded(p95), p99: rounded(p99) };
}

/** A number with three decimals at most: more of them are not known. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
