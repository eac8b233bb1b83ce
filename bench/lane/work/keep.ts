/** What jobs take in the memory of Redis. */

import type { LaneResult } from "../spec.ts";
import { countingConsumer } from "./counting_consumer.ts";
import { enqueueBatches } from "./enqueue.ts";
import type { WorkContext } from "./work.ts";

/** Enqueues, then runs; nothing is connected at its gates, so that no buffer is counted. */
export async function keep(context: WorkContext, uuids: boolean): Promise<LaneResult> {
  const { subject, load, jobs, gate } = context;
  await gate("empty");
  {
    await using producer = await subject.producer(load);
    await enqueueBatches(producer, context, { uuids });
  }
  await gate("waiting");
  {
    await using worker = await countingConsumer(context);
    await worker.start();
    await worker.settled(jobs);
    worker.checkStarts();
  }
  await gate("completed");
  return {};
}
