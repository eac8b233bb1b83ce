/**
 * Enqueue: ids in use, and ids free again.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import {
  beginnings,
  cancel,
  claimIds,
  claimOne,
  complete,
  deadLetter,
  holdOf,
  newJob,
  pick,
  put,
  read,
  retryIn,
  runJob,
  settle,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** Large enough for a store to keep it apart. */
const LARGE = `"${"x".repeat(100_000)}"`;
const OTHER_LARGE = `"${"y".repeat(100_000)}"`;

/** What enqueue promises about ids in use. */
export const duplicateCases: readonly ConformanceCase[] = stageCases("enqueue", {
  async "enqueue() writes nothing of a group with an id in use"(h) {
    const store = await h.open();
    await put(store, newJob("taken"));
    const [reply] = await store.enqueue([[newJob("a"), newJob("b"), newJob("taken"), newJob("c")]]);
    assert.deepEqual(reply, { outcome: "duplicate", index: 2, id: "taken", status: "ready" });
    assert.deepEqual(await store.getJobs(["a", "b", "c"]), [null, null, null]);
    assert.deepEqual(await tally(store), { "default/work/ready": 1 });
    assert.deepEqual(await claimIds(store), ["taken"]);
  },

  async "enqueue() names the first of several ids in use"(h) {
    const store = await h.open();
    await put(store, newJob("x"), newJob("y"));
    const [reply] = await store.enqueue([[newJob("a"), newJob("y"), newJob("x")]]);
    assert.deepEqual(reply, { outcome: "duplicate", index: 1, id: "y", status: "ready" });
  },

  async "enqueue() writes the other groups of a call with a duplicate"(h) {
    const store = await h.open();
    await put(store, newJob("taken"));
    const replies = await store.enqueue([
      [newJob("a"), newJob("b")],
      [newJob("c"), newJob("taken")],
      [newJob("d")],
    ]);
    assert.deepEqual(replies.map((reply) => reply.outcome), ["created", "duplicate", "created"]);
    assert.deepEqual(await statusesOf(store, "a", "b", "c", "d"), [
      "ready",
      "ready",
      null,
      "ready",
    ]);
  },

  async "enqueue() lets the first of two groups with the same id win"(h) {
    const store = await h.open();
    const replies = await store.enqueue([
      [newJob("a", { payload: "1", delayMs: 50 })],
      [newJob("b"), newJob("a", { payload: "2" })],
    ]);
    assert.deepEqual(replies, [
      { outcome: "created", statuses: ["scheduled"] },
      { outcome: "duplicate", index: 1, id: "a", status: "scheduled" },
    ]);
    assert.equal((await read(store, "a")).payload, "1");
    assert.deepEqual(await statusesOf(store, "b"), [null]);
  },

  async "enqueue() leaves the ids of a refused group free for the next group"(h) {
    const store = await h.open();
    await put(store, newJob("taken"));
    const replies = await store.enqueue([
      [newJob("a", { payload: LARGE }), newJob("taken")],
      [newJob("a", { payload: OTHER_LARGE })],
    ]);
    assert.deepEqual(replies.map((reply) => reply.outcome), ["duplicate", "created"]);
    assert.ok((await read(store, "a")).payload === OTHER_LARGE, "the payload of the second");
  },

  async "enqueue() answers 'duplicate' and changes nothing when repeated"(h) {
    const store = await h.open();
    const group = [newJob("a"), newJob("b", { delayMs: 10 })];
    await store.enqueue([group]);
    await h.advance(3);
    const before = await store.getJobs(["a", "b"]);
    assert.deepEqual(await store.enqueue([group]), [
      { outcome: "duplicate", index: 0, id: "a", status: "ready" },
    ]);
    assert.deepEqual(await store.getJobs(["a", "b"]), before);
    assert.deepEqual(await tally(store), { "default/work/ready": 1, "default/work/scheduled": 1 });
  },

  async "enqueue() sees an id in use whatever its queue and type"(h) {
    const store = await h.open();
    await put(store, newJob("a", { queue: "q1", type: "t1" }));
    const [reply] = await store.enqueue([[newJob("a", { queue: "q2", type: "t2" })]]);
    assert.equal(reply?.outcome, "duplicate");
    assert.deepEqual(await tally(store), { "q1/t1/ready": 1 });
  },

  async "enqueue() tells the present status of the job that has the id"(h) {
    const store = await h.open();
    await runJob(store, newJob("completed"), complete());
    await runJob(store, newJob("dead_letter"), deadLetter());
    await runJob(store, newJob("canceled"), cancel());
    await runJob(store, newJob("retry"), retryIn(1000));
    await put(store, newJob("processing"));
    await claimOne(store);
    await put(store, newJob("scheduled", { delayMs: 1000 }), newJob("ready"));
    for (const id of await seen(store)) {
      const [reply] = await store.enqueue([[newJob(id)]]);
      assert.deepEqual(reply, { outcome: "duplicate", index: 0, id, status: id });
    }
  },

  async "enqueue() takes an id again, with nothing of the old job, when retention has removed it"(
    h,
  ) {
    const store = await h.open({ retention: { completedMs: 1000 } });
    await livedJob(store, "a");
    await h.advance(1000);
    await store.prune(10);
    await startsAnew(store, "a", h.now());
  },

  async "enqueue() takes an id again, with nothing of the old job, when retention 0 has removed it"(
    h,
  ) {
    const store = await h.open({ retention: { completedMs: 0 } });
    await livedJob(store, "a");
    await startsAnew(store, "a", h.now());
  },
});

async function seen(store: Store): Promise<string[]> {
  const rows = await store.counts();
  assert.equal(rows.length, 7, "a job in each of seven statuses");
  return rows.map((row) => row.status);
}

/** Gives a job a past: a lost retry, log lines, progress, an error, a result. */
async function livedJob(store: Store, id: string): Promise<void> {
  await runJob(store, newJob(id, { settings: { maxRetry: 3 }, payload: LARGE }), retryIn(0));
  const claimed = await claimOne(store);
  await store.report([{ ...holdOf(claimed), progress: { value: 0.5 }, logs: ["old line"] }]);
  assert.equal(await settle(store, claimed, complete('"old"')), "ok");
}

async function startsAnew(store: Store, id: string, now: number): Promise<void> {
  assert.deepEqual(await store.getJobs([id]), [null]);
  assert.deepEqual(await store.counts(), []);
  const [reply] = await store.enqueue([[newJob(id, { payload: OTHER_LARGE })]]);
  assert.deepEqual(reply, { outcome: "created", statuses: ["ready"] });
  const keys = Object.keys(beginnings) as (keyof typeof beginnings)[];
  await put(store, newJob("another"));
  for (const [one, payload] of [[id, OTHER_LARGE], ["another", "{}"]] as const) {
    const record = await read(store, one);
    assert.deepEqual(pick(record, ...keys), beginnings, one);
    assert.deepEqual(pick(record, "settings", "createdAt"), { settings: {}, createdAt: now });
    assert.ok(record.payload === payload, `payload of '${one}' must be its own`);
    await store.report([{ ...holdOf(await claimOne(store)), logs: ["new line"] }]);
    const { logs } = await read(store, one);
    assert.deepEqual(logs, [{ at: now, text: "new line" }], `log of '${one}' must be its own`);
  }
}
