/** From what the lanes gave to the rows of the table. */

import type { BarName } from "../bars.ts";
import { percentile } from "../percentile.ts";
import { type Cost, costOf, gateOf } from "./cost.ts";
import type { Sample } from "./lanes.ts";

/** One row: a figure of one scenario. */
export interface RowPlan {
  readonly name: string;
  /** Name of its scenario. */
  readonly scenario: string;
  /** The figure, of any system. */
  readonly figure: (sample: Sample) => number;
  /** What its jobs cost, unless another row of the scenario says so. */
  readonly cost?: (sample: Sample) => Cost;
  readonly bar?: BarName;
}

const rate = ({ jobs, ms }: Sample): number => jobs / of(ms, "ms") * 1000;
const millis = ({ ms }: Sample): number => of(ms, "ms");
const addMillis = ({ addMs }: Sample): number => of(addMs, "addMs");
const latency = (part: number) => ({ latenciesMs }: Sample): number =>
  percentile(of(latenciesMs, "latenciesMs"), part);
const bytes = (to: string) => ({ gates, jobs }: Sample): number =>
  (gateOf(gates, to).redis.memoryBytes - gateOf(gates, "empty").redis.memoryBytes) / jobs;
const cost = (sample: Sample): Cost => costOf(sample, "start", "end");
const redisCpu = (from: string, to: string) => (sample: Sample): number =>
  costOf(sample, from, to).redisCpuUs;

/** All rows, in the order of the table. */
export const rowPlans: readonly RowPlan[] = [
  rateRow("enqueue one by one", "one by one", "enqueueOneByOne"),
  rateRow("enqueue, 64 in flight", "in flight", "enqueueInFlight"),
  rateRow("enqueue, batches of 1000", "batches", "enqueueBatches"),
  rateRow("drain, concurrency 1", "drain 1", "drain1"),
  rateRow("drain, concurrency 10", "drain 10", "drain10"),
  rateRow("drain, concurrency 30", "drain 30", "drain30"),
  rateRow("drain, concurrency 100", "drain 100", "drain100"),
  rateRow("enqueue and process, concurrency 30", "end to end", "endToEnd"),
  rateRow("10 types × 3 priorities, drain, concurrency 30", "mixed drain"),
  rateRow("10 types × 3 priorities, enqueue and process", "mixed end to end"),
  rateRow("10 KB payloads, enqueue and process", "10 KB"),
  rateRow("100 KB payloads, enqueue and process", "100 KB", "largePayload"),
  {
    ...{ name: "delayed jobs due at once, last started, ms", scenario: "due at once" },
    ...{ figure: millis, cost, bar: "dueAtOnce" },
  },
  {
    ...{ name: "parents with 100 children each, add + run, ms", scenario: "families" },
    ...{ figure: millis, cost, bar: "families" },
  },
  {
    ...{ name: "parents with 100 children each, add, ms", scenario: "families" },
    figure: addMillis,
  },
  {
    ...{ name: "parents with 100 children each, run, ms", scenario: "families" },
    figure: (sample) => millis(sample) - addMillis(sample),
  },
  {
    ...{ name: "idle pick-up p50, ms", scenario: "pick-up", figure: latency(0.5), cost },
    bar: "pickUpP50",
  },
  {
    ...{ name: "idle pick-up p99, ms", scenario: "pick-up", figure: latency(0.99) },
    bar: "pickUpP99",
  },
  ...bytesRows("UUIDv7", "keep", "bytesWaiting", "bytesCompleted"),
  ...bytesRows("own ids", "keep, own ids"),
  { name: "Redis CPU-µs, enqueue", scenario: "drain 100", figure: redisCpu("empty", "start") },
  { name: "Redis CPU-µs, run", scenario: "drain 100", figure: redisCpu("start", "end") },
  {
    ...{ name: "Redis CPU-µs, whole life", scenario: "drain 100" },
    ...{ figure: redisCpu("empty", "end"), bar: "cpuWholeLife" },
  },
  {
    ...{ name: "script calls per job, drain, concurrency 30", scenario: "drain 30" },
    ...{ figure: (sample) => cost(sample).scripts, bar: "scriptCalls" },
  },
];

function rateRow(what: string, scenario: string, bar?: BarName): RowPlan {
  return {
    ...{ name: `${what}, jobs/s`, scenario, figure: rate, cost },
    ...(bar === undefined ? {} : { bar }),
  };
}

function bytesRows(ids: string, scenario: string, waiting?: BarName, completed?: BarName) {
  const row = (status: string, bar: BarName | undefined): RowPlan => ({
    name: `bytes per ${status} job, ${ids}`,
    scenario,
    figure: bytes(status),
    ...(bar === undefined ? {} : { bar }),
  });
  return [row("waiting", waiting), row("completed", completed)];
}

function of<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new Error(`Cannot make the row as its lane must give "${what}": current value is nothing`);
}
