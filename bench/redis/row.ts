/** One row of the table: both sides' figures, their ratio, and the bar. */

import { barText, isHeld } from "../bars.ts";
import { median } from "../median.ts";
import { type Sample, type Side, sides } from "./lanes.ts";
import type { RowPlan } from "./rows.ts";
import type { Samples } from "./run.ts";

/** A row, ready to be shown. */
export interface Row {
  readonly name: string;
  /** Medians of the rounds. */
  readonly figures: Readonly<Partial<Record<Side, number>>>;
  /** Medians of Redis CPU-µs per job. */
  readonly cpuUs: Readonly<Partial<Record<Side, number>>>;
  /** Our figure divided by BullMQ's. */
  readonly ratio?: number;
  /** The least and the greatest ratio of a round, if there were several. */
  readonly ratios?: readonly [number, number];
  readonly bar?: string;
  readonly held?: boolean;
  /** What went wrong in lanes of this row; then nothing counts as held. */
  readonly failures: readonly string[];
}

/** Makes a row of what the lanes of its scenario gave. */
export function rowOf(plan: RowPlan, samples: Samples): Row {
  const good = (side: Side): Sample[] =>
    samples[side].filter((sample) => !(sample instanceof Error)) as Sample[];
  const failures = sides.flatMap((side) => failuresOf(side, samples[side]));
  const medians = (of: (sample: Sample) => number): Row["figures"] =>
    Object.fromEntries(
      sides.filter((side) => good(side).length > 0)
        .map((side) => [side, median(good(side).map(of))]),
    );
  const figures = medians(plan.figure);
  const row = {
    name: plan.name,
    figures,
    cpuUs: plan.cpuUs === undefined ? {} : medians(plan.cpuUs),
    failures,
    ...(plan.bar === undefined ? {} : { bar: barText(plan.bar) }),
  };
  const { gqm, bullmq } = figures;
  if (gqm === undefined || bullmq === undefined) {
    return plan.bar === undefined ? row : { ...row, held: false };
  }
  const ratio = gqm / bullmq;
  const ratios = samples.gqm.flatMap((ours, round) => {
    const theirs = samples.bullmq[round];
    if (ours instanceof Error || theirs === undefined || theirs instanceof Error) return [];
    return [plan.figure(ours) / plan.figure(theirs)];
  });
  return {
    ...row,
    ratio,
    ...(ratios.length < 2 ? {} : { ratios: [Math.min(...ratios), Math.max(...ratios)] }),
    ...(plan.bar === undefined
      ? {}
      : { held: failures.length === 0 && isHeld(plan.bar, gqm, ratio) }),
  };
}

/** Each message once, with the number of rounds. */
function failuresOf(side: Side, samples: readonly (Sample | Error)[]): string[] {
  const messages = samples.flatMap((sample) => sample instanceof Error ? [sample.message] : []);
  return [...new Set(messages)].map((message) => {
    const times = messages.filter((other) => other === message).length;
    return `${side}, ${times} of ${samples.length} rounds: ${message}`;
  });
}
