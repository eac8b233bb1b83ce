/** What is measured against BullMQ: the lanes that each round runs, and their sizes. */

/** Jobs of the scenarios whose size the design names. */
const FIXED_JOBS = 50_000;

/** One lane of each system per round. */
export interface Scenario {
  readonly name: string;
  /** Its work, by its name in `bench/lane/works.ts`. */
  readonly work: string;
  readonly jobs: number;
  readonly warmUpJobs: number;
  readonly concurrency: number;
  readonly payloadBytes: number;
  /** Most rounds, for what hardly varies. */
  readonly rounds?: number;
}

const usual = { concurrency: 1, payloadBytes: 100 };
/** Retained jobs of one type and queue are 100 000 by default; those of the warm-up count too. */
export const MAX_JOBS = 90_000;

/**
 * All scenarios.
 *
 * @param jobs Jobs of a usual scenario; the slow ones take a part of it.
 */
export function scenariosFor(jobs: number): readonly Scenario[] {
  const part = (divisor: number): number => Math.ceil(jobs / divisor);
  const many = { ...usual, jobs, warmUpJobs: part(10) };
  // The first lane on a Redis leaves it a little larger than its jobs: before the measured part.
  const keep = { ...usual, jobs: FIXED_JOBS, warmUpJobs: 2000, concurrency: 100 };
  const few = { ...usual, jobs: part(4), warmUpJobs: part(20) };
  return [
    { name: "one by one", work: "enqueueOneByOne", ...few },
    { name: "in flight", work: "enqueueInFlight", ...many },
    { name: "batches", work: "enqueueBatches", ...many },
    { name: "drain 1", work: "drain", ...few },
    { name: "drain 10", work: "drain", ...many, concurrency: 10 },
    { name: "drain 30", work: "drain", ...many, concurrency: 30 },
    { name: "drain 100", work: "drain", ...many, concurrency: 100 },
    { name: "end to end", work: "endToEnd", ...many, concurrency: 30 },
    {
      ...{ name: "large payload", work: "endToEnd", concurrency: 30, payloadBytes: 100_000 },
      ...{ jobs: part(20), warmUpJobs: part(200) },
    },
    {
      ...{ name: "due at once", work: "dueAtOnce", ...usual, concurrency: 100 },
      ...{ jobs: FIXED_JOBS, warmUpJobs: part(20) },
    },
    { name: "pick-up", work: "pickUp", ...usual, jobs: 300, warmUpJobs: 30 },
    { name: "keep", work: "keep", ...keep },
    { name: "keep, own ids", work: "keepOwnIds", ...keep, rounds: 1 },
  ];
}
