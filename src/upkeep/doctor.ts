/**
 * The doctor: goes through a store that is in use and tells what is wrong.
 *
 * @module
 */

import { checkBoolean, checkInteger, checkKeys } from "../checks.ts";
import type { Finding, Store } from "../store/store.ts";

/** How a store is checked. */
export interface CheckOptions {
  /** Puts right what is wrong. @default {false} */
  readonly repair?: boolean;
  /** About how many jobs and entries one step looks at, 1 to 1000. @default {500} */
  readonly stepSize?: number;
  /** Ends the check between two steps. */
  readonly signal?: AbortSignal;
  /** Called for each finding as it is made, also beyond those that the report keeps. */
  readonly onFinding?: (finding: Finding) => void;
}

/** What a check found. */
export interface CheckReport {
  /** Jobs and entries looked at. */
  readonly checked: number;
  /** How many findings there are. */
  readonly found: number;
  /** How many of them were put right. */
  readonly repaired: number;
  /** The first 1000 findings. */
  readonly findings: readonly Finding[];
}

/** Findings that a report keeps. */
const MOST_KEPT = 1000;

/**
 * Checks on a live store, in steps of a bounded size, that every accepted job is
 * in one place, every claim has a lease that ends, every child waits for parents
 * that will let it go, and every key and index stands for a job; repairs what is
 * not so, if told to.
 *
 * @param store The store, open.
 * @throws {InvalidOptionError} If an option is unknown or out of range.
 * @throws The signal's reason when it aborts; what was repaired until then stays.
 *
 * @example
 * ```ts
 * import { checkInvariants, Client, memoryStore } from "@gqm/gqm";
 * import { deepEqual } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await client.enqueue("greet", "Ada");
 *
 * const { found, findings } = await checkInvariants(store, { repair: true });
 * deepEqual({ found, findings }, { found: 0, findings: [] });
 * ```
 */
export async function checkInvariants(
  store: Store,
  options: CheckOptions = {},
): Promise<CheckReport> {
  const action = "check store";
  checkKeys(action, options, ["repair", "stepSize", "signal", "onFinding"]);
  const { repair = false, stepSize = 500, signal, onFinding } = options;
  checkBoolean(action, "repair", repair);
  checkInteger(action, "stepSize", stepSize, 1, 1000);
  const findings: Finding[] = [];
  let [checked, found, repaired] = [0, 0, 0];
  let cursor: string | undefined;
  do {
    signal?.throwIfAborted();
    const reply = await store.check({
      repair,
      limit: stepSize,
      ...(cursor === undefined ? {} : { cursor }),
    });
    checked += reply.checked;
    for (const finding of reply.findings) {
      found++;
      if (finding.repaired) repaired++;
      if (findings.length < MOST_KEPT) findings.push(finding);
      onFinding?.(finding);
    }
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return { checked, found, repaired, findings };
}
