/**
 * Retain: how long final jobs are kept.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobRetention } from "../../job/job.ts";
import type { RetentionLimits, Store, Verdict } from "../../store/store.ts";
import {
  cancel,
  claim,
  claimOne,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  retryIn,
  runJob,
  statusesOf,
  tally,
} from "./builders.ts";
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

/** Prunes until there is nothing left to prune. */
async function pruneAll(store: Store): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { moved, nextInMs } = await store.prune(100);
    if (moved === 0 && nextInMs !== 0) return;
  }
  assert.fail("prune() must come to an end");
}

/** What retention promises. */
export const retainCases: readonly ConformanceCase[] = stageCases("retain", {
  ...ageCases(),

  async "prune() of an empty store removes nothing and knows of nothing"(h) {
    const store = await h.open();
    assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: null });
  },

  async "prune() removes at most the limit, and says that more are due"(h) {
    const store = await h.open({ retention: { completedMs: 1000 } });
    await put(store, ...newJobs(6, "j"));
    const jobs = await claim(store);
    await store.settle({ outcomes: jobs.slice(0, 5).map((job) => outcome(job, complete())) });
    await h.advance(1000);
    assert.deepEqual(await store.prune(2), { moved: 2, nextInMs: 0 });
    assert.deepEqual(await store.prune(2), { moved: 2, nextInMs: 0 });
    assert.deepEqual(await tally(store), {
      "default/work/completed": 1,
      "default/work/processing": 1,
    });
    assert.deepEqual(await store.prune(2), { moved: 1, nextInMs: null });
    assert.deepEqual(await tally(store), { "default/work/processing": 1 });
    assert.deepEqual(await store.list({ status: "completed", limit: 10 }), { jobs: [] });
  },

  async "prune() says when the next job is to go, whichever order they ended in"(h) {
    const store = await h.open({ retention: { completedMs: 5000, failedMs: 800 } });
    await runJob(store, newJob("long"), complete());
    await h.advance(100);
    await runJob(
      store,
      newJob("short", { settings: { retention: { completedMs: 300 } } }),
      complete(),
    );
    await runJob(store, newJob("dead"), deadLetter());
    assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: 300 });
    await h.advance(300);
    assert.deepEqual(await store.prune(10), { moved: 1, nextInMs: 500 });
    await h.advance(500);
    assert.deepEqual(await store.prune(10), { moved: 1, nextInMs: 4100 });
    assert.deepEqual(await statusesOf(store, "long", "short", "dead"), ["completed", null, null]);
  },

  async "prune() of a short-lived job takes no others with it"(h) {
    const store = await h.open();
    const short = { settings: { retention: { completedMs: 10 } } };
    for (const id of ["a", "b", "c", "d", "e"]) {
      await runJob(store, newJob(id, id === "b" || id === "d" ? short : {}), complete());
      await h.advance(1);
    }
    await h.advance(10);
    assert.equal((await store.prune(10)).moved, 2);
    assert.deepEqual(await statusesOf(store, "a", "b", "c", "d", "e"), [
      "completed",
      null,
      "completed",
      null,
      "completed",
    ]);
  },

  async "prune() leaves jobs alone that are not final, however old"(h) {
    const store = await h.open({ retention: { completedMs: 10, failedMs: 10 } });
    await runJob(store, newJob("retry"), retryIn(400 * DAY_MS));
    await put(store, newJob("running"));
    await claimOne(store);
    await put(store, newJob("ready"), newJob("later", { delayMs: 400 * DAY_MS }));
    await h.advance(365 * DAY_MS);
    assert.deepEqual(await store.prune(10), { moved: 0, nextInMs: null });
    assert.deepEqual(await statusesOf(store, "retry", "running", "ready", "later"), [
      "retry",
      "processing",
      "ready",
      "scheduled",
    ]);
  },

  async "a count limit removes the oldest of a queue and status, none of others"(h) {
    const store = await h.open({ retention: { maxCount: 3 } });
    const ended: [string, string, Verdict][] = [
      ["a-done", "a", complete()],
      ["b-done", "b", complete()],
      ["a-dead", "a", deadLetter()],
      ["a-off", "a", cancel()],
    ];
    for (let i = 0; i < 3; i++) {
      for (const [id, queue, verdict] of ended) {
        await runJob(store, newJob(`${id}${i}`, { queue, type: `t${i % 2}` }), verdict);
        await h.advance(1);
      }
    }
    await pruneAll(store);
    for (const [id] of ended) {
      assert.ok(
        (await store.getJobs([`${id}0`, `${id}1`, `${id}2`])).every(Boolean),
        `all of '${id}' are kept`,
      );
    }
    for (let i = 3; i < 5; i++) {
      await runJob(store, newJob(`a-done${i}`, { queue: "a" }), complete());
      await h.advance(1);
    }
    await pruneAll(store);
    const left = (id: string): Promise<(string | null)[]> =>
      statusesOf(store, ...[0, 1, 2, 3, 4].map((i) => `${id}${i}`));
    assert.deepEqual(await left("a-done"), [null, null, "completed", "completed", "completed"]);
    assert.deepEqual(await left("b-done"), ["completed", "completed", "completed", null, null]);
    assert.deepEqual(await left("a-dead"), [
      "dead_letter",
      "dead_letter",
      "dead_letter",
      null,
      null,
    ]);
    assert.deepEqual(await left("a-off"), ["canceled", "canceled", "canceled", null, null]);
  },

  async "a count limit counts by the end, not by the beginning, of jobs"(h) {
    const store = await h.open({ retention: { maxCount: 2 } });
    await put(store, ...newJobs(4, "j"));
    const jobs = await claim(store);
    for (const i of [3, 0, 2, 1]) {
      await store.settle({ outcomes: [outcome(jobs[i]!, complete())] });
      await h.advance(1);
    }
    await pruneAll(store);
    assert.deepEqual(await statusesOf(store, "j0", "j1", "j2", "j3"), [
      null,
      "completed",
      "completed",
      null,
    ]);
  },

  async "a count limit holds also when more end in one step than it allows"(h) {
    const store = await h.open({ retention: { maxCount: 5 } });
    await put(store, ...newJobs(20, "j"));
    const jobs = await claim(store, { limit: 20 });
    const outcomes = jobs.map((job) => outcome(job, complete()));
    assert.ok((await store.settle({ outcomes })).results.every((result) => result === "ok"));
    await pruneAll(store);
    assert.deepEqual(await tally(store), { "default/work/completed": 5 });
  },

  async "a count limit keeps counts and lists exact"(h) {
    const store = await h.open({ retention: { maxCount: 2 } });
    for (let i = 0; i < 6; i++) {
      await runJob(store, newJob(`j${i}`, { type: i % 2 === 0 ? "even" : "odd" }), complete());
      await h.advance(1);
    }
    await pruneAll(store);
    assert.deepEqual(await tally(store), {
      "default/even/completed": 1,
      "default/odd/completed": 1,
    });
    const { jobs } = await store.list({ status: "completed", limit: 10 });
    assert.deepEqual(jobs.map((job) => job.id), ["j5", "j4"]);
  },
});
