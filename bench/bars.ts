/**
 * What must hold against BullMQ 6.7 on the same Redis and the same runtime.
 *
 * The figures are the budgets of the design (section 8), which come from
 * measurements of prototypes: ratios, since a shared machine moves the figures of
 * both sides together. Where the design names several figures for one line, each
 * belongs to the concurrency, percentile or status in the same place of the line.
 */

/** A budget. */
export interface Bar {
  /** What is held against it: our figure divided by BullMQ's, or our figure alone. */
  readonly of: "ratio" | "figure";
  readonly rule: "at least" | "at most";
  readonly limit: number;
  /** Where we want to be. */
  readonly stretch?: number;
}

/** The budgets, by row. */
export const bars = {
  enqueueOneByOne: faster(2, 2.5),
  enqueueInFlight: faster(3, 4),
  enqueueBatches: faster(5, 8),
  drain1: faster(2.5),
  drain10: faster(4),
  drain30: faster(4),
  drain100: faster(5),
  endToEnd: faster(4, 6),
  largePayload: faster(2),
  dueAtOnce: less(1 / 6),
  pickUpP50: less(0.55),
  pickUpP99: less(0.45),
  bytesWaiting: less(0.45),
  bytesCompleted: less(0.4),
  cpuWholeLife: { of: "figure", rule: "at most", limit: 25, stretch: 20 },
} as const satisfies Record<string, Bar>;

/** Whether a bar is held. */
export function isHeld(bar: Bar, figure: number, ratio: number): boolean {
  const value = bar.of === "ratio" ? ratio : figure;
  return bar.rule === "at least" ? value >= bar.limit : value <= bar.limit;
}

/** A bar in a few characters, such as "≥ 2× (2.5×)": what must be, and what is wanted. */
export function barText({ of, rule, limit, stretch }: Bar): string {
  const text = (value: number): string => of === "ratio" ? `${round(value)}×` : `${round(value)}`;
  const wanted = stretch === undefined ? "" : ` (${text(stretch)})`;
  return `${rule === "at least" ? "≥" : "≤"} ${text(limit)}${wanted}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function faster(limit: number, stretch?: number): Bar {
  return { of: "ratio", rule: "at least", limit, ...(stretch === undefined ? {} : { stretch }) };
}

function less(limit: number): Bar {
  return { of: "ratio", rule: "at most", limit };
}
