/** Runs histories on a store, and says how to repeat one that failed. */

import assert from "node:assert/strict";
import process from "node:process";
import { type History, makeHistory } from "./history.ts";
import type { Subject } from "./play.ts";
import { type Failure, failureOf, shrink } from "./shrink.ts";
import type { Step } from "./steps.ts";

/** Steps of one history, before those that bring all jobs to their end. */
export const HISTORY_STEPS = 400;
/** Steps between two looks at everything. */
export const LOOK_EVERY = 25;
const SHRINK_LIMIT_MS = 20_000;
/** The seed of every run. */
const FIXED_SEED = 20_260_101;

/** How much is played. */
export interface Amount {
  /** Least steps in total. */
  readonly steps: number;
  /** Told how much was played, and in what time. */
  readonly tell: (line: string) => void;
}

/**
 * Plays histories until there were enough steps: of a fixed seed, then of seeds from the time.
 * Of those that `GQM_SEED` and `GQM_STEPS` name, if they are set.
 */
export async function runHistories(subject: Subject, { steps, tell }: Amount): Promise<void> {
  const named = namedHistory(subject);
  if (named !== undefined) {
    // Looks in the order of the run that failed, and after each step.
    for (const lookEvery of [LOOK_EVERY, 1]) {
      await check(subject, named, lookEvery, () => Promise.resolve(undefined));
    }
    return;
  }
  const startedAt = Date.now();
  let played = 0;
  for (let i = 0; played < steps; i++) {
    const seed = i === 0 ? FIXED_SEED : (startedAt + i * 7919) % 2 ** 31;
    const history = makeHistory(seed, HISTORY_STEPS, subject.trimsAtOnce);
    // Redis numbers ends by µs: with a clock that stands still, more than a thousand in one ms count
    // as of the next, and a prune comes that much later than the model's.
    if (history.crowded && !subject.trimsAtOnce) continue;
    await check(
      subject,
      history,
      LOOK_EVERY,
      (failure) => shrink(subject, failure, SHRINK_LIMIT_MS),
    );
    played += history.steps.length;
  }
  const seconds = (Date.now() - startedAt) / 1000;
  tell(`${subject.name}: ${played} steps in ${seconds.toFixed(1)} s`);
}

async function check(
  subject: Subject,
  history: History,
  lookEvery: number,
  small: (failure: Failure) => Promise<Failure | undefined>,
): Promise<void> {
  const failure = await failureOf(subject, history, lookEvery);
  if (failure !== undefined) assert.fail(describeFailure(subject, await small(failure) ?? failure));
}

/** What a failure says: the reason, the steps, and how to play them again. */
export function describeFailure(subject: Subject, { history, error }: Failure): string {
  const json = JSON.stringify(history.steps);
  const quoted = json.replaceAll("'", "'\\''");
  return [
    `${subject.name}: ${error.message}`,
    `Seed ${history.seed}, ${history.steps.length} steps`,
    `Replay: GQM_SEED=${history.seed} GQM_STEPS='${quoted}' deno task test property`,
    error.cause instanceof Error ? error.cause.stack : "",
  ].join("\n");
}

/** The history that the environment names. */
function namedHistory(subject: Subject): History | undefined {
  const { GQM_SEED, GQM_STEPS } = process.env;
  if (GQM_SEED === undefined) return undefined;
  const seed = Number(GQM_SEED);
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(
      `Cannot replay a history as 'GQM_SEED' must be a whole number: current value is '${GQM_SEED}'`,
    );
  }
  const history = makeHistory(seed, HISTORY_STEPS, subject.trimsAtOnce);
  return GQM_STEPS === undefined
    ? history
    : { ...history, steps: JSON.parse(GQM_STEPS) as readonly Step[] };
}
