/**
 * Inspect: lists of a span of time.
 *
 * @module
 */

import assert from "node:assert/strict";
import { InvalidOptionError } from "../../errors.ts";
import type { ListQuery, Store, Verdict } from "../../store/store.ts";
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
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { listIds, numbered } from "./pages.ts";

const endings = {
  completed: complete(),
  dead_letter: deadLetter(),
  canceled: cancel(),
} satisfies Record<string, Verdict>;

/** Lists in pages of one, of two and of many, which must agree. */
async function listed(store: Store, query: Omit<ListQuery, "limit">): Promise<string[]> {
  const ids = await listIds(store, query);
  for (const limit of [1, 2]) {
    assert.deepEqual(await listIds(store, { ...query, limit }), ids, `pages of ${limit}`);
  }
  return ids;
}

/** What list promises of `fromAt` and `toAt`. */
export const listTimeCases: readonly ConformanceCase[] = stageCases("inspect", {
  async "list() gives the final jobs that ended within a span"(h) {
    const store = await h.open();
    const start = h.now();
    for (const [status, verdict] of Object.entries(endings)) {
      for (let i = 0; i < 6; i++) {
        await runJob(store, newJob(`${status}${i}`, { queue: `q${i % 2}` }), verdict);
        await h.advance(1000);
      }
    }
    for (const [k, status] of (["completed", "dead_letter", "canceled"] as const).entries()) {
      const zero = start + k * 6000;
      const query = { status, fromAt: zero + 1000, toAt: zero + 4000 };
      assert.deepEqual(await listed(store, query), numbered(status, 3, 1), "half open");
      assert.deepEqual(await listed(store, { ...query, queue: "q1" }), [
        `${status}3`,
        `${status}1`,
      ]);
      assert.deepEqual(await listed(store, { status, fromAt: zero + 4001 }), [`${status}5`]);
      assert.deepEqual(await listed(store, { status, toAt: zero + 1 }), [`${status}0`]);
      assert.deepEqual(await listed(store, { status, toAt: zero }), []);
      assert.deepEqual(await listed(store, { ...query, toAt: query.fromAt }), [], "empty span");
      assert.deepEqual(await listed(store, { ...query, type: "other" }), []);
    }
  },

  async "list() goes to the span at once, however much ended after it"(h) {
    const store = await h.open();
    const start = h.now();
    for (let hour = 0; hour < 3; hour++) {
      await put(store, ...newJobs(150, `h${hour}-`));
      const jobs = await claim(store, { limit: 150 });
      await store.settle({ outcomes: jobs.map((job) => outcome(job, complete())) });
      await h.advance(3_600_000);
    }
    const hour = { fromAt: start, toAt: start + 1_800_000 };
    const page = await store.list({ status: "completed", limit: 10, ...hour });
    assert.deepEqual(page.jobs.map(({ id }) => id), numbered("h0-", 149, 140));
    assert.deepEqual(
      await listIds(store, { status: "completed", ...hour }),
      numbered("h0-", 149, 0),
    );
  },

  async "list() gives delayed jobs of a span by their due times, the latest first"(h) {
    const store = await h.open();
    const start = h.now();
    for (const delayMs of [3000, 1000, 4000, 2000, 5000]) {
      await put(store, newJob(`s${delayMs}`, { delayMs, queue: delayMs > 2000 ? "q" : "default" }));
      await runJob(store, newJob(`r${delayMs}`), retryIn(delayMs));
    }
    for (const [status, prefix] of [["scheduled", "s"], ["retry", "r"]] as const) {
      const query = { status, fromAt: start + 2000, toAt: start + 5000 };
      const expected = [4000, 3000, 2000].map((ms) => `${prefix}${ms}`);
      assert.deepEqual(await listed(store, query), expected);
      assert.deepEqual(await listed(store, { status, fromAt: start + 4500 }), [`${prefix}5000`]);
      assert.deepEqual(await listed(store, { status, toAt: start + 1001 }), [`${prefix}1000`]);
    }
    const query = { status: "scheduled", fromAt: start, queue: "default" } as const;
    assert.deepEqual(await listed(store, query), ["s2000", "s1000"]);
  },

  async "list() keeps its place in a span when delayed jobs come and go between pages"(h) {
    const store = await h.open();
    const fromAt = h.now();
    await put(store, ...[1, 2, 3, 4].map((s) => newJob(`s${s}`, { delayMs: s * 1000 })));
    const query = { status: "scheduled", limit: 2, fromAt } as const;
    const first = await store.list(query);
    assert.deepEqual(first.jobs.map(({ id }) => id), ["s4", "s3"]);
    await store.act(["s3"], { kind: "promote" });
    await put(store, newJob("s9", { delayMs: 9000 }), newJob("s1.5", { delayMs: 1500 }));
    const second = await store.list({ ...query, cursor: first.cursor! });
    assert.deepEqual(second.jobs.map(({ id }) => id), ["s2", "s1.5"]);
  },

  async "list() gives jobs that wait by their enqueue, and those that run by their claim"(h) {
    const store = await h.open();
    const start = h.now();
    await put(store, newJob("parent", { delayMs: 99_000 }));
    for (const id of ["a", "b", "c"]) {
      const dependsOn = [{ id: "parent", onFailure: "cancel" as const }];
      await put(store, newJob(id), newJob(`${id}-child`, { settings: { dependsOn } }));
      await h.advance(1000);
    }
    const middle = { fromAt: start + 1000, toAt: start + 2000 };
    assert.deepEqual(await listed(store, { status: "ready", ...middle }), ["b"]);
    assert.deepEqual(await listed(store, { status: "deferred", ...middle }), ["b-child"]);
    for (let i = 0; i < 3; i++) {
      await claim(store, { limit: 1 });
      await h.advance(1000);
    }
    const later = { fromAt: start + 4000, toAt: start + 5000 };
    assert.deepEqual(await listed(store, { status: "processing", ...later }), ["b"]);
    assert.deepEqual(await listed(store, { status: "ready", ...middle }), []);
  },

  async "list() counts the latest end of a job that ended twice"(h) {
    const store = await h.open();
    const first = h.now();
    await runJob(store, newJob("a"), deadLetter());
    await h.advance(5000);
    await store.act(["a"], { kind: "retry" });
    const [again] = await claim(store);
    await settle(store, again!, deadLetter());
    const status = "dead_letter";
    assert.deepEqual(await listed(store, { status, fromAt: first, toAt: first + 1 }), []);
    assert.deepEqual(await listed(store, { status, fromAt: first + 5000 }), ["a"]);
  },

  async "list() refuses a span that is no time"(h) {
    const store = await h.open();
    for (const span of [{ fromAt: -1 }, { toAt: 1.5 }, { toAt: NaN }, { fromAt: Infinity }]) {
      await assert.rejects(
        async () => await store.list({ status: "completed", limit: 1, ...span }),
        InvalidOptionError,
      );
    }
  },
});
