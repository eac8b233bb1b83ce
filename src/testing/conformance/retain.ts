/**
 * Retain: how long final jobs are kept.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobRetention } from "../../job/job.ts";
import type { RetentionLimits, Verdict } from "../../store/store.ts";
import { cancel, complete, deadLetter, newJob, runJob, statusesOf } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";

const DAY_MS = 86_400_000;

interface AgeRow {
  readonly name: string;
  readonly limits?: Partial<RetentionLimits>;
  readonly own?: JobRetention;
  readonly verdict: Verdict;
  /** Milliseconds after which the job goes; null for never, 0 for at once. */
  readonly keptMs: number | null;
}

const ageTable: readonly AgeRow[] = [
  { name: "a completed job 7 days by default", verdict: complete(), keptMs: 7 * DAY_MS },
  { name: "a dead letter 30 days by default", verdict: deadLetter(), keptMs: 30 * DAY_MS },
  { name: "a canceled job 30 days by default", verdict: cancel(), keptMs: 30 * DAY_MS },
  {
    name: "a completed job as the limits say",
    limits: { completedMs: 1000, failedMs: 9 },
    verdict: complete(),
    keptMs: 1000,
  },
  {
    name: "a dead letter as the limits say",
    limits: { completedMs: 9, failedMs: 1000 },
    verdict: deadLetter(),
    keptMs: 1000,
  },
  {
    name: "a completed job for ever if the limits say so",
    limits: { completedMs: -1 },
    verdict: complete(),
    keptMs: null,
  },
  {
    name: "a canceled job for ever if the limits say so",
    limits: { failedMs: -1 },
    verdict: cancel(),
    keptMs: null,
  },
  {
    name: "no completed job if the limits say so",
    limits: { completedMs: 0 },
    verdict: complete(),
    keptMs: 0,
  },
  {
    name: "no dead letter if the limits say so",
    limits: { failedMs: 0 },
    verdict: deadLetter(),
    keptMs: 0,
  },
  {
    name: "a completed job longer if it says so",
    limits: { completedMs: 1000 },
    own: { completedMs: 5000 },
    verdict: complete(),
    keptMs: 5000,
  },
  {
    name: "a completed job shorter if it says so",
    limits: { completedMs: 1000 },
    own: { completedMs: 50 },
    verdict: complete(),
    keptMs: 50,
  },
  {
    name: "a completed job for ever if it says so",
    limits: { completedMs: 0 },
    own: { completedMs: -1 },
    verdict: complete(),
    keptMs: null,
  },
  {
    name: "no completed job if it says so",
    limits: { completedMs: -1 },
    own: { completedMs: 0 },
    verdict: complete(),
    keptMs: 0,
  },
  {
    name: "a dead letter shorter if it says so",
    own: { failedMs: 50 },
    verdict: deadLetter(),
    keptMs: 50,
  },
  {
    name: "a dead letter for ever if it says so",
    limits: { failedMs: 10 },
    own: { failedMs: -1 },
    verdict: deadLetter(),
    keptMs: null,
  },
  { name: "no canceled job if it says so", own: { failedMs: 0 }, verdict: cancel(), keptMs: 0 },
  {
    name: "a completed job by default when it speaks of failures only",
    limits: { completedMs: 700 },
    own: { failedMs: 0 },
    verdict: complete(),
    keptMs: 700,
  },
  {
    name: "a dead letter by default when it speaks of success only",
    limits: { failedMs: 700 },
    own: { completedMs: 0 },
    verdict: deadLetter(),
    keptMs: 700,
  },
];

function ageCases(): Record<string, (h: ConformanceHarness) => Promise<void>> {
  const cases: Record<string, (h: ConformanceHarness) => Promise<void>> = {};
  for (const { name, limits, own, verdict, keptMs } of ageTable) {
    cases[`retention keeps ${name}`] = async (h) => {
      const store = await h.open({ retention: limits ?? {} });
      await runJob(
        store,
        newJob("a", { settings: own === undefined ? {} : { retention: own } }),
        verdict,
      );
      if (keptMs === 0) {
        assert.deepEqual(await store.getJobs(["a"]), [null], "removed at once");
        assert.deepEqual(await store.counts(), []);
        assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: null });
        return;
      }
      const next = keptMs ?? 365 * DAY_MS;
      assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: keptMs });
      await h.advance(next - 1);
      assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: keptMs === null ? null : 1 });
      assert.notDeepEqual(await store.getJobs(["a"]), [null], "kept to the last millisecond");
      await h.advance(1);
      const moved = keptMs === null ? 0 : 1;
      assert.deepEqual(await store.prune(10), { moved, nextInMs: null });
      assert.equal((await store.counts()).length, 1 - moved);
      assert.equal((await statusesOf(store, "a"))[0] === null, moved === 1);
    };
  }
  return cases;
}

/** What retention promises about ages. */
export const retainCases: readonly ConformanceCase[] = stageCases("retain", ageCases());
