/**
 * Enqueue: what is written, names and groups.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobSettings } from "../../job/job.ts";
import {
  beginnings,
  claimIds,
  newJob,
  newJobs,
  pick,
  put,
  read,
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
