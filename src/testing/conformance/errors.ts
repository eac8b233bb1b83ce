/**
 * Failures, grouped by their fingerprint.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Failure } from "../../job/job.ts";
import { JOBS_PER_GROUP, MAX_ERROR_GROUPS } from "../../store/error_groups.ts";
import type { ErrorGroupQuery, Store, Verdict } from "../../store/store.ts";
import {
  claim,
  claimOne,
  complete,
  newJob,
  newJobs,
  outcome,
  put,
  read,
  retryIn,
  runJob,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const DAY_MS = 86_400_000;

/** A fingerprint that ends in a number. */
function print(n: number): string {
  return n.toString(16).padStart(16, "0");
}

function failure(n: number, message: string = `failure ${n}`): Failure {
  return { name: "TypeError", message, stack: "at x", fingerprint: print(n) };
}

function dead(n: number): Verdict {
  return { kind: "dead_letter", error: failure(n) };
}

/** Numbers of the groups, in their order. */
async function numbers(store: Store, query: Partial<ErrorGroupQuery> = {}): Promise<number[]> {
  const { groups } = await store.errorGroups({ limit: 500, ...query });
  return groups.map(({ fingerprint }) => parseInt(fingerprint, 16));
}

/** What stores promise of groups of failures. */
export const errorCases: readonly ConformanceCase[] = stageCases("errors", {
  async "settle() adds failures to the group of their fingerprint"(h) {
    const store = await h.open();
    const firstAt = h.now();
    await runJob(store, newJob("a", { type: "work" }), retryIn(DAY_MS, failure(1, "first")));
    await h.advance(10);
    await runJob(store, newJob("b", { type: "p|ay" }), {
      kind: "dead_letter",
      error: failure(1, "l|ast\n\u0000"),
    });
    await h.advance(10);
    await runJob(store, newJob("c"), { kind: "cancel", error: failure(1) });
    await runJob(store, newJob("d"), retryIn(DAY_MS, { message: "no fingerprint" }));
    await runJob(store, newJob("e"), complete());
    assert.deepEqual(await store.errorGroups({ limit: 10 }), {
      groups: [{
        fingerprint: print(1),
        name: "TypeError",
        message: "l|ast\n\u0000",
        type: "p|ay",
        count: 2,
        firstAt,
        lastAt: firstAt + 10,
        jobIds: ["b", "a"],
      }],
    });
  },

  async "the fingerprint of a failure is kept with its attempt"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), dead(7));
    assert.deepEqual((await read(store, "a")).attempts.map(({ error }) => error), [failure(7)]);
  },

  async "settle() groups nothing for an outcome that is repeated or lost"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    const outcomes = [outcome(job, dead(1)), outcome(job, dead(1))];
    await store.settle({ outcomes });
    await store.settle({ outcomes: [...outcomes, { ...outcomes[0]!, id: "nobody" }] });
    const { groups } = await store.errorGroups({ limit: 10 });
    assert.deepEqual(groups.map(({ count }) => count), [1]);
  },

  async "a group names the newest jobs, each once"(h) {
    const store = await h.open();
    const ids = Array.from({ length: JOBS_PER_GROUP + 5 }, (_, i) => `j${i}`);
    await put(store, ...ids.map((id) => newJob(id)));
    for (const job of await claim(store, { limit: 100 })) {
      await settle(store, job, retryIn(0, failure(1)));
    }
    await h.advance(1);
    const again = (await claim(store, { limit: 100 })).find(({ id }) => id === "j10")!;
    await settle(store, again, dead(1));
    const { groups } = await store.errorGroups({ limit: 10 });
    const others = ids.toReversed().filter((id) => id !== "j10");
    assert.deepEqual(groups[0]?.jobIds, ["j10", ...others].slice(0, JOBS_PER_GROUP));
    assert.equal(groups[0]?.count, ids.length + 1);
  },

  async "a message is cut to 500 characters"(h) {
    const store = await h.open();
    const error = { message: "é".repeat(600), fingerprint: print(1) };
    await runJob(store, newJob("a"), { kind: "dead_letter", error });
    const { groups: [group] } = await store.errorGroups({ limit: 1 });
    assert.equal(group?.message, `${"é".repeat(499)}…`);
    assert.equal(group?.name, null);
  },

  async "errorGroups() gives those first that failed last, page by page"(h) {
    const store = await h.open();
    for (const n of [3, 1, 2]) {
      await runJob(store, newJob(`a${n}`, { type: n === 1 ? "play" : "work" }), dead(n));
      await h.advance(1);
    }
    await put(store, newJob("x"), newJob("y"), newJob("z"));
    const jobs = await claim(store);
    const order = [5, 6, 4];
    await store.settle({ outcomes: jobs.map((job, i) => outcome(job, dead(order[i]!))) });
    assert.deepEqual(await numbers(store), [6, 5, 4, 2, 1, 3], "of one time the higher first");
    assert.deepEqual(await numbers(store, { type: "play" }), [1]);
    assert.deepEqual(await numbers(store, { fingerprint: print(5) }), [5]);
    assert.deepEqual(await numbers(store, { fingerprint: print(9) }), []);
    const seen: number[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      assert.ok(page < 4, "pages come to an end");
      const from = cursor === undefined ? {} : { cursor };
      const reply = await store.errorGroups({ limit: 2, ...from });
      seen.push(...reply.groups.map(({ fingerprint }) => parseInt(fingerprint, 16)));
      cursor = reply.cursor;
    }
    assert.deepEqual(seen, [6, 5, 4, 2, 1, 3]);
    for (const query of [{ limit: 0 }, { limit: 501 }, { limit: 1, cursor: "x" }]) {
      await assert.rejects(store.errorGroups(query), /Cannot list errors/);
    }
  },

  async "of more than a thousand groups the one goes that failed longest ago"(h) {
    const store = await h.open();
    await runJob(store, newJob("old"), dead(1_000_000));
    await h.advance(1);
    await runJob(store, newJob("older"), dead(999_999));
    await h.advance(1);
    await put(store, ...newJobs(MAX_ERROR_GROUPS - 1, "a"));
    const jobs = await claim(store, { limit: MAX_ERROR_GROUPS });
    await store.settle({ outcomes: jobs.map((job, i) => outcome(job, dead(i))) });
    const all: number[] = [];
    let cursor: string | undefined;
    do {
      const from = cursor === undefined ? {} : { cursor };
      const reply = await store.errorGroups({ limit: 500, ...from });
      all.push(...reply.groups.map(({ fingerprint }) => parseInt(fingerprint, 16)));
      cursor = reply.cursor;
    } while (cursor !== undefined);
    assert.equal(all.length, MAX_ERROR_GROUPS);
    assert.equal(all.at(-1), 999_999);
  },

  async "sample() lets go of groups that have not failed for 30 days"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), dead(1));
    await h.advance(1);
    await runJob(store, newJob("b"), dead(2));
    await h.advance(30 * DAY_MS - 1);
    await store.sample();
    assert.deepEqual(await numbers(store), [2]);
    await runJob(store, newJob("c", { queue: "q" }), dead(1));
    const { groups } = await store.errorGroups({ limit: 1, fingerprint: print(1) });
    assert.equal(groups[0]?.count, 1);
  },
});
