/**
 * The metrics of one process: what it ran and asked of the store since it began, and what it uses.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { endNames, type PairCounts } from "../../metrics/attempt_counts.ts";
import type { Distribution } from "../../metrics/distribution.ts";
import type { ProcessMetrics } from "../../metrics/process_metrics.ts";
import {
  cpuSeconds,
  type MemoryUse,
  memoryUse,
  processStartSeconds,
  runtimeName,
} from "../../runtime/host.ts";
import { VERSION } from "../../version.ts";
import type { Family, Sample } from "./family.ts";

/** What is read of a process. */
export interface ProcessReading {
  readonly metrics: ProcessMetrics;
  readonly clock: Clock;
}

const PAIR = ["queue", "type"] as const;

/** All that a process tells of itself. */
export const processFamilies: readonly Family<ProcessReading>[] = [
  {
    name: "gqm_build",
    type: "info",
    help: "Versions of this package and of the runtime.",
    labels: ["version", "runtime"],
    isGeneral: true,
    read: () => [{ labels: [VERSION, runtimeName()], value: 1 }],
  },
  {
    name: "gqm_process_attempts",
    type: "counter",
    help: "Attempts that ended here, by how.",
    labels: [...PAIR, "outcome"],
    read: ({ metrics }) =>
      metrics.attempts.pairs.flatMap(({ queue, type, ends }) =>
        endNames.map((end) => ({ labels: [queue, type, end], value: ends[end] }))
      ),
  },
  {
    name: "gqm_process_run_duration_seconds",
    type: "histogram",
    unit: "seconds",
    help: "How long attempts ran that ended here, but for those released or lost.",
    labels: [...PAIR],
    read: (reading) => spread(reading, ({ runs }) => runs),
  },
  {
    name: "gqm_process_wait_duration_seconds",
    type: "histogram",
    unit: "seconds",
    help: "How long jobs had waited from when they were due until they were claimed here for " +
      "their first attempt; not of those that had parents.",
    labels: [...PAIR],
    read: (reading) => spread(reading, ({ waits }) => waits),
  },
  {
    name: "gqm_process_payload_bytes",
    type: "histogram",
    unit: "bytes",
    help: "Size of the payloads of attempts that ended here.",
    labels: [...PAIR],
    read: (reading) => spread(reading, ({ payloads }) => payloads),
  },
  {
    name: "gqm_process_pool_slots",
    type: "gauge",
    help: "Jobs that a pool of this process runs at the same time at most.",
    labels: ["pool"],
    read: ({ metrics }) =>
      metrics.pools().map(({ name, concurrency }) => ({ labels: [name], value: concurrency })),
  },
  {
    name: "gqm_process_pool_busy",
    type: "gauge",
    help: "Jobs that run now in a pool of this process.",
    labels: ["pool"],
    read: ({ metrics }) =>
      metrics.pools().map(({ name, busy }) => ({ labels: [name], value: busy })),
  },
  {
    name: "gqm_process_heartbeat_failures",
    type: "counter",
    help: "Heartbeats of this process that did not reach the store.",
    labels: [],
    read: ({ metrics }) => [{ labels: [], value: metrics.heartbeatFailures }],
  },
  {
    name: "gqm_process_store_call_duration_seconds",
    type: "histogram",
    unit: "seconds",
    help: "How long the store took to answer this process, by verb; also calls that failed.",
    labels: ["verb"],
    read: ({ metrics }) =>
      [...metrics.calls.verbs].map(([verb, { durations }]) => ({
        labels: [verb],
        value: durations,
      })),
  },
  {
    name: "gqm_process_store_call_failures",
    type: "counter",
    help: "Calls of this process that the store refused or did not answer, by verb.",
    labels: ["verb"],
    read: ({ metrics }) =>
      [...metrics.calls.verbs].map(([verb, { failures }]) => ({
        labels: [verb],
        value: failures,
      })),
  },
  {
    name: "gqm_process_upkeep_moved",
    type: "counter",
    help: "Jobs that the upkeep of this process moved, by step; reap takes them from servers " +
      "whose leases ended.",
    labels: ["step"],
    read: ({ metrics }) =>
      [...metrics.calls.moved].map(([step, moved]) => ({ labels: [step], value: moved })),
  },
  {
    name: "gqm_process_upkeep_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Time since the upkeep of this process last did a step; absent where it does none.",
    labels: [],
    read: ({ metrics: { calls: { steppedAt } }, clock }) =>
      steppedAt === undefined ? [] : [{ labels: [], value: (clock.mono() - steppedAt) / 1000 }],
  },
  {
    name: "gqm_process_heap_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Memory that objects take.",
    labels: [],
    isGeneral: true,
    read: () => memory(({ heap }) => heap),
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Memory that the process has of the machine.",
    labels: [],
    isGeneral: true,
    read: () => memory(({ resident }) => resident),
  },
  {
    name: "process_cpu_seconds",
    type: "counter",
    unit: "seconds",
    help: "Processor time that the process has used.",
    labels: [],
    isGeneral: true,
    read: () => one(cpuSeconds()),
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    unit: "seconds",
    help: "When the process began, since the epoch.",
    labels: [],
    isGeneral: true,
    read: () => one(processStartSeconds()),
  },
];

function spread(
  { metrics }: ProcessReading,
  of: (pair: PairCounts) => Distribution,
): Sample[] {
  return metrics.attempts.pairs.map((pair) => ({
    labels: [pair.queue, pair.type],
    value: of(pair),
  }));
}

function memory(of: (use: MemoryUse) => number): Sample[] {
  const use = memoryUse();
  return one(use && of(use));
}

function one(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ labels: [], value }];
}
