/** Runs many jobs, as fast as it goes. */

import type { LaneResult } from "../spec.ts";
import { countingConsumer } from "./counting_consumer.ts";
import { enqueueInFlight } from "./enqueue.ts";
import { SETTLE_IN_MS, sleep, timed, type WorkContext } from "./work.ts";

/** Enqueues all, then starts a worker and waits for the last completion. */
export async function drain(context: WorkContext): Promise<LaneResult> {
  const { subject, load, jobs, gate } = context;
  await using producer = await subject.producer(load);
  await gate("empty");
  await enqueueInFlight(producer, context);
  await using worker = await countingConsumer(context);
  await gate("start");
  const ms = await timed(async () => {
    await worker.start();
    await worker.settled(jobs);
  });
  await gate("end");
  worker.checkStarts();
  return { ms };
}

/** Enqueues while a worker runs, and waits for the last completion. */
export async function endToEnd(context: WorkContext): Promise<LaneResult> {
  const { subject, load, jobs, gate } = context;
  await using producer = await subject.producer(load);
  await using worker = await countingConsumer(context);
  await worker.start();
  await sleep(SETTLE_IN_MS);
  await gate("start");
  const ms = await timed(() =>
    Promise.all([enqueueInFlight(producer, context), worker.settled(jobs)])
  );
  await gate("end");
  worker.checkStarts();
  return { ms };
}
