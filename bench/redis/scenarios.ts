/** What is measured: the lanes that each round runs, and their sizes. */

import { FAMILY_JOBS } from "../lane/work/families.ts";
import type { SystemName } from "./systems.ts";

/** One lane of each system per round. */
export interface Scenario {
  readonly name: string;
  /** Its work, by its name in `bench/lane/work/works.ts`. */
  readonly work: string;
  readonly jobs: number;
  readonly warmUpJobs: number;
  readonly concurrency: number;
  readonly payloadBytes: number;
  readonly types: number;
  readonly priorities: number;
  /** Systems that cannot do it, and why. */
  readonly cannot: Readonly<Partial<Record<SystemName, string>>>;
  /** Most rounds, for what hardly varies. */
  readonly rounds?: number;
}

/** Retained jobs of one type and queue are 100 000 by default; those of the warm-up count too. */
export const MAX_JOBS = 90_000;
/** Jobs for which the sizes are those of the design. */
export const USUAL_JOBS = 20_000;
/** How many times as many the rows have that would be over while the runtime still compiles. */
const LONG = 4.5;

const usual = { concurrency: 1, payloadBytes: 100, types: 1, priorities: 1, cannot: {} };
const noStore = { floor: "stores no jobs" } as const;

/**
 * All scenarios.
 *
 * @param jobs Jobs of a usual scenario; others take a part or a multiple of it.
 */
export function scenariosFor(jobs: number): readonly Scenario[] {
  const part = (divisor: number): number => Math.ceil(jobs / divisor);
  const many = { ...usual, jobs, warmUpJobs: part(10) };
  const long = { ...many, jobs: Math.min(MAX_JOBS, Math.ceil(jobs * LONG)) };
  const few = { ...usual, jobs: part(4), warmUpJobs: part(20) };
  const most = { ...usual, jobs: Math.min(MAX_JOBS, Math.ceil(jobs * 2.5)), warmUpJobs: part(10) };
  const keep = { ...most, concurrency: 100, cannot: noStore };
  const endToEnd = { ...long, work: "endToEnd", concurrency: 30 };
  const mixed = {
    ...{ types: 10, priorities: 3, concurrency: 30 },
    cannot: { "bee-queue": "has neither types nor priorities" },
  } as const;
  return [
    { name: "one by one", work: "enqueueOneByOne", ...few },
    { name: "in flight", work: "enqueueInFlight", ...many },
    { name: "batches", work: "enqueueBatches", ...many },
    { name: "drain 1", work: "drain", ...few },
    { name: "drain 10", work: "drain", ...long, concurrency: 10 },
    { name: "drain 30", work: "drain", ...long, concurrency: 30 },
    { name: "drain 100", work: "drain", ...long, concurrency: 100 },
    { name: "end to end", ...endToEnd },
    { name: "mixed drain", work: "drain", ...long, ...mixed },
    { name: "mixed end to end", ...endToEnd, ...mixed },
    {
      ...{ name: "10 KB", ...endToEnd, payloadBytes: 10_000 },
      ...{ jobs: part(4), warmUpJobs: part(40) },
    },
    {
      ...{ name: "100 KB", ...endToEnd, payloadBytes: 100_000 },
      ...{ jobs: part(20), warmUpJobs: part(200) },
    },
    { name: "due at once", work: "dueAtOnce", ...most, concurrency: 100, cannot: noStore },
    {
      ...{ name: "families", work: "families", ...usual, concurrency: 100 },
      ...{ jobs: part(200) * FAMILY_JOBS, warmUpJobs: part(4000) * FAMILY_JOBS },
      cannot: { ...noStore, "bee-queue": "has no jobs that wait for others" },
    },
    { name: "pick-up", work: "pickUp", ...usual, jobs: Math.min(300, part(10)), warmUpJobs: 30 },
    { name: "keep", work: "keep", ...keep },
    { name: "keep, own ids", work: "keepOwnIds", ...keep, rounds: 1 },
  ];
}
