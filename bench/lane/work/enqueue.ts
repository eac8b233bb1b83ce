/** The ways to enqueue the jobs of a lane. */

import type { Kind, Load, ManyOptions, Producer } from "../subject.ts";
import type { WorkContext } from "./work.ts";

const BATCH = 1000;
/** Calls that are under way side by side. */
export const IN_FLIGHT = 64;

/** Each call waits for the one before. */
export async function enqueueOneByOne(
  producer: Producer,
  { jobs, payload, load }: WorkContext,
): Promise<void> {
  for (let i = 0; i < jobs; i++) await producer.enqueue(payload, kindOf(load, i));
}

/** Loops side by side, in each of which a call waits for the one before. */
export async function enqueueInFlight(
  producer: Producer,
  { jobs, payload, load }: WorkContext,
): Promise<void> {
  let sent = 0;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (sent < jobs) await producer.enqueue(payload, kindOf(load, sent++));
  }));
}

/** Calls with many jobs each, one at a time. */
export async function enqueueBatches(
  producer: Producer,
  { jobs, payload }: WorkContext,
  options: ManyOptions = {},
): Promise<void> {
  for (let done = 0; done < jobs; done += BATCH) {
    await producer.enqueueMany(payload, Math.min(BATCH, jobs - done), options);
  }
}

/** Types take turns job by job, priorities once all types have had a turn. */
function kindOf({ types, priorities }: Load, index: number): Kind {
  return { type: index % types, priority: Math.floor(index / types) % priorities };
}
