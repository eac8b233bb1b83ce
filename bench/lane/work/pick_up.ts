/** How soon a waiting worker starts a job. */

import type { LaneResult } from "../spec.ts";
import { countingConsumer } from "./counting_consumer.ts";
import { SETTLE_IN_MS, sleep, type WorkContext } from "./work.ts";

const [SHORTEST_GAP_MS, LONGEST_GAP_MS] = [5, 25];

/** Sends one job at a time to a worker that waits, with gaps that differ. */
export async function pickUp(context: WorkContext): Promise<LaneResult> {
  const { subject, load, jobs, payload, random, gate } = context;
  await using producer = await subject.producer(load);
  const latenciesMs: number[] = [];
  let startedAt = 0;
  let onStart = (): void => {};
  await using worker = await countingConsumer(context, () => {
    startedAt = performance.now();
    onStart();
  });
  await worker.start();
  await sleep(SETTLE_IN_MS);
  await gate("start");
  for (let i = 0; i < jobs; i++) {
    await sleep(SHORTEST_GAP_MS + random() * (LONGEST_GAP_MS - SHORTEST_GAP_MS));
    const started = new Promise<void>((resolve) => onStart = resolve);
    const sentAt = performance.now();
    await Promise.all([producer.enqueue(payload, { type: 0, priority: 0 }), started]);
    latenciesMs.push(startedAt - sentAt);
  }
  await worker.settled(jobs);
  await gate("end");
  worker.checkStarts();
  return { latenciesMs };
}
