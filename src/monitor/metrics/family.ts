/**
 * A metric family: a name under which numbers are told to Prometheus and others, and what they mean.
 *
 * @module
 */

import type { Distribution } from "../../metrics/distribution.ts";

/** One number, or how values are spread, of one combination of labels. */
export interface Sample {
  /** Values of the family's labels, in their order; an empty one counts as absent. */
  readonly labels: readonly string[];
  /** Of a histogram a distribution, else a number. */
  readonly value: number | Distribution;
}

/** A metric family. */
export interface Family<R = never> {
  /** Its name without what its type adds (`_total`, `_info`); it ends with the unit, if there is one. */
  readonly name: string;
  /** What kind of numbers: of an `info` its labels are what it tells. */
  readonly type: "gauge" | "counter" | "histogram" | "info";
  /** The unit, if there is one. */
  readonly unit?: "seconds" | "bytes";
  /** What it means, in a sentence without quotes and backslashes. */
  readonly help: string;
  /** Names of the labels. */
  readonly labels: readonly string[];
  /** Set if it tells nothing of queues, so that those may see it who see only some. */
  readonly isGeneral?: boolean;

  /** Its samples, read from what it is about. */
  read(from: R): Iterable<Sample>;
}

/** A family without what it is read from. */
export type FamilyHead = Omit<Family, "read">;

/** What the type adds to the name of a sample. */
const SUFFIXES: Readonly<Record<Family["type"], string>> = {
  gauge: "",
  histogram: "",
  counter: "_total",
  info: "_info",
};

/** The name that samples of a family have; those of a histogram add `_bucket`, `_count` and `_sum`. */
export function sampleName({ name, type }: FamilyHead): string {
  return name + SUFFIXES[type];
}
