/** Parents that run after children of their own. */

import type { LaneResult } from "../spec.ts";
import { countingConsumer } from "./counting_consumer.ts";
import { IN_FLIGHT } from "./enqueue.ts";
import { timed, type WorkContext } from "./work.ts";

/** Children of each parent. */
const CHILDREN = 100;
/** Jobs of a family. */
export const FAMILY_JOBS = CHILDREN + 1;

/** Enqueues all, a family per call, then starts a worker and waits for the last completion. */
export async function families(context: WorkContext): Promise<LaneResult> {
  const { subject, load, jobs, payload, gate } = context;
  await using producer = await subject.producer(load);
  if (producer.enqueueFamily === undefined) {
    throw new Error("Cannot run families as the system must have jobs that wait for others");
  }
  await using worker = await countingConsumer(context);
  await gate("start");
  let left = jobs / FAMILY_JOBS;
  const addMs = await timed(() =>
    Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) await producer.enqueueFamily!(payload, CHILDREN);
    }))
  );
  const runMs = await timed(async () => {
    await worker.start();
    await worker.settled(jobs);
  });
  await gate("end");
  worker.checkStarts();
  return { ms: addMs + runMs, addMs };
}
