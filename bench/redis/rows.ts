/** From what the lanes gave to the rows of the table. */

import { type Bar, bars } from "../bars.ts";
import { percentile } from "../percentile.ts";
import type { Sample } from "./lanes.ts";

/** One row: a figure of one scenario. */
export interface RowPlan {
  readonly name: string;
  /** Name of its scenario. */
  readonly scenario: string;
  /** The figure, of either side. */
  readonly figure: (sample: Sample) => number;
  /** Redis CPU-µs per job, unless the figure is that. */
  readonly cpuUs?: (sample: Sample) => number;
  readonly bar?: Bar;
}

const rate = ({ jobs, ms }: Sample): number => jobs / of(ms, "ms") * 1000;
const millis = ({ ms }: Sample): number => of(ms, "ms");
const latency = (part: number) => ({ latenciesMs }: Sample): number =>
  percentile(of(latenciesMs, "latenciesMs"), part);
const cpu = (from: string, to: string) => (sample: Sample): number =>
  (gate(sample, to).cpuUs - gate(sample, from).cpuUs) / sample.jobs;
const bytes = (from: string, to: string) => (sample: Sample): number =>
  (gate(sample, to).memoryBytes - gate(sample, from).memoryBytes) / sample.jobs;
const cpuUs = cpu("start", "end");

/** All rows, in the order of the table. */
export const rowPlans: readonly RowPlan[] = [
  rateRow("enqueue one by one", "one by one", bars.enqueueOneByOne),
  rateRow("enqueue, 64 in flight", "in flight", bars.enqueueInFlight),
  rateRow("enqueue, batches of 1000", "batches", bars.enqueueBatches),
  rateRow("drain, concurrency 1", "drain 1", bars.drain1),
  rateRow("drain, concurrency 10", "drain 10", bars.drain10),
  rateRow("drain, concurrency 30", "drain 30", bars.drain30),
  rateRow("drain, concurrency 100", "drain 100", bars.drain100),
  rateRow("enqueue and process, concurrency 30", "end to end", bars.endToEnd),
  rateRow("the same with 100 KB payloads", "large payload", bars.largePayload),
  {
    name: "50 000 due at once, last started, ms",
    scenario: "due at once",
    figure: millis,
    cpuUs,
    bar: bars.dueAtOnce,
  },
  pickUpRow("p50", 0.5, bars.pickUpP50),
  pickUpRow("p99", 0.99, bars.pickUpP99),
  ...bytesRows("UUIDv7", "keep", bars.bytesWaiting, bars.bytesCompleted),
  ...bytesRows("own ids", "keep, own ids"),
  { name: "Redis CPU-µs, enqueue", scenario: "drain 100", figure: cpu("empty", "start") },
  { name: "Redis CPU-µs, run", scenario: "drain 100", figure: cpuUs },
  {
    name: "Redis CPU-µs, whole life",
    scenario: "drain 100",
    figure: cpu("empty", "end"),
    bar: bars.cpuWholeLife,
  },
];

function rateRow(what: string, scenario: string, bar: Bar): RowPlan {
  return { name: `${what}, jobs/s`, scenario, figure: rate, cpuUs, bar };
}

function pickUpRow(name: string, part: number, bar: Bar): RowPlan {
  return {
    name: `idle pick-up ${name}, ms`,
    scenario: "pick-up",
    figure: latency(part),
    cpuUs,
    bar,
  };
}

function bytesRows(ids: string, scenario: string, waiting?: Bar, completed?: Bar): RowPlan[] {
  const row = (status: string, bar: Bar | undefined): RowPlan => ({
    name: `bytes per ${status} job, ${ids}`,
    scenario,
    figure: bytes("empty", status),
    ...(bar === undefined ? {} : { bar }),
  });
  return [row("waiting", waiting), row("completed", completed)];
}

function gate(sample: Sample, name: string): Sample["gates"][string] {
  return of(sample.gates[name], `gate ${name}`);
}

function of<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new Error(`Cannot make the row as its lane must give "${what}": current value is nothing`);
}
