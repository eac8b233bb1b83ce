/**
 * What is done to a system under test. Each work runs on jobs of one name, and
 * passes a gate wherever the runner must look at Redis.
 */

import { randomSequence } from "./random.ts";
import type { LaneResult } from "./spec.ts";
import type { Counts, ManyOptions, Payload, Producer, Subject } from "./subject.ts";

/** A work's surroundings. */
export interface WorkContext {
  readonly subject: Subject;
  /** Name of the jobs. */
  readonly name: string;
  readonly jobs: number;
  readonly concurrency: number;
  readonly payload: Payload;
  /** Waits until the runner has looked at Redis. */
  gate(name: string): Promise<void>;
}

/** Does it, measures it, and leaves all jobs either waiting or completed. */
export interface Work {
  run(context: WorkContext): Promise<LaneResult>;
  /** Where all jobs must be at the end. */
  readonly endsIn: keyof Counts;
}

const BATCH = 1000;
const IN_FLIGHT = 64;
/** A worker is given so long to be waiting before work is sent to it. */
const SETTLE_IN_MS = 300;
/** Time to enqueue a job that becomes due with all others. */
const LEAD_MS_PER_JOB = 0.2;
const LEAD_MS = 2000;
const [SHORTEST_GAP_MS, LONGEST_GAP_MS] = [5, 25];

/** All works, by the names that a lane is told. */
export const works: Readonly<Record<string, Work>> = {
  enqueueOneByOne: enqueueWork(async (producer, { jobs, payload }) => {
    for (let i = 0; i < jobs; i++) await producer.enqueue(payload);
  }),
  enqueueInFlight: enqueueWork(enqueueInFlight),
  enqueueBatches: enqueueWork((producer, context) => enqueueBatches(producer, context)),
  drain: { run: drain, endsIn: "completed" },
  endToEnd: { run: endToEnd, endsIn: "completed" },
  dueAtOnce: { run: dueAtOnce, endsIn: "completed" },
  pickUp: { run: pickUp, endsIn: "completed" },
  keep: { run: (context) => keep(context, true), endsIn: "completed" },
  keepOwnIds: { run: (context) => keep(context, false), endsIn: "completed" },
};

/** Enqueues; nobody runs the jobs. */
function enqueueWork(
  enqueue: (producer: Producer, context: WorkContext) => Promise<void>,
): Work {
  return {
    endsIn: "waiting",
    run: async (context) => {
      await using producer = await context.subject.producer(context.name);
      await context.gate("start");
      const ms = await timed(() => enqueue(producer, context));
      await context.gate("end");
      return { ms };
    },
  };
}

/** Enqueues all, then starts a worker and waits for the last completion. */
async function drain(context: WorkContext): Promise<LaneResult> {
  const { subject, name, jobs, gate } = context;
  await using producer = await subject.producer(name);
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
async function endToEnd(context: WorkContext): Promise<LaneResult> {
  const { subject, name, jobs, gate } = context;
  await using producer = await subject.producer(name);
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

/** Enqueues all for one later time, and takes the time from then until the last has started. */
async function dueAtOnce(context: WorkContext): Promise<LaneResult> {
  const { subject, name, jobs, gate } = context;
  await using producer = await subject.producer(name);
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

/** Sends one job at a time to a worker that waits, with gaps that differ. */
async function pickUp(context: WorkContext): Promise<LaneResult> {
  const { subject, name, jobs, payload, gate } = context;
  await using producer = await subject.producer(name);
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
  const random = randomSequence(jobs);
  for (let i = 0; i < jobs; i++) {
    await sleep(SHORTEST_GAP_MS + random() * (LONGEST_GAP_MS - SHORTEST_GAP_MS));
    const started = new Promise<void>((resolve) => onStart = resolve);
    const sentAt = performance.now();
    await Promise.all([producer.enqueue(payload), started]);
    latenciesMs.push(startedAt - sentAt);
  }
  await worker.settled(jobs);
  await gate("end");
  worker.checkStarts();
  return { latenciesMs };
}

/** Enqueues, then runs; nothing is connected at its gates, so that no buffer is counted. */
async function keep(context: WorkContext, uuids: boolean): Promise<LaneResult> {
  const { subject, name, jobs, gate } = context;
  await gate("empty");
  {
    await using producer = await subject.producer(name);
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

async function enqueueInFlight(producer: Producer, context: WorkContext): Promise<void> {
  let left = context.jobs;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (left-- > 0) await producer.enqueue(context.payload);
  }));
}

async function enqueueBatches(
  producer: Producer,
  { jobs, payload }: WorkContext,
  options: ManyOptions = {},
): Promise<void> {
  for (let done = 0; done < jobs; done += BATCH) {
    await producer.enqueueMany(payload, Math.min(BATCH, jobs - done), options);
  }
}

/** A consumer that knows whether each job was started once. */
async function countingConsumer(
  { subject, name, concurrency, jobs }: WorkContext,
  onStart: () => void = () => {},
) {
  let starts = 0;
  const consumer = await subject.consumer(name, concurrency, () => {
    starts++;
    onStart();
  });
  return {
    start: () => consumer.start(),
    settled: (count: number) => consumer.settled(count),
    checkStarts: () => {
      if (starts === jobs) return;
      throw new Error(
        `Cannot count the lane as each job must start once: ` +
          `current value is ${starts} starts of ${jobs} jobs`,
      );
    },
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
