/** A consumer that knows whether each job was started once. */

import type { Consumer } from "../subject.ts";
import type { WorkContext } from "./work.ts";

/** A consumer whose starts are counted. */
export interface CountingConsumer extends Consumer {
  /**
   * Checks the number of starts.
   *
   * @throws If it is not that of the jobs.
   */
  checkStarts(): void;
}

/** Makes one; `onStart` is called for each job. */
export async function countingConsumer(
  { subject, load, concurrency, jobs }: WorkContext,
  onStart: () => void = () => {},
): Promise<CountingConsumer> {
  let starts = 0;
  const consumer = await subject.consumer(load, concurrency, () => {
    starts++;
    onStart();
  });
  return {
    start: () => consumer.start(),
    settled: (count) => consumer.settled(count),
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
