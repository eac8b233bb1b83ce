/**
 * Control: jobs that are brought back, and jobs that are removed.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobAction, Store } from "../../store/store.ts";
import {
  beginnings,
  claimIds,
  claimOne,
  complete,
  deadLetter,
  holdOf,
  newJob,
  newJobs,
  pick,
  put,
  read,
  retryIn,
  runJob,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, run } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { settleDown, stillWaits, within, wokenBy } from "./wait.ts";

const retry: JobAction = { kind: "retry" };
const remove: JobAction = { kind: "remove" };
const done = { outcome: "done", status: "ready" } as const;
const big = (letter: string): string => JSON.stringify(letter.repeat(100_000));

/** Lets a job fail once, be lost once, tell something, and fail for the last time. */
async function dies(h: ConformanceHarness, store: Store, id: string): Promise<void> {
  const only = { sources: [{ queue: "default", types: ["work"], share: 1 }], limit: 1 };
  await settle(store, await claimOne(store, only), retryIn(0, { message: "first" }));
  await claimOne(store, { ...only, leaseMs: 10 });
  await h.advance(10);
  await store.reap({ limit: 10, maxDeliveries: 5 });
  const job = await claimOne(store, only);
  assert.equal(job.id, id);
  await store.report([{ ...holdOf(job), progress: { value: 0.5 }, logs: ["line"] }]);
  await h.advance(7);
  await settle(store, job, deadLetter("last"), 7);
}

