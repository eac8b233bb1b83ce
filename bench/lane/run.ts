/** The body of a lane's process. */

import process from "node:process";
import { createInterface } from "node:readline";
import { randomSequence } from "./random.ts";
import type { LaneGate, LaneLine, LaneSpec, LaneUsage } from "./spec.ts";
import type { Counts, Load, Payload, Subject } from "./subject.ts";
import type { Work } from "./work/work.ts";
import { works } from "./work/works.ts";

/**
 * Does what the argument says with a system, tells the runner, and exits. Before the
 * measured jobs it does the same work on a few jobs of another name, for the sake of
 * the runtime's compiler.
 *
 * @param subjectOn Makes the system, from the URL of its Redis and the variant.
 */
export async function runLane(
  subjectOn: (spec: Pick<LaneSpec, "url" | "variant">) => Subject,
): Promise<never> {
  let last: LaneLine;
  try {
    const spec: LaneSpec = JSON.parse(process.argv[2] ?? "{}");
    last = await measure(spec, subjectOn(spec));
  } catch (error) {
    last = { error: describe(error) };
  }
  await print(last);
  process.exit("error" in last ? 1 : 0);
}

async function measure(spec: LaneSpec, subject: Subject): Promise<LaneLine> {
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
  const gates: Record<string, LaneGate> = {};
  const gate = async (name: string): Promise<void> => {
    const arrived = usageOf(subject);
    await print({ gate: name });
    await answers.next();
    gates[name] = { arrived, left: usageOf(subject) };
  };
  const { types, priorities, concurrency, payloadBytes, seed } = spec;
  const context = (name: string) => ({
    ...{ subject, concurrency, payload: payloadOf(payloadBytes), random: randomSequence(seed) },
    load: { name, types, priorities },
  });
  if (spec.warmUpJobs > 0) {
    const noGate = (): Promise<void> => Promise.resolve();
    await work.run({ ...context("warm-up"), jobs: spec.warmUpJobs, gate: noGate });
  }
  const measured = context("measured");
  const result = await work.run({ ...measured, jobs: spec.jobs, gate });
  await checkEnd(subject, measured.load, work, spec.jobs);
  return { result, gates };
}

/** A lane counts only if all of its jobs are where they should be. */
async function checkEnd(
  subject: Subject,
  load: Load,
  { endsIn }: Work,
  jobs: number,
): Promise<void> {
  await using producer = await subject.producer(load);
  const counts: Counts = await producer.counts();
  const all = counts.waiting + counts.completed + counts.rest;
  if (counts[endsIn] === jobs && all === jobs) return;
  throw new Error(
    `Cannot count the lane as ${jobs} jobs must be ${endsIn} and no others there: ` +
      `current value is ${JSON.stringify(counts)}`,
  );
}

function usageOf(subject: Subject): LaneUsage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, commands: subject.commands() };
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
