/**
 * The conformance suite as tests of `node:test`, which Deno, Bun and Node run.
 *
 * @module
 */

import { describe, it } from "node:test";
import { sleep, systemClock } from "../../clock.ts";
import { type ConformanceCase, type ConformanceSkip, selectCases } from "./case.ts";
import { conformanceCases } from "./cases.ts";
import type { ConformanceHarness, StoreCapabilities } from "./harness.ts";

/** How a store takes the suite. */
export interface RegisterOptions {
  /** What the store can do; cases that need more are skipped. */
  readonly capabilities: StoreCapabilities;
  /** Cases that the store does not pass, each with the reason. */
  readonly skip?: readonly ConformanceSkip[];
  /** Real milliseconds after which a case has failed. @default {60_000} */
  readonly caseTimeoutMs?: number;
}

/**
 * Registers every conformance case as a test of one store, and prints how many
 * there are.
 *
 * @param name The store's name.
 * @param makeHarness Makes an empty place for jobs; called once per case.
 * @throws {RangeError} If a skip names a case that does not exist.
 *
 * @example
 * ```ts ignore
 * import { FakeClock, fakeClockHarness, registerConformance } from "@gqm/gqm/testing";
 * import { myStore } from "./my_store.ts";
 *
 * registerConformance("my store", () => {
 *   const clock = new FakeClock();
 *   return fakeClockHarness({ clock, create: ({ retention }) => myStore({ clock, retention }) });
 * }, {
 *   capabilities: { shared: false, durable: false },
 *   skip: [{
 *     reason: "several types in one queue are claimed in an approximate order",
 *     cases: ["claim: claim() takes priority before order across types"],
 *   }],
 * });
 * ```
 */
export function registerConformance(
  name: string,
  makeHarness: () => ConformanceHarness | Promise<ConformanceHarness>,
  options: RegisterOptions,
): void {
  const selected = selectCases(conformanceCases, options.capabilities, options.skip);
  const skipped = selected.filter((one) => one.skipped !== undefined).length;
  console.log(`conformance of ${name}: ${selected.length - skipped} cases, ${skipped} skipped`);
  describe(`conformance of ${name}`, () => {
    for (const one of selected) {
      if (one.skipped !== undefined) {
        it.skip(`${one.title} (${one.skipped})`, () => {});
        continue;
      }
      it(one.title, async () => {
        await using harness = await makeHarness();
        await inTime(one.case, harness, options.caseTimeoutMs ?? 60_000);
      });
    }
  });
}

async function inTime(
  one: ConformanceCase,
  harness: ConformanceHarness,
  ms: number,
): Promise<void> {
  const done = new AbortController();
  const late = sleep(systemClock, ms, done.signal).then(() => {
    if (!done.signal.aborted) {
      throw new Error(`Cannot end case as it ran for more than ${ms} ms: ${one.name}`);
    }
  });
  try {
    await Promise.race([one.run(harness), late]);
  } finally {
    done.abort();
  }
}
