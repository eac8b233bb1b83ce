/**
 * Retain: jobs with a number of their own, `maxCount`.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobRetention } from "../../job/job.ts";
import type { NewJob, Store, Verdict } from "../../store/store.ts";
import {
  cancel,
  claim,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  retryIn,
  runJob,
  source,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { assertHealthy } from "./doctor.ts";
import { childOf } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";

function keeping(maxCount: number, rest: JobRetention = {}): Pick<NewJob, "settings"> {
  return { settings: { retention: { maxCount, ...rest } } };
}

/** Ends jobs in one call, in the order of their ids; each has the number that `most` gives. */
async function endTogether(
  store: Store,
  count: number,
  prefix: string,
  most: (i: number) => number,
): Promise<void> {
  await put(store, ...newJobs(count, prefix).map((job, i) => ({ ...job, ...keeping(most(i)) })));
  const jobs = await claim(store, { limit: count });
  await store.settle({ outcomes: jobs.map((job) => outcome(job, complete())) });
}

function remain(store: Store): Promise<string[]> {
  return store.list({ status: "completed", limit: 500 })
    .then(({ jobs }) => jobs.map(({ id }) => id));
}

async function keepsNewest(
  h: ConformanceHarness,
  verdict: Verdict,
): Promise<(string | null | undefined)[]> {
  const store = await h.open();
  for (let i = 0; i < 5; i++) {
    await runJob(store, newJob(`j${i}`, keeping(2)), verdict);
  }
  assert.deepEqual((await store.prune(10)).moved, 0, "all was removed as the jobs ended");
  await assertHealthy(store, false, 100);
  return await statusesOf(store, "j0", "j1", "j2", "j3", "j4");
}

