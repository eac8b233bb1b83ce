/**
 * A conformance case as data, and which of them a store is to pass.
 *
 * @module
 */

import type { ConformanceHarness, StoreCapabilities } from "./harness.ts";

/** One promise of the store port, put to the test. Knows no test framework. */
export interface ConformanceCase {
  /** Stage of a job's way that it belongs to. */
  readonly stage: string;
  /** What the store does, and when. Unique within the stage. */
  readonly name: string;
  /** What the store must be able to do for the case to apply. */
  readonly needs?: keyof StoreCapabilities;
  /** Rejects if the store breaks the promise. */
  run(harness: ConformanceHarness): Promise<void>;
}

/** A declared difference: cases that a store does not pass, and why that is right. */
export interface ConformanceSkip {
  /** Why, for people. */
  readonly reason: string;
  /** The cases, as `stage: name`. */
  readonly cases: readonly string[];
}

/** A case and, if it is not to run, why. */
export interface SelectedCase {
  /** The case. */
  readonly case: ConformanceCase;
  /** Its full name, `stage: name`. */
  readonly title: string;
  /** Why it is skipped; absent if it is to run. */
  readonly skipped?: string;
}

/** Makes the cases of one stage from a table of name → test. */
export function stageCases(
  stage: string,
  tests: Readonly<Record<string, (harness: ConformanceHarness) => Promise<void>>>,
  needs?: keyof StoreCapabilities,
): readonly ConformanceCase[] {
  return Object.entries(tests).map(([name, run]) =>
    needs === undefined ? { stage, name, run } : { stage, name, needs, run }
  );
}

/**
 * Decides which cases a store runs, and says why it does not run the others.
 *
 * @throws {RangeError} If a skip names a case that does not exist.
 */
export function selectCases(
  cases: readonly ConformanceCase[],
  capabilities: StoreCapabilities,
  skip: readonly ConformanceSkip[] = [],
): readonly SelectedCase[] {
  const reasons = new Map(
    skip.flatMap(({ reason, cases }) => cases.map((title) => [title, reason])),
  );
  const selected = cases.map((one): SelectedCase => {
    const title = `${one.stage}: ${one.name}`;
    const lacking = one.needs !== undefined && !capabilities[one.needs];
    const skipped = reasons.get(title) ?? (lacking ? `the store is not ${one.needs}` : undefined);
    reasons.delete(title);
    return skipped === undefined ? { case: one, title } : { case: one, title, skipped };
  });
  for (const title of reasons.keys()) {
    throw new RangeError(`Cannot skip case as its name must be known: current value is '${title}'`);
  }
  return selected;
}
