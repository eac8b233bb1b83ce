/** One row of the tables: the figures of all systems, their ratios, and the bars. */

import { barsOf, barText, isHeld } from "../bars.ts";
import { median } from "../median.ts";
import { type Cost, medianCost } from "./cost.ts";
import type { Sample } from "./lanes.ts";
import type { RowPlan } from "./rows.ts";
import type { Scenario } from "./scenarios.ts";
import { others, ours, type SystemName } from "./systems.ts";

/** What the lanes of one scenario gave, by system, in the order of the rounds. */
export type Samples = ReadonlyMap<SystemName, readonly (Sample | Error)[]>;

/** The figures of one system. */
export interface Figures {
  /** Median of the rounds. */
  readonly median: number;
  /** The figure of each round; null if its lane failed. */
  readonly rounds: readonly (number | null)[];
  /** Medians of the rounds, each on its own. */
  readonly cost?: Cost;
}

/** Our figure divided by another's. */
export interface Ratio {
  /** Of the medians. */
  readonly value: number;
  /** The least and the greatest of a round, if there were several. */
  readonly range?: readonly [number, number];
}

/** Whether a bar is held. */
export interface Verdict {
  readonly bar: string;
  readonly isHeld: boolean;
  /** Whether what is wanted beyond it is reached; absent if nothing is. */
  readonly isStretchHeld?: boolean;
}

/** How one of our variants compares with the others. */
export interface Comparison {
  readonly ours: SystemName;
  readonly ratios: Readonly<Partial<Record<SystemName, Ratio>>>;
  readonly verdicts: readonly Verdict[];
}

/** A row, ready to be shown. */
export interface Row {
  readonly name: string;
  readonly jobs: number;
  readonly figures: Readonly<Partial<Record<SystemName, Figures>>>;
  readonly comparisons: readonly Comparison[];
  /** Systems that cannot do it, and why. */
  readonly cannot: Readonly<Partial<Record<SystemName, string>>>;
  /** What went wrong in lanes of this row; then nothing counts as held. */
  readonly failures: readonly string[];
}

/** Makes a row of what the lanes of its scenario gave. */
export function rowOf(plan: RowPlan, scenario: Scenario, samples: Samples): Row {
  const figures: Partial<Record<SystemName, Figures>> = {};
  for (const [name, found] of samples) {
    const made = figuresOf(plan, found);
    if (made !== undefined) figures[name] = made;
  }
  const failures = [...samples].flatMap(([name, found]) => failuresOf(name, found));
  return {
    name: plan.name,
    jobs: scenario.jobs,
    figures,
    comparisons: ours.filter((name) => samples.has(name)).map((name) =>
      comparisonOf(plan, name, figures, failures.length > 0)
    ),
    cannot: scenario.cannot,
    failures,
  };
}

function figuresOf(plan: RowPlan, samples: readonly (Sample | Error)[]): Figures | undefined {
  const good = samples.filter((sample): sample is Sample => !(sample instanceof Error));
  if (good.length === 0) return undefined;
  return {
    median: median(good.map(plan.figure)),
    rounds: samples.map((sample) => sample instanceof Error ? null : plan.figure(sample)),
    ...(plan.cost === undefined ? {} : { cost: medianCost(good.map(plan.cost)) }),
  };
}

function comparisonOf(
  { bar: barName }: RowPlan,
  name: SystemName,
  figures: Row["figures"],
  hasFailed: boolean,
): Comparison {
  const own = figures[name];
  const ratios: Partial<Record<SystemName, Ratio>> = {};
  for (const other of others) {
    const theirs = figures[other];
    if (own !== undefined && theirs !== undefined) ratios[other] = ratioOf(own, theirs);
  }
  const verdicts = (barName === undefined ? [] : barsOf(barName, name)).map((bar): Verdict => {
    const value = bar.of === "figure" ? own?.median : ratios[bar.against]?.value;
    const holds = (limit: number): boolean =>
      !hasFailed && value !== undefined && isHeld(bar, limit, value);
    const { stretch } = bar;
    return {
      bar: barText(bar),
      isHeld: holds(bar.limit),
      ...(stretch === undefined ? {} : { isStretchHeld: holds(stretch) }),
    };
  });
  return { ours: name, ratios, verdicts };
}

function ratioOf(own: Figures, theirs: Figures): Ratio {
  const value = own.median / theirs.median;
  const rounds = own.rounds.flatMap((figure, round) => {
    const other = theirs.rounds[round];
    return figure === null || other === null || other === undefined ? [] : [figure / other];
  });
  if (rounds.length < 2) return { value };
  return { value, range: [Math.min(...rounds), Math.max(...rounds)] };
}

/** Each message once, with the number of rounds. */
function failuresOf(name: SystemName, samples: readonly (Sample | Error)[]): string[] {
  const messages = samples.flatMap((sample) => sample instanceof Error ? [sample.message] : []);
  return [...new Set(messages)].map((message) => {
    const times = messages.filter((other) => other === message).length;
    return `${name}, ${times} of ${samples.length} rounds: ${message}`;
  });
}
