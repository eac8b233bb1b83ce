/**
 * Inspect: reading lists by page.
 *
 * @module
 */

import assert from "node:assert/strict";
import { InvalidOptionError } from "../../errors.ts";
import { type JobStatus, statuses } from "../../job/state.ts";
import type { NewJob, PageQuery, Store } from "../../store/store.ts";
import {
  cancel,
  claim,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  read,
  retryIn,
  runJob,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { childOf } from "./graph_builders.ts";
import { listIds, numbered } from "./pages.ts";

/** Ids of a page, and the length of the whole list. */
async function pageIds(
  store: Store,
  query: Partial<PageQuery> & Pick<PageQuery, "status">,
): Promise<{ ids: string[]; total: number }> {
  const { jobs, total } = await store.page({ offset: 0, limit: 100, ...query });
  return { ids: jobs.map(({ id }) => id), total };
}

/** Asserts what pages hold at some places of a list, from both ends. */
async function assertPages(
  store: Store,
  query: Partial<PageQuery> & Pick<PageQuery, "status">,
  all: readonly string[],
  offsets: readonly number[],
  limit: number,
): Promise<void> {
  for (const order of ["newest", "oldest"] as const) {
    const ids = order === "newest" ? all : all.toReversed();
    for (const offset of offsets) {
      assert.deepEqual(
        await pageIds(store, { ...query, offset, limit, order }),
        { ids: ids.slice(offset, offset + limit), total: all.length },
        `${query.status}, ${order} first, ${limit} from ${offset}`,
      );
    }
  }
}

/** Asserts that pages hold each job of a list once, whatever their order. */
async function assertWhole(
  store: Store,
  query: Pick<PageQuery, "status">,
  expected: readonly string[],
  limit: number,
): Promise<void> {
  const ids: string[] = [];
  for (let offset = 0; offset < expected.length; offset += limit) {
    ids.push(...(await pageIds(store, { ...query, offset, limit })).ids);
  }
  assert.deepEqual(ids.sort(), expected.toSorted());
}

/** A job of one of two queues and three types, by its number. */
function spread(id: string, i: number, fields: Partial<NewJob> = {}): NewJob {
  return newJob(id, { queue: `q${i % 2}`, type: `t${i % 3}`, priority: i % 5 - 2, ...fields });
}

/** Brings eleven jobs into each status that there are moves to. */
async function fillAll(store: Store): Promise<void> {
  const verdicts = {
    completed: complete(),
    dead_letter: deadLetter(),
    canceled: cancel(),
  };
  const kept = { settings: { retention: { completedMs: 99_000 } } };
  for (let i = 0; i < 11; i++) {
    for (const [status, verdict] of Object.entries(verdicts)) {
      await runJob(store, spread(`${status}${i}`, i, i % 4 === 0 ? kept : {}), verdict);
    }
    await runJob(store, spread(`retry${i}`, i), retryIn(50_000 + (i * 7) % 11));
  }
  await put(store, newJob("parent", { queue: "p", delayMs: 1000 }));
  for (let i = 0; i < 11; i++) {
    await put(store, spread(`running${i}`, i));
    await claim(store, { limit: 1, sources: sourcesOfAll });
  }
  for (let i = 0; i < 11; i++) {
    await put(
      store,
      spread(`ready${i}`, i),
      spread(`scheduled${i}`, i, { delayMs: 9000 + (i * 7) % 11 }),
      childOf(`deferred${i}`, "parent", "cancel", { queue: `q${i % 2}`, type: `t${i % 3}` }),
    );
  }
}

const sourcesOfAll = [{ queue: null, types: ["t0", "t1", "t2"], share: 1000 }];

/** What page promises. */
export const pageCases: readonly ConformanceCase[] = stageCases("inspect", {
  async "page() of any status of an empty store is empty"(h) {
    const store = await h.open();
    for (const status of statuses) {
      for (const offset of [0, 1, 999_900]) {
        const page = await store.page({ status, offset, limit: 100 });
        assert.deepEqual(page, { jobs: [], total: 0 }, status);
      }
    }
  },

  async "page() gives any part of a list of any status, from both ends"(h) {
    const store = await h.open();
    await fillAll(store);
    for (const status of statuses) {
      const all = await listIds(store, { status });
      assert.equal(all.length, expectedIn(status), status);
      for (const limit of [1, 3, 20]) {
        await assertPages(store, { status }, all, [0, 1, 4, 5, 6, 10, 11, 12], limit);
      }
    }
  },

  async "page() takes only the queues and the type asked for"(h) {
    const store = await h.open();
    await fillAll(store);
    for (const status of statuses.filter((status) => expectedIn(status) > 0)) {
      const q0 = await listIds(store, { status, queue: "q0" });
      await assertPages(store, { status, queues: ["q0"] }, q0, [0, 2, 5], 2);
      const t1 = await listIds(store, { status, type: "t1" });
      await assertPages(store, { status, type: "t1" }, t1, [0, 1, 3], 2);
      const both = await listIds(store, { status, type: "t1", queue: "q1" });
      await assertPages(store, { status, type: "t1", queues: ["q1", "q9"] }, both, [0, 1], 2);
      const all = (await listIds(store, { status })).filter((id) => id !== "parent");
      await assertPages(store, { status, queues: ["q1", "q0"] }, all, [0, 3, 9], 4);
      await assertPages(store, { status, queues: [] }, [], [0, 1], 4);
      await assertPages(store, { status, queues: ["nowhere"] }, [], [0], 4);
      await assertPages(store, { status, type: "nothing" }, [], [0], 4);
    }
  },

  async "page() gives whole records"(h) {
    const store = await h.open();
    await runJob(store, newJob("a", { payload: '"x"' }), complete('"y"'));
    const { jobs } = await store.page({ status: "completed", offset: 0, limit: 1 });
    assert.deepEqual(jobs, [await read(store, "a")]);
  },

  async "page() gives any part of long lists of many queues, types and priorities"(h) {
    const store = await h.open();
    const jobs = Array.from({ length: 3000 }, (_, i) => {
      // Some types have many jobs, some few, and some theirs all at one end.
      const type = i < 400 ? "early" : i > 2700 ? "late" : `t${(i * i) % 23}`;
      return newJob(`j${i}`, { queue: `q${i % 3}`, type, priority: i % 2 });
    });
    for (let at = 0; at < jobs.length; at += 500) await put(store, ...jobs.slice(at, at + 500));
    const places = [0, 480, 520, 1200, 1499, 1500, 1777, 2460, 2500, 2990, 3000];
    await assertPages(store, { status: "ready" }, numbered("j", 2999, 0), places, 60);
    const early = numbered("j", 399, 0).filter((id) => Number(id.slice(1)) % 3 !== 1);
    const query = { status: "ready", queues: ["q0", "q2"], type: "early" } as const;
    await assertPages(store, query, early, [0, 133, 200, 260], 25);
    const types = [...new Set(jobs.map(({ type }) => type))];
    const all = { limit: 500, sources: [{ queue: null, types, share: 500 }] };
    for (let ended = 0; ended < jobs.length; ended += 500) {
      const held = await claim(store, all);
      await store.settle({ outcomes: held.map((job) => outcome(job, complete())) });
    }
    const ended = await listIds(store, { status: "completed", limit: 500 });
    assert.equal(ended.length, 3000);
    await assertPages(store, { status: "completed" }, ended, places, 60);
  },

  async "page() gives each job once of many that are due at the same time"(h) {
    const store = await h.open();
    const ids = numbered("j", 0, 59);
    const jobs = ids.map((id, i) => spread(id, i, { delayMs: 1000 + i % 2 }));
    await put(store, ...jobs);
    for (const limit of [1, 7, 59, 60]) {
      await assertWhole(store, { status: "scheduled" }, ids, limit);
    }
  },

  async "page() leaves out ready jobs that were taken out of their line"(h) {
    const store = await h.open();
    await put(store, ...newJobs(300, "j"));
    const gone = numbered("j", 0, 299).filter((_, i) => i % 3 === 0 || (i > 100 && i < 130));
    for (let at = 0; at < gone.length; at += 100) {
      await store.act(gone.slice(at, at + 100), { kind: "cancel", reason: "not needed" });
    }
    const all = numbered("j", 299, 0).filter((id) => !gone.includes(id));
    await assertPages(store, { status: "ready" }, all, [0, 30, 70, 90, 120, 170, 178], 12);
  },

  async "page() has ready jobs that stand aside for a limit"(h) {
    const store = await h.open();
    await store.setLimit({ key: "k" }, { concurrency: 1 });
    await put(store, ...newJobs(10, "j", { settings: { limitKey: "k" } }));
    await claim(store, { limit: 10 });
    await put(store, newJob("last"));
    await assertPages(store, { status: "ready" }, ["last", ...numbered("j", 9, 1)], [0, 4, 8], 3);
  },

  async "page() counts what comes and goes"(h) {
    const store = await h.open({ retention: { completedMs: 1000 } });
    await put(store, ...newJobs(5, "j"));
    assert.equal((await pageIds(store, { status: "ready" })).total, 5);
    const held = await claim(store, { limit: 3 });
    assert.deepEqual(await pageIds(store, { status: "ready" }), { ids: ["j4", "j3"], total: 2 });
    assert.equal((await pageIds(store, { status: "processing" })).total, 3);
    await store.settle({ outcomes: held.map((job) => outcome(job, complete())) });
    assert.equal((await pageIds(store, { status: "processing" })).total, 0);
    assert.equal((await pageIds(store, { status: "completed" })).total, 3);
    await h.advance(1000);
    await store.prune(10);
    assert.deepEqual(await pageIds(store, { status: "completed" }), { ids: [], total: 0 });
  },

  async "page() refuses a query that breaks a rule"(h) {
    const store = await h.open();
    const broken: object[] = [
      ...[{ limit: 0 }, { limit: 501 }, { limit: 1.5 }, { offset: -1 }, { offset: NaN }],
      ...[{ order: "up" }, { status: "gone" }, { queues: "q" }, { queues: [1] }, { type: 1 }],
      { cursor: "1" },
    ];
    for (const fields of broken) {
      const query = { status: "ready", offset: 0, limit: 1, ...fields } as PageQuery;
      await assert.rejects(async () => await store.page(query), InvalidOptionError);
    }
  },
});

/** How many jobs `fillAll` brings into a status. */
function expectedIn(status: JobStatus): number {
  if (status === "scheduled") return 12;
  return status === "stopped" || status === "failed" ? 0 : 11;
}
