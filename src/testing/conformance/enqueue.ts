/**
 * Enqueue: what is written, groups, and ids in use.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobSettings } from "../../job/job.ts";
import {
  cancel,
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
  source,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const settings: JobSettings = {
  maxRetry: 0,
  backoff: { type: "custom", intervals: [1, 20, 300], jitter: 0.5, maxMs: 1000 },
  timeoutMs: 90_000,
  expireAt: 4_000_000_000_000,
  deadLetter: false,
  retention: { completedMs: 0, failedMs: -1 },
  meta: { tenant: "Zoë 🦄", nested: { list: [], none: null, flag: false }, zero: 0, text: "" },
  enqueuedBy: 'importer "nightly" \'; --',
};

const beginnings = {
  status: "ready",
  runAt: null,
  startedAt: null,
  finishedAt: null,
  retryCount: 0,
  attemptsMade: 0,
  deliveries: 0,
  attempts: [],
  error: null,
  result: null,
  progress: null,
  logs: [],
  holder: null,
} as const;

/** What enqueue promises. */
export const enqueueCases: readonly ConformanceCase[] = stageCases("enqueue", {
  async "enqueue() writes a ready job with every field at its beginning"(h) {
    const store = await h.open();
    const job = newJob("a", { type: "t", queue: "q", priority: -30, payload: '{"n":1}', settings });
    assert.deepEqual(await store.enqueue([[job]]), [{ outcome: "created", statuses: ["ready"] }]);
    const expected = {
      id: "a",
      type: "t",
      queue: "q",
      priority: -30,
      payload: '{"n":1}',
      settings,
      createdAt: h.now(),
      ...beginnings,
    };
    const keys = Object.keys(expected) as (keyof typeof expected)[];
    assert.deepEqual(pick(await read(store, "a"), ...keys), expected);
  },

  async "enqueue() answers with the status of each job in the order of its group"(h) {
    const store = await h.open();
    const replies = await store.enqueue([
      [newJob("a"), newJob("b", { delayMs: 10 }), newJob("c")],
      [newJob("d", { runAt: h.now() + 5 })],
    ]);
    assert.deepEqual(replies, [
      { outcome: "created", statuses: ["ready", "scheduled", "ready"] },
      { outcome: "created", statuses: ["scheduled"] },
    ]);
    assert.deepEqual(await statusesOf(store, "a", "b", "c", "d"), [
      "ready",
      "scheduled",
      "ready",
      "scheduled",
    ]);
  },

  async "enqueue() of no groups does nothing"(h) {
    const store = await h.open();
    assert.deepEqual(await store.enqueue([]), []);
    assert.deepEqual(await store.counts(), []);
  },

  async "enqueue() keeps the job as it was given when the caller changes its objects"(h) {
    const store = await h.open();
    const meta: Record<string, unknown> = { step: 1 };
    const job = { ...newJob("a", { settings: { meta } }) };
    await put(store, job);
    meta.step = 2;
    job.payload = '"changed"';
    assert.deepEqual(pick(await read(store, "a"), "payload", "settings"), {
      payload: "{}",
      settings: { meta: { step: 1 } },
    });
  },

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
      [newJob("a", { payload: "1" }), newJob("taken")],
      [newJob("a", { payload: "2" })],
    ]);
    assert.deepEqual(replies.map((reply) => reply.outcome), ["duplicate", "created"]);
    assert.equal((await read(store, "a")).payload, "2");
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

  async "enqueue() keeps queues and types apart whatever characters are in their names"(h) {
    const store = await h.open();
    const names: [string, string][] = [
      ["a:b", "c"],
      ["a", "b:c"],
      ["a", "b|c"],
      ["a", "b/c"],
      ["a", "b c"],
      ["a", "%"],
      ["a", "_"],
      ["a", "*"],
      ["a", 'it\'s "x"; --'],
      ["a", "grüße 🦄"],
      ["a.b-c_d:e", "constructor"],
      ["A", "b:c"],
      ["__proto__", "__proto__"],
      ["q".repeat(128), "t".repeat(256)],
    ];
    const jobs = names.map(([queue, type], i) => newJob(`job-${i}`, { queue, type }));
    await put(store, ...jobs);
    for (const [i, [queue, type]] of names.entries()) {
      const ids = await claimIds(store, { sources: [source(queue, [type])] });
      assert.deepEqual(ids, [`job-${i}`], `queue '${queue}', type '${type}'`);
      assert.deepEqual(pick(await read(store, `job-${i}`), "queue", "type"), { queue, type });
    }
  },

  async "enqueue() takes ids of 256 characters, and ids that look like names of properties"(h) {
    const store = await h.open();
    const ids = [
      "i".repeat(256),
      `${"i".repeat(255)}j`,
      "__proto__",
      "constructor",
      "0",
      "00",
      "A",
      "a",
    ];
    await put(store, ...ids.map((id) => newJob(id)));
    assert.deepEqual(await claimIds(store), ids);
    assert.deepEqual(await store.getJobs(["toString", "000"]), [null, null]);
  },

  async "enqueue() writes a group of 1000 jobs whole"(h) {
    const store = await h.open();
    const [reply] = await store.enqueue([newJobs(1000, "j")]);
    assert.equal(reply?.outcome, "created");
    assert.deepEqual(await tally(store), { "default/work/ready": 1000 });
    const [again] = await store.enqueue([[...newJobs(999, "k"), newJob("j999")]]);
    assert.deepEqual(again, { outcome: "duplicate", index: 999, id: "j999", status: "ready" });
    assert.deepEqual(await tally(store), { "default/work/ready": 1000 });
  },
});

type Opened = Parameters<typeof put>[0];

async function seen(store: Opened): Promise<string[]> {
  const rows = await store.counts();
  assert.equal(rows.length, 7, "a job in each of seven statuses");
  return rows.map((row) => row.status);
}

/** Gives a job a past: a lost retry, log lines, progress, an error, a result. */
async function livedJob(store: Opened, id: string): Promise<void> {
  await runJob(store, newJob(id, { settings: { maxRetry: 3 } }), retryIn(0));
  const claimed = await claimOne(store);
  await store.report([{ ...holdOf(claimed), progress: { value: 0.5 }, logs: ["old line"] }]);
  assert.equal(await settle(store, claimed, complete('"old"')), "ok");
}

async function startsAnew(store: Opened, id: string, now: number): Promise<void> {
  assert.deepEqual(await store.getJobs([id]), [null]);
  assert.deepEqual(await store.counts(), []);
  const [reply] = await store.enqueue([[newJob(id)]]);
  assert.deepEqual(reply, { outcome: "created", statuses: ["ready"] });
  const keys = Object.keys(beginnings) as (keyof typeof beginnings)[];
  const record = await read(store, id);
  assert.deepEqual(pick(record, ...keys), beginnings);
  assert.deepEqual(pick(record, "settings", "createdAt"), { settings: {}, createdAt: now });
}
