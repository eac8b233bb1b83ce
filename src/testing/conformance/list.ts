/**
 * Inspect: listing jobs page by page.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type JobStatus, statuses } from "../../job/state.ts";
import type { ListQuery } from "../../store/store.ts";
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
  read,
  release,
  retryIn,
  runJob,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { endJobs, listIds, numbered } from "./pages.ts";

/** What list promises. */
export const listCases: readonly ConformanceCase[] = stageCases("inspect", {
  async "list() of any status of an empty store is empty"(h) {
    const store = await h.open();
    for (const status of statuses) {
      assert.deepEqual(await store.list({ status, limit: 10 }), { jobs: [] }, status);
    }
  },

  async "list() gives the job first that entered the status last"(h) {
    const store = await h.open();
    for (const id of ["a", "b", "c"]) {
      await put(store, newJob(id, { priority: id === "a" ? 9 : 0 }));
    }
    assert.deepEqual(await listIds(store, { status: "ready" }), ["c", "b", "a"]);
    for (const delayMs of [30, 10, 20]) await put(store, newJob(`s${delayMs}`, { delayMs }));
    assert.deepEqual(await listIds(store, { status: "scheduled" }), ["s20", "s10", "s30"]);
    const [a, b, c] = [await claimOne(store), await claimOne(store), await claimOne(store)];
    assert.deepEqual(await listIds(store, { status: "processing" }), ["c", "b", "a"]);
    for (const job of [b, c, a]) await settle(store, job, complete());
    assert.deepEqual(await listIds(store, { status: "completed" }), ["a", "c", "b"]);
    assert.deepEqual(await listIds(store, { status: "ready" }), []);
  },

  async "list() has every status in the order of entry"(h) {
    const store = await h.open();
    const verdicts = {
      completed: complete(),
      retry: retryIn(99_000),
      dead_letter: deadLetter(),
      canceled: cancel(),
    };
    for (const n of [1, 2]) {
      for (const [status, verdict] of Object.entries(verdicts)) {
        await runJob(store, newJob(`${status}${n}`), verdict);
      }
    }
    for (const status of Object.keys(verdicts) as JobStatus[]) {
      assert.deepEqual(await listIds(store, { status }), [`${status}2`, `${status}1`]);
    }
  },

  async "list() gives a job first that came back to its status"(h) {
    const store = await h.open();
    for (const id of ["a", "b", "c"]) await put(store, newJob(id));
    await settle(store, await claimOne(store), release);
    assert.deepEqual(await listIds(store, { status: "ready" }), ["a", "c", "b"]);
  },

  async "list() gives whole records"(h) {
    const store = await h.open();
    await runJob(store, newJob("a", { payload: '"x"' }), complete('"y"'));
    await put(store, newJob("b"));
    await claimOne(store);
    for (const [status, id] of [["completed", "a"], ["processing", "b"]] as const) {
      const { jobs } = await store.list({ status, limit: 10 });
      assert.deepEqual(jobs, [await read(store, id)]);
    }
  },

  async "list() gives pages without repeats or gaps"(h) {
    const store = await h.open();
    await endJobs(store, "j", 25);
    for (const limit of [1, 7, 25, 26]) {
      assert.deepEqual(
        await listIds(store, { status: "completed", limit }),
        numbered("j", 24, 0),
        `limit ${limit}`,
      );
    }
  },

  async "list() gives pages without repeats or gaps of jobs that moved in one step"(h) {
    const store = await h.open();
    await put(store, ...newJobs(40, "j"));
    assert.deepEqual(
      (await listIds(store, { status: "ready", limit: 7 })).sort(),
      numbered("j", 0, 39).sort(),
    );
    const jobs = await claim(store, { limit: 40 });
    assert.deepEqual(
      (await listIds(store, { status: "processing", limit: 7 })).sort(),
      numbered("j", 0, 39).sort(),
    );
    await store.settle({ outcomes: jobs.map((job) => outcome(job, complete())) });
    assert.deepEqual(
      (await listIds(store, { status: "completed", limit: 7 })).sort(),
      numbered("j", 0, 39).sort(),
    );
  },

  async "list() gives up to 500 jobs a page"(h) {
    const store = await h.open();
    await put(store, ...newJobs(600, "j"));
    const ids = await listIds(store, { status: "ready", limit: 500 });
    assert.equal(new Set(ids).size, 600);
    assert.equal(ids.length, 600);
  },

  async "list() takes only the queue and type asked for"(h) {
    const store = await h.open();
    for (let i = 0; i < 12; i++) {
      await put(store, newJob(`j${i}`, { queue: i % 2 === 0 ? "even" : "odd", type: `t${i % 3}` }));
    }
    const list = (filter: Partial<ListQuery>): Promise<string[]> =>
      listIds(store, { status: "ready", limit: 2, ...filter });
    assert.deepEqual(await list({ queue: "even" }), ["j10", "j8", "j6", "j4", "j2", "j0"]);
    assert.deepEqual(await list({ type: "t1" }), ["j10", "j7", "j4", "j1"]);
    assert.deepEqual(await list({ queue: "odd", type: "t0" }), ["j9", "j3"]);
    assert.deepEqual(await list({ queue: "nowhere" }), []);
    assert.deepEqual(await list({ type: "nothing" }), []);
    assert.deepEqual(await listIds(store, { status: "completed", queue: "even" }), []);
  },

  async "list() gives pages without repeats or gaps over many queues and types"(h) {
    const store = await h.open();
    for (let i = 0; i < 130; i++) {
      await put(store, newJob(`j${i}`, { queue: `q${i % 10}`, type: `t${(i * 7) % 13}` }));
    }
    const all = await listIds(store, { status: "ready", limit: 9 });
    assert.deepEqual(all, numbered("j", 129, 0));
    const some = await listIds(store, { status: "ready", limit: 4, queue: "q3" });
    assert.deepEqual(some, numbered("j", 129, 0).filter((id) => id.endsWith("3")));
  },

  async "list() finds a rare type among many jobs"(h) {
    const store = await h.open();
    await put(store, newJob("rare", { type: "rare" }));
    for (let i = 0; i < 3; i++) await put(store, ...newJobs(1000, `j${i}-`));
    assert.deepEqual(await listIds(store, { status: "ready", type: "rare", limit: 10 }), ["rare"]);
  },

  async "list() refuses a cursor that it did not give"(h) {
    const store = await h.open();
    await put(store, ...newJobs(5, "j"));
    for (const cursor of ["no cursor of ours", "!", "🦄", "'; --", "[1,"]) {
      await assert.rejects(
        async () => await store.list({ status: "ready", limit: 2, cursor }),
        (error) => (error as { code?: unknown }).code === "INVALID_OPTION",
        `cursor '${cursor}' must be refused with InvalidOptionError`,
      );
    }
  },
});