/** What retry and remove promise. */
export const controlRetryCases: readonly ConformanceCase[] = stageCases("control", {
  async "retry counts retries and deliveries from 0, keeps attempts, and forgets the end"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await dies(h, store, "a");
    const before = await read(store, "a");
    assert.deepEqual(pick(before, "status", "retryCount", "deliveries", "attemptsMade"), {
      status: "dead_letter",
      retryCount: 1,
      deliveries: 1,
      attemptsMade: 3,
    });
    await h.advance(1000);
    assert.deepEqual(await actOn(store, "a", retry), done);
    assert.deepEqual(await read(store, "a"), {
      ...before,
      status: "ready",
      finishedAt: null,
      retryCount: 0,
      deliveries: 0,
    });
  },

  async "attempts of a retried job are numbered on"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await dies(h, store, "a");
    await actOn(store, "a", retry);
    const job = await claimOne(store);
    assert.deepEqual(pick(job, "retryCount", "deliveries", "attemptsMade"), {
      retryCount: 0,
      deliveries: 0,
      attemptsMade: 3,
    });
    await settle(store, job, complete('"r"'));
    const { attempts, attemptsMade, status, result, error } = await read(store, "a");
    assert.deepEqual(attempts.map((one) => [one.attempt, one.outcome]), [
      [1, "retry"],
      [2, "lost"],
      [3, "dead_letter"],
      [4, "completed"],
    ]);
    assert.deepEqual([attemptsMade, status, result, error], [4, "completed", '"r"', null]);
  },

  async "deliveries of a retried job count from 0 for reap()"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const lapse = async (maxDeliveries: number): Promise<void> => {
      await claimOne(store, { leaseMs: 10 });
      await h.advance(10);
      await store.reap({ limit: 10, maxDeliveries });
    };
    await lapse(2);
    await lapse(2);
    await assertStatuses(store, { a: "dead_letter" });
    await actOn(store, "a", retry);
    await lapse(2);
    await assertStatuses(store, { a: "ready" });
    await lapse(2);
    assert.deepEqual(pick(await read(store, "a"), "status", "deliveries", "attemptsMade"), {
      status: "dead_letter",
      deliveries: 2,
      attemptsMade: 4,
    });
  },

  async "retry of a canceled job forgets the reason, and what it ran keeps its own"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b", { delayMs: 5 }));
    await claimOne(store);
    for (const id of ["a", "b"]) await actOn(store, id, callOff);
    for (const id of ["a", "b"]) assert.deepEqual(await actOn(store, id, retry), done);
    assert.equal((await read(store, "b")).error, null);
    const { attempts, error, startedAt, holder } = await read(store, "a");
    assert.equal(error, attempts[0]?.error?.message);
    assert.deepEqual([startedAt, holder], [attempts[0]?.startedAt, null]);
    assert.deepEqual(await claimIds(store), ["a", "b"], "a delay does not count again");
  },

  async "retry can give a job another payload, of any size"(h) {
    const store = await h.open();
    await put(store, newJob("a", { payload: big("x") }));
    for (const payload of ['"small"', big("y"), JSON.stringify("z".repeat(5000))]) {
      await run(store, "a", deadLetter());
      await actOn(store, "a", { kind: "retry", payload });
      assert.ok((await read(store, "a")).payload === payload, `payload of ${payload.length}`);
    }
    await run(store, "a", deadLetter());
    await actOn(store, "a", retry);
    assert.equal((await claimOne(store)).payload, JSON.stringify("z".repeat(5000)));
  },

  async "a retried job goes to the end of its line, though it was enqueued for the front"(h) {
    const store = await h.open();
    await put(store, newJob("a", { atFront: true }), newJob("never", { atFront: true }));
    await run(store, "a", deadLetter());
    await actOn(store, "never", callOff);
    await put(store, newJob("b"), newJob("low", { priority: -1 }));
    for (const id of ["a", "never"]) await actOn(store, id, retry);
    await put(store, newJob("c"));
    assert.deepEqual(await claimIds(store), ["b", "a", "never", "c", "low"]);
  },

  async "a retried job does not expire, though its time has passed"(h) {
    const store = await h.open();
    const settings = { expireAt: h.now() + 100 };
    await put(store, newJob("a", { settings }), newJob("b", { settings, delayMs: 50 }));
    await actOn(store, "b", callOff);
    await h.advance(100);
    assert.equal((await store.expire(10)).moved, 1);
    for (const id of ["a", "b"]) assert.deepEqual(await actOn(store, id, retry), done);
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: null });
    assert.deepEqual(await claimIds(store), ["a", "b"]);
  },

  async "a retried job is out of retention until it is final again"(h) {
    const store = await h.open({ retention: { failedMs: 100, completedMs: 100, maxCount: 2 } });
    await runJob(store, newJob("a"), deadLetter());
    await h.advance(99);
    await actOn(store, "a", retry);
    for (const { id } of newJobs(3, "d")) {
      await runJob(store, newJob(id, { type: "other" }), deadLetter());
    }
    await h.advance(1000);
    await store.prune(100);
    await assertStatuses(store, { a: "ready" });
    await run(store, "a", complete());
    await h.advance(99);
    await store.prune(100);
    await assertStatuses(store, { a: "completed" });
    await h.advance(1);
    await store.prune(100);
    await assertStatuses(store, { a: null });
    assert.deepEqual(await store.counts(), []);
  },

  async "a waiting pool is woken by a job that is retried or promoted"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), deadLetter());
    await put(store, newJob("late", { delayMs: 86_400_000 }));
    assert.deepEqual(await wokenBy(h, store, () => actOn(store, "a", retry)), ["a"]);
    const promote = (): Promise<unknown> => actOn(store, "late", { kind: "promote" });
    assert.deepEqual(await wokenBy(h, store, promote), ["late"]);
  },

  async "awaitFinal() of a retried job waits for its next end"(h) {
    const store = await h.open();
    await runJob(store, newJob("a"), deadLetter());
    await actOn(store, "a", retry);
    const waiting = store.awaitFinal("a");
    await settleDown();
    await stillWaits(waiting, "awaitFinal() of a retried job");
    await run(store, "a", complete());
    assert.equal((await within(h, waiting, "its end"))?.status, "completed");
  },

  async "awaitFinal() returns a job that is canceled"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    await claimOne(store);
    for (const id of ["a", "b"]) {
      const waiting = store.awaitFinal(id);
      await settleDown();
      await actOn(store, id, callOff);
      assert.equal((await within(h, waiting, "its end"))?.error, "not needed", id);
    }
  },

  async "a removed job frees its id, and leaves nothing to the next job with it"(h) {
    const store = await h.open();
    const keys = Object.keys(beginnings) as (keyof typeof beginnings)[];
    await put(store, newJob("a", { payload: big("x"), priority: 5 }));
    await dies(h, store, "a");
    assert.deepEqual(await actOn(store, "a", remove), { outcome: "done", status: null });
    await put(store, newJob("a", { payload: big("y") }));
    assert.deepEqual(pick(await read(store, "a"), ...keys), beginnings);
    assert.ok((await read(store, "a")).payload === big("y"), "a payload of its own");
    await settle(store, await claimOne(store), retryIn(50));
    await actOn(store, "a", remove);
    await put(store, newJob("a", { delayMs: 100, payload: "1" }));
    await h.advance(50);
    assert.equal((await store.promote(10)).moved, 0, "the old due time is forgotten");
    await actOn(store, "a", remove);
    const settings = { expireAt: h.now() + 10 };
    await put(store, newJob("a", { settings }));
    await actOn(store, "a", remove);
    await put(store, newJob("a", { priority: -1 }), newJob("b"));
    await h.advance(500);
    assert.deepEqual(await store.expire(10), { moved: 0, nextInMs: null });
    assert.deepEqual(await store.promote(10), { moved: 0, nextInMs: null });
    assert.deepEqual(await tally(store), { "default/work/ready": 2 });
    assert.deepEqual(await claimIds(store), ["b", "a"]);
    assert.deepEqual((await read(store, "a")).settings, {});
  },
});
