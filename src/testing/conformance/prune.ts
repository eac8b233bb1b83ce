/**
 * Retain: prune, and the count limit.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store, Verdict } from "../../store/store.ts";
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

const DAY_MS = 86_400_000;

/** Prunes until there is nothing left to prune. */
async function pruneAll(store: Store): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { moved, nextInMs } = await store.prune(100);
    if (moved === 0 && nextInMs !== 0) return;
  }
  assert.fail("prune() must come to an end");
}

/** What prune and the count limit promise. */
export const pruneCases: readonly ConformanceCase[] = stageCases("retain", {
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
