/**
 * What must hold against BullMQ 6.7 and bee-queue 2 on the same Redis and the same runtime.
 *
 * The figures are the budgets of the design (section 8), which come from
 * measurements of prototypes: ratios, since a shared machine moves the figures of
 * all sides together. Where the design names several figures for one line, each
 * belongs to the concurrency, percentile or status in the same place of the line.
 */

import type { SystemName } from "./redis/systems.ts";

/** A budget. */
export interface Bar {
  /** What is held against it: our figure divided by another's, or our figure alone. */
  readonly of: "ratio" | "figure";
  /** Whose figure ours is divided by. */
  readonly against: SystemName;
  readonly rule: "at least" | "at most";
  readonly limit: number;
  /** Where we want to be. */
  readonly stretch?: number;
}

/** Name of the bars of a row. */
export type BarName = keyof typeof bars;

const beeQueue: Bar = { ...faster(1.5), against: "bee-queue" };

/** The budgets, by row. */
export const bars = {
  enqueueOneByOne: [faster(2, 2.5)],
  enqueueInFlight: [faster(3, 4)],
  enqueueBatches: [faster(5, 8)],
  drain1: [faster(5)],
  drain10: [faster(5), beeQueue],
  drain30: [faster(5), beeQueue],
  drain100: [faster(8, 10), beeQueue],
  endToEnd: [faster(4, 6), beeQueue],
  largePayload: [faster(2)],
  dueAtOnce: [less(1 / 6)],
  families: [less(1 / 4)],
  pickUpP50: [less(0.55)],
  pickUpP99: [less(0.45)],
  bytesWaiting: [less(0.45)],
  bytesCompleted: [less(0.4)],
  cpuWholeLife: [{ ...less(25, 20), of: "figure" }],
  scriptCalls: [{ ...less(0.15), of: "figure" }],
} as const satisfies Record<string, readonly Bar[]>;

/** What a variant of ours must hold instead, where the design asks for something else of it. */
const ofVariants: Readonly<Record<string, Readonly<Partial<Record<BarName, readonly Bar[]>>>>> = {
  "gqm, prefetch 0": {
    drain1: [faster(2.5)],
    drain10: [faster(4), beeQueue],
    drain30: [faster(4), beeQueue],
    drain100: [faster(5), beeQueue],
  },
};

/** The bars of a row for one of our variants. */
export function barsOf(name: BarName, ours: string): readonly Bar[] {
  return ofVariants[ours]?.[name] ?? bars[name];
}

/** Whether a limit, or a stretch, is held. */
export function isHeld({ rule }: Bar, limit: number, value: number): boolean {
  return rule === "at least" ? value >= limit : value <= limit;
}

/** A bar in a few characters, such as "≥ 2× (2.5×)": what must be, and what is wanted. */
export function barText({ of, against, rule, limit, stretch }: Bar): string {
  const text = (value: number): string => of === "ratio" ? `${round(value)}×` : `${round(value)}`;
  const wanted = stretch === undefined ? "" : ` (${text(stretch)})`;
  const whose = of === "figure" || against === "bullmq" ? "" : ` ${against}`;
  return `${rule === "at least" ? "≥" : "≤"} ${text(limit)}${wanted}${whose}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function faster(limit: number, stretch?: number): Bar {
  return bar("at least", limit, stretch);
}

function less(limit: number, stretch?: number): Bar {
  return bar("at most", limit, stretch);
}

function bar(rule: Bar["rule"], limit: number, stretch: number | undefined): Bar {
  const wanted = stretch === undefined ? {} : { stretch };
  return { of: "ratio", against: "bullmq", rule, limit, ...wanted };
}
