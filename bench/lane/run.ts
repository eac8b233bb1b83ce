/** The body of a lane's process. */

import process from "node:process";
import { createInterface } from "node:readline";
import type { LaneLine, LaneResult, LaneSpec } from "./spec.ts";
import type { Counts, Payload, Subject } from "./subject.ts";
import { type Work, works } from "./works.ts";

const MEASURED = "measured";

/**
 * Does what the argument says with a system, tells the runner, and exits. Before the
 * measured jobs it does the same work on a few jobs of another name, for the sake of
 * the runtime's compiler.
 *
 * @param subjectOn Makes the system on the Redis of a URL.
 */
export async function runLane(subjectOn: (url: string) => Subject): Promise<never> {
  let last: LaneLine;
  try {
    last = { result: await measure(JSON.parse(process.argv[2] ?? "{}"), subjectOn) };
  } catch (error) {
    last = { error: describe(error) };
  }
  await print(last);
  process.exit("error" in last ? 1 : 0);
}

async function measure(
  spec: LaneSpec,
  subjectOn: (url: string) => Subject,
): Promise<LaneResult> {
  const work = works[spec.work];
  if (work === undefined) {
    throw new RangeError(
      `Cannot run lane as 'work' must be one of ${Object.keys(works).join(", ")}: ` +
        `current value is "${spec.work}"`,
    );
  }
  const input = createInterface({ input: process.stdin });
  input.once("close", () => process.exit(1)); // the runner has gone, and perhaps Redis with it
  const answers = input[Symbol.asyncIterator]();
  const gate = async (name: string): Promise<void> => {
    await print({ gate: name });
    await answers.next();
  };
  const subject = subjectOn(spec.url);
  const context = {
    subject,
    concurrency: spec.concurrency,
    payload: payloadOf(spec.payloadBytes),
  };
  if (spec.warmUpJobs > 0) {
    const noGate = (): Promise<void> => Promise.resolve();
    await work.run({ ...context, name: "warm-up", jobs: spec.warmUpJobs, gate: noGate });
  }
  const result = await work.run({ ...context, name: MEASURED, jobs: spec.jobs, gate });
  await checkEnd(subject, work, spec.jobs);
  return result;
}

/** A lane counts only if all of its jobs are where they should be. */
async function checkEnd(subject: Subject, { endsIn }: Work, jobs: number): Promise<void> {
  await using producer = await subject.producer(MEASURED);
  const counts: Counts = await producer.counts();
  const all = counts.waiting + counts.completed + counts.rest;
  if (counts[endsIn] === jobs && all === jobs) return;
  throw new Error(
    `Cannot count the lane as ${jobs} jobs must be ${endsIn} and no others there: ` +
      `current value is ${JSON.stringify(counts)}`,
  );
}

function payloadOf(bytes: number): Payload {
  const empty: Payload = { to: "someone@example.com", subject: "Hello", body: "" };
  return { ...empty, body: "x".repeat(Math.max(0, bytes - JSON.stringify(empty).length)) };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${describe(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
}

function print(line: LaneLine): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve());
  });
}