/** What retention by a number of the job's own promises. */
export const retainCountedCases: readonly ConformanceCase[] = stageCases("retain", {
  async "a job's maxCount keeps the newest so many of its kind, at once"(h) {
    assert.deepEqual(await keepsNewest(h, complete()), [
      null,
      null,
      null,
      "completed",
      "completed",
    ]);
  },

  async "a job's maxCount holds for dead letters"(h) {
    const left = await keepsNewest(h, deadLetter());
    assert.deepEqual(left, [null, null, null, "dead_letter", "dead_letter"]);
  },

  async "a job's maxCount holds for canceled jobs"(h) {
    assert.deepEqual(await keepsNewest(h, cancel()), [null, null, null, "canceled", "canceled"]);
  },

  async "a job's maxCount of 0 removes it at once, and no other"(h) {
    const store = await h.open();
    await runJob(store, newJob("kept", keeping(5)), complete());
    await runJob(store, newJob("gone", keeping(0, { completedMs: -1 })), complete());
    await runJob(store, newJob("dead", keeping(0)), deadLetter());
    assert.deepEqual(await statusesOf(store, "kept", "gone", "dead"), ["completed", null, null]);
    assert.deepEqual(await tally(store), { "default/work/completed": 1 });
  },

  async "a job's maxCount neither removes nor counts jobs without one"(h) {
    const store = await h.open();
    await runJob(store, newJob("plain0"), complete());
    await runJob(
      store,
      newJob("own", { settings: { retention: { completedMs: 1e6 } } }),
      complete(),
    );
    for (let i = 0; i < 3; i++) await runJob(store, newJob(`one${i}`, keeping(1)), complete());
    await runJob(store, newJob("plain1"), complete());
    assert.deepEqual(await remain(store), ["plain1", "one2", "own", "plain0"]);
    assert.deepEqual(await tally(store), { "default/work/completed": 4 });
  },

  async "a job's maxCount leaves other queues, types and statuses alone"(h) {
    const store = await h.open();
    const kinds = [["q1", "a"], ["q1", "b"], ["q2", "a"]] as const;
    for (const [queue, type] of kinds) {
      const job = { queue, type, ...keeping(1) };
      for (const n of [0, 1]) await runJob(store, newJob(`${queue}${type}${n}`, job), complete());
      await runJob(store, newJob(`${queue}${type}dead`, job), deadLetter());
    }
    assert.deepEqual(await tally(store), {
      "q1/a/completed": 1,
      "q1/a/dead_letter": 1,
      "q1/b/completed": 1,
      "q1/b/dead_letter": 1,
      "q2/a/completed": 1,
      "q2/a/dead_letter": 1,
    });
    const left = await statusesOf(store, "q1a0", "q1a1", "q1b1", "q2a0", "q2a1");
    assert.deepEqual(left, [null, "completed", "completed", null, "completed"]);
  },

  async "of jobs that end in one call, each maxCount counts as it ends"(h) {
    const store = await h.open();
    await endTogether(store, 8, "j", (i) => i === 4 ? 2 : 100);
    assert.deepEqual(await remain(store), ["j7", "j6", "j5", "j4", "j3"]);
  },

  async "a maxCount that is lower by far is caught up with by prune()"(h) {
    const store = await h.open();
    await endTogether(store, 60, "j", () => 100);
    await runJob(store, newJob("last", keeping(3)), complete());
    assert.deepEqual(await tally(store), { "default/work/completed": 45 }, "16 went at once");
    assert.deepEqual(await store.prune(30), { moved: 30, nextInMs: 0 });
    const { moved, nextInMs } = await store.prune(30);
    assert.equal(moved, 12);
    assert.ok(nextInMs !== null && nextInMs > 0, "nothing is due but by age");
    assert.deepEqual(await remain(store), ["last", "j59", "j58"]);
    await assertHealthy(store, false, 100);
  },

  async "a maxCount of the job that ended last is what prune() goes by"(h) {
    const store = await h.open();
    await endTogether(store, 60, "j", () => 100);
    await runJob(store, newJob("low", keeping(3)), complete());
    await runJob(store, newJob("high", keeping(40)), complete());
    assert.equal((await store.prune(100)).moved, 0, "there are 30 too few by then");
    await runJob(store, newJob("plain"), complete());
    assert.deepEqual(await tally(store), { "default/work/completed": 41 });
  },

  async "jobs with a maxCount go by age as well, and are counted no more"(h) {
    const store = await h.open({ retention: { completedMs: 1000 } });
    for (const id of ["a", "b"]) await runJob(store, newJob(id, keeping(2)), complete());
    await h.advance(1000);
    await runJob(store, newJob("c", keeping(2, { completedMs: 5000 })), complete());
    while ((await store.prune(10)).nextInMs === 0);
    await runJob(store, newJob("d", keeping(2)), complete());
    assert.deepEqual(await remain(store), ["d", "c"]);
    await assertHealthy(store, false, 100);
  },

  async "a job with a maxCount that is retried or removed is counted no more"(h) {
    const store = await h.open();
    for (const id of ["a", "b", "c"]) await runJob(store, newJob(id, keeping(3)), deadLetter());
    await store.act(["a"], { kind: "retry", revive: false });
    await store.act(["b"], { kind: "remove" });
    await assertHealthy(store, false, 100);
    const [again] = await claim(store, { limit: 1 });
    await store.settle({ outcomes: [outcome(again!, retryIn(60_000))] });
    for (const id of ["d", "e"]) await runJob(store, newJob(id, keeping(3)), deadLetter());
    const left = await statusesOf(store, "a", "b", "c", "d", "e");
    assert.deepEqual(left, ["retry", null, "dead_letter", "dead_letter", "dead_letter"]);
    await assertHealthy(store, false, 100);
  },

  async "a maxCount holds for children that the end of a parent cancels"(h) {
    const store = await h.open();
    const kids = newJobs(30, "kid", { queue: "kids", ...keeping(4) });
    await put(store, newJob("parent"));
    for (const kid of kids) await put(store, childOf(kid.id, "parent", "cancel", kid));
    const [parent] = await claim(store, { sources: [source("default")] });
    await store.settle({ outcomes: [outcome(parent!, deadLetter())] });
    assert.deepEqual(await tally(store), {
      "default/work/dead_letter": 1,
      "kids/work/canceled": 4,
    });
    const { jobs } = await store.list({ status: "canceled", limit: 10 });
    assert.deepEqual(jobs.map(({ id }) => id), ["kid29", "kid28", "kid27", "kid26"]);
    await assertHealthy(store, false, 100);
  },

  async "the count limit of the store holds for jobs with a maxCount too"(h) {
    const store = await h.open({ retention: { maxCount: 2 } });
    for (let i = 0; i < 5; i++) await runJob(store, newJob(`j${i}`, keeping(4)), complete());
    for (let i = 0; i < 100 && (await store.prune(100)).nextInMs === 0; i++);
    assert.deepEqual(await remain(store), ["j4", "j3"]);
    await assertHealthy(store, false, 100);
  },
});
