/**
 * The queues that there are for whoever asks.
 *
 * @module
 */

import { isQueueName } from "../job/names.ts";
import type { QueueStats, Stats } from "../insight/stats.ts";
import type { Call } from "./call.ts";
import { notFound } from "./errors.ts";

/** Reads how the queues stand, by name. */
export async function queueStats(call: Call): Promise<QueueStats[]> {
  return seenQueues(call, await call.desk.insight.stats());
}

/** The queues of some stats that there are for whoever asks. */
export function seenQueues(call: Call, { queues }: Stats): QueueStats[] {
  // What stands for queues for which the store had no room is none.
  return queues.filter(({ queue }) => isQueueName(queue) && call.sees(queue));
}

/** Reads the names of all queues. */
export async function knownQueues(call: Call): Promise<string[]> {
  return (await queueStats(call)).map(({ queue }) => queue);
}

/**
 * Reads how the queue of the path stands.
 *
 * @throws {ApiError} `NOT_FOUND` if it holds and held no job, and is not paused.
 */
export async function queueOfPath(call: Call): Promise<QueueStats> {
  const name = call.queue();
  const found = (await queueStats(call)).find(({ queue }) => queue === name);
  if (found === undefined) throw notFound("queue");
  return found;
}
