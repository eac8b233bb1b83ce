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
/** Steps after which a long run says how far it is. */
const TELL_EVERY = 100_000;
/** The seeds of every run: a usual history, and one with more children than one call tells. */
const FIXED_SEEDS: readonly number[] = [20_260_101, 20_260_544];

/** How much is played. */
export interface Amount {
  /** Least steps in total. */
  readonly steps: number;
  /** Told how much was played, and in what time. */
  readonly tell: (line: string) => void;
}

/**
 * Plays histories until there were enough steps: of fixed seeds, in a long run then of seeds from the time.
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
  let relayed = 0;
  const say = (): void => {
    const seconds = (Date.now() - startedAt) / 1000;
    const rate = Math.round(played / seconds);
    tell(
      `${subject.name}: ${played} steps in ${seconds.toFixed(1)} s (${rate}/s), ` +
        `${relayed} children told by relay`,
    );
  };
  for (let i = 0; played < steps; i++) {
    // Short runs are the same each time; long ones look where nobody has been.
    const isLong = steps >= TELL_EVERY;
    const seed = FIXED_SEEDS[i] ?? (isLong ? (startedAt + i * 7919) % 2 ** 31 : i);
    const history = makeHistory(seed, HISTORY_STEPS, subject.trimsAtOnce);
    // A crowd takes seconds on Redis.
    if (history.crowded && !subject.trimsAtOnce && steps < TELL_EVERY) continue;
    const before = played;
    relayed += await check(
      subject,
      history,
      LOOK_EVERY,
      (failure) => shrink(subject, failure, SHRINK_LIMIT_MS),
    );
    played += history.steps.length;
    if (Math.floor(before / TELL_EVERY) < Math.floor(played / TELL_EVERY)) say();
  }
  say();
}

async function check(
  subject: Subject,
  history: History,
  lookEvery: number,
  small: (failure: Failure) => Promise<Failure | undefined>,
): Promise<number> {
  let relayed = 0;
  const failure = await failureOf(subject, history, lookEvery, (played) => {
    relayed = played.relayed;
  });
  if (failure !== undefined) assert.fail(describeFailure(subject, await small(failure) ?? failure));
  return relayed;
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
