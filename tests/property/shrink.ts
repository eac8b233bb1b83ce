/** Makes a failing history small. */

import { HistoryError, play, type Played, type Subject } from "./play.ts";
import type { History } from "./history.ts";
import type { JobSpec, Step } from "./steps.ts";

const CROWD = 2000;
/** More jobs of a group than are made simple one by one. */
const MANY = 20;
const SPECIAL = ["runIn", "delayIn", "expireIn", "atFront", "under", "onConflict"] as const;

/** A history that fails, and how. */
export interface Failure {
  readonly history: History;
  readonly error: HistoryError;
}

/** Plays a history; tells how it fails, or undefined if it does not. */
export async function failureOf(
  subject: Subject,
  history: History,
  lookEvery: number,
  done: (played: Played) => void = () => {},
): Promise<Failure | undefined> {
  try {
    done(await play(subject, history, lookEvery));
    return undefined;
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return { history, error };
  }
}

/**
 * Removes steps, in chunks and then one by one, and parts of steps, for as long as the history
 * still fails; gives up after `limitMs` with what it has by then.
 */
export async function shrink(
  subject: Subject,
  failure: Failure,
  limitMs: number,
): Promise<Failure> {
  const endsAt = Date.now() + limitMs;
  // To look at a crowd after each step would take longer than the limit.
  const jobs = failure.history.steps.flatMap((step) =>
    step.do === "enqueue" ? step.groups.flat() : []
  );
  let lookEvery = jobs.length > CROWD ? Infinity : 1;
  const tryOut = async (best: Failure, steps: readonly Step[]): Promise<Failure | undefined> => {
    if (Date.now() > endsAt) return undefined;
    const found = await failureOf(subject, { ...best.history, steps }, lookEvery);
    return found === undefined ? undefined : cut(found);
  };
  // A look after each step shows the fault sooner, unless it is one that looking hides.
  let best = await tryOut(failure, failure.history.steps) ?? cut(failure);
  // With the ids of the claims, a step means the same when others are removed.
  best = await tryOut(best, best.error.played) ?? best;
  // From here on one look at the end is enough, if that shows it too.
  lookEvery = Infinity;
  if (jobs.length <= CROWD && await tryOut(best, best.history.steps) === undefined) lookEvery = 1;
  for (let size = best.history.steps.length >> 1; size > 0; size >>= 1) {
    for (let from = best.history.steps.length - size; from >= 0; from -= size) {
      const { steps } = best.history;
      if (from + size > steps.length) continue;
      best = await tryOut(best, [...steps.slice(0, from), ...steps.slice(from + size)]) ?? best;
    }
  }
  for (let shrunk = true; shrunk;) {
    shrunk = false;
    for (let at = best.history.steps.length - 1; at >= 0; at--) {
      for (const parts of smaller(best.history.steps[at])) {
        const { steps } = best.history;
        const found = await tryOut(best, [...steps.slice(0, at), ...parts, ...steps.slice(at + 1)]);
        if (found === undefined) continue;
        best = found;
        shrunk = true;
        break;
      }
    }
  }
  return best;
}

/** Leaves out what comes after the step that failed. */
function cut({ history, error }: Failure): Failure {
  return { history: { ...history, steps: history.steps.slice(0, error.played.length) }, error };
}

/** What a step could be replaced by: nothing, or itself with one part less. */
function* smaller(step: Step | undefined): Generator<Step[]> {
  if (step === undefined) return;
  yield [];
  if (step.do === "enqueue") {
    const { groups } = step;
    if (groups.length > 1) {
      for (const rest of withoutEach(groups)) yield [{ ...step, groups: rest }];
    }
    for (const [i, group] of groups.entries()) {
      if (group.length > 1) {
        for (const rest of withoutEach(group)) yield [{ ...step, groups: groups.with(i, rest) }];
      }
      if (group.length > MANY) continue;
      for (const [k, job] of group.entries()) {
        for (const simple of simpler(job)) {
          yield [{ ...step, groups: groups.with(i, group.with(k, simple)) }];
        }
      }
    }
  }
  if (step.do === "act" && step.ids.length > 1) {
    for (const ids of withoutEach(step.ids)) yield [{ ...step, ids }];
  }
  if (step.do === "act" && step.from !== undefined) {
    const { from: _, ...without } = step;
    yield [without];
  }
  if (step.do === "settle") {
    const { claim, ...without } = step;
    if (claim !== undefined) yield [without];
    const { startMark, ...unmarked } = step;
    if (startMark !== undefined) yield [unmarked];
    for (const ends of withoutEach(step.ends)) yield [{ ...step, ends }];
  }
  if (step.do === "report" && step.told.length > 1) {
    for (const told of withoutEach(step.told)) yield [{ ...step, told }];
  }
  if ((step.do === "claim" || step.do === "settle") && step.claim !== undefined) {
    const { claim } = step;
    const { ahead, ...plain } = claim;
    if (ahead !== undefined) yield [{ ...step, claim: plain }];
    if (claim.sources.length < 2) return;
    for (const sources of withoutEach(claim.sources)) {
      if (sources.filter(({ queue }) => queue !== null).length < 2 && hasAny(sources)) continue;
      yield [{ ...step, claim: { ...claim, sources } }];
    }
  }
}

/** A job without one of the things that make it special. */
function* simpler(job: JobSpec): Generator<JobSpec> {
  const { settings } = job;
  for (const name of Object.keys(settings)) {
    const rest = Object.fromEntries(Object.entries(settings).filter(([key]) => key !== name));
    yield { ...job, settings: rest };
  }
  const { dependsOn } = settings;
  if (dependsOn !== undefined && dependsOn.length > 1) {
    for (const rest of withoutEach(dependsOn)) {
      yield { ...job, settings: { ...settings, dependsOn: rest } };
    }
  }
  for (const name of SPECIAL) {
    if (job[name] === undefined) continue;
    const { [name]: _, ...rest } = job;
    yield rest as JobSpec;
  }
}

function hasAny(sources: readonly { readonly queue: string | null }[]): boolean {
  return sources.some(({ queue }) => queue === null);
}

/** A list without a half of it, a quarter and so on, down to one item. */
function* withoutEach<T>(items: readonly T[]): Generator<T[]> {
  for (let size = Math.max(1, items.length >> 1); size > 0; size >>= 1) {
    for (let i = items.length - size; i >= 0; i -= size) yield items.toSpliced(i, size);
  }
}
