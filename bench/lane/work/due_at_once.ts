/** Many delayed jobs with one due time. */

import type { LaneResult } from "../spec.ts";
import { countingConsumer } from "./counting_consumer.ts";
import { enqueueBatches } from "./enqueue.ts";
import type { WorkContext } from "./work.ts";

/** Time to enqueue a job that becomes due with all others. */
const LEAD_MS_PER_JOB = 0.3;
const LEAD_MS = 2000;

/** Enqueues all for one later time, and takes the time from then until the last has started. */
export async function dueAtOnce(context: WorkContext): Promise<LaneResult> {
  const { subject, load, jobs, gate } = context;
  await using producer = await subject.producer(load);
  let firstStartAt = 0;
  let lastStartAt = 0;
  await using worker = await countingConsumer(context, () => {
    lastStartAt = Date.now();
    firstStartAt ||= lastStartAt;
  });
  await worker.start();
  const dueAt = Date.now() + LEAD_MS + jobs * LEAD_MS_PER_JOB;
  await enqueueBatches(producer, context, { dueAt });
  const leftMs = dueAt - Date.now();
  if (leftMs < 0) {
    throw new Error(
      `Cannot measure jobs due at once as all must be enqueued before: ` +
        `current value is ${-leftMs} ms too late`,
    );
  }
  await gate("start");
  await worker.settled(jobs);
  await gate("end");
  worker.checkStarts();
  if (firstStartAt < dueAt) {
    throw new Error(
      `Cannot measure jobs due at once as none may start before: ` +
        `current value is ${dueAt - firstStartAt} ms too early`,
    );
  }
  return { ms: lastStartAt - dueAt };
}
