/**
 * Tools for tests: a queue under a clock that the test moves, one handler run
 * alone, and the conformance suite that every store passes.
 *
 * @example A job that is due in an hour, without waiting
 * ```ts
 * import { memoryStore } from "@gqm/gqm";
 * import { FakeClock } from "@gqm/gqm/testing";
 * import { equal } from "node:assert/strict";
 *
 * const clock = new FakeClock();
 * await using store = memoryStore({ clock });
 * await store.open();
 * await store.enqueue([[{
 *   id: "report-1",
 *   type: "report.make",
 *   queue: "default",
 *   priority: 0,
 *   payload: "{}",
 *   settings: {},
 *   delayMs: 3_600_000,
 * }]]);
 *
 * equal((await store.promote(10)).moved, 0);
 * await clock.advance(3_600_000);
 * equal((await store.promote(10)).moved, 1);
 * ```
 *
 * @example A conformance case, without a test framework
 * ```ts
 * import { memoryStore } from "@gqm/gqm";
 * import { conformanceCases, FakeClock, fakeClockHarness, selectCases } from "@gqm/gqm/testing";
 *
 * const capabilities = { shared: false, durable: false };
 * for (const one of selectCases(conformanceCases, capabilities)) {
 *   if (one.skipped !== undefined || one.case.stage !== "report") continue;
 *   await using harness = fakeClockHarness({ clock: new FakeClock(), create: memoryStore });
 *   await one.case.run(harness);
 * }
 * ```
 *
 * @module
 */

export { FAKE_CLOCK_START, FakeClock } from "./fake_clock.ts";
export { conformanceCases } from "./conformance/cases.ts";
export {
  type ConformanceCase,
  type ConformanceSkip,
  selectCases,
  type SelectedCase,
} from "./conformance/case.ts";
export {
  type ConformanceHarness,
  fakeClockHarness,
  type FakeClockHarnessOptions,
  type OpenOptions,
  type StoreCapabilities,
} from "./conformance/harness.ts";
export { registerConformance, type RegisterOptions } from "./conformance/register.ts";
export { FaultyStore, type StoreFault, type StoreVerb } from "./faulty_store.ts";
export { type HandlerRun, runHandler, type RunHandlerOptions } from "./run_handler.ts";
export { type JobMatch, TestQueue, type TestQueueOptions } from "./test_queue.ts";
