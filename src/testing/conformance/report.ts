/**
 * Settle: report writes progress and log lines of running jobs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_LINE_LENGTH, MAX_LOG_LINES } from "../../job/job.ts";
import {
  claim,
  claimOne,
  complete,
  holdOf,
  LEASE_MS,
  newJob,
  put,
  read,
  release,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What report promises. */
export const reportCases: readonly ConformanceCase[] = stageCases("report", {
  async "report() writes progress with the store's time"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await h.advance(40);
    const progress = { value: 0.25, message: "a quarter" };
    assert.deepEqual(await store.report([{ ...holdOf(job), progress }]), ["ok"]);
    const record = await read(store, "a");
    assert.deepEqual(record.progress, { ...progress, at: h.now() });
    assert.deepEqual(record.logs, []);
    assert.deepEqual(record.holder, job.holder);
  },

  async "report() replaces the last progress, message included"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await store.report([{ ...holdOf(job), progress: { value: 1, message: "one" } }]);
    await h.advance(5);
    await store.report([{ ...holdOf(job), progress: { value: 2 } }]);
    const { progress } = await read(store, "a");
    assert.deepEqual([progress?.value, progress?.message, progress?.at], [2, undefined, h.now()]);
  },

  async "report() keeps progress when it brings only lines, and lines when it brings only progress"(
    h,
  ) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    const at = h.now();
    await store.report([{ ...holdOf(job), progress: { value: 1 } }]);
    await store.report([{ ...holdOf(job), logs: ["line"] }]);
    await store.report([{ ...holdOf(job), progress: { value: 2 } }]);
    const record = await read(store, "a");
    assert.equal(record.progress?.value, 2);
    assert.deepEqual(record.logs, [{ at, text: "line" }]);
  },

  async "report() adds lines in order, with the store's time"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    const first = h.now();
    const hold = holdOf(job);
    assert.deepEqual(
      await store.report([{ ...hold, logs: ["1", "2"] }, { ...hold, logs: ["3"] }]),
      ["ok", "ok"],
    );
    await h.advance(10);
    await store.report([{ ...hold, logs: ["4"] }]);
    assert.deepEqual((await read(store, "a")).logs, [
      { at: first, text: "1" },
      { at: first, text: "2" },
      { at: first, text: "3" },
      { at: h.now(), text: "4" },
    ]);
  },

  async "report() writes the lines again when repeated"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const report = { ...holdOf(await claimOne(store)), logs: ["x"] };
    await store.report([report]);
    await store.report([report]);
    assert.deepEqual((await read(store, "a")).logs.map((line) => line.text), ["x", "x"]);
  },

  async "report() keeps the newest lines of a job that writes many"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const hold = holdOf(await claimOne(store));
    const lines = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `line ${from + i}`);
    await store.report([{ ...hold, logs: lines(0, MAX_LOG_LINES) }]);
    await store.report([{ ...hold, logs: lines(MAX_LOG_LINES, 7) }]);
    const texts = async (): Promise<string[]> =>
      (await read(store, "a")).logs.map((line) => line.text);
    assert.deepEqual(await texts(), lines(7, MAX_LOG_LINES));
    await store.report([{ ...hold, logs: lines(1000, MAX_LOG_LINES * 3) }]);
    assert.deepEqual(await texts(), lines(1000 + MAX_LOG_LINES * 2, MAX_LOG_LINES));
  },

  async "report() cuts lines and messages that are too long"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const long = "abcdefghij".repeat(MAX_LINE_LENGTH);
    const exact = "x".repeat(MAX_LINE_LENGTH);
    const hold = holdOf(await claimOne(store));
    await store.report([{ ...hold, progress: { value: 1, message: long }, logs: [long, exact] }]);
    const { logs, progress } = await read(store, "a");
    for (const text of [logs[0]?.text ?? "", progress?.message ?? ""]) {
      assert.ok(
        text.length <= MAX_LINE_LENGTH,
        `at most ${MAX_LINE_LENGTH} characters: ${text.length} kept`,
      );
      assert.ok(text.startsWith(long.slice(0, MAX_LINE_LENGTH - 100)), "its beginning is kept");
    }
    assert.equal(logs[1]?.text, exact);
  },

  async "report() answers 'lost' and writes nothing for a claim that is not the latest"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const job = await claimOne(store);
    const before = await store.getJobs(["a", "b"]);
    const news = { progress: { value: 1 }, logs: ["ghost"] };
    const replies = await store.report([
      { id: "a", fence: job.holder.fence - 1, ...news },
      { id: "a", fence: job.holder.fence + 1, ...news },
      { id: "b", fence: job.holder.fence, ...news },
      { id: "nobody", fence: job.holder.fence, ...news },
    ]);
    assert.deepEqual(replies, ["lost", "lost", "lost", "lost"]);
    assert.deepEqual(await store.getJobs(["a", "b", "nobody"]), [...before, null]);
  },

  async "report() answers 'lost' and writes nothing once the claim was settled"(h) {
    const store = await h.open();
    for (const verdict of [complete(), release]) {
      await put(store, newJob(`job-${verdict.kind}`));
      const job = await claimOne(store);
      await settle(store, job, verdict);
      const before = await read(store, job.id);
      assert.deepEqual(
        await store.report([{ ...holdOf(job), logs: ["late"] }]),
        ["lost"],
        verdict.kind,
      );
      assert.deepEqual(await read(store, job.id), before);
    }
  },

  async "report() answers each of a mixed batch in order"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const [a, b] = await claim(store);
    const replies = await store.report([
      { ...holdOf(b!), logs: ["b"] },
      { id: "nobody", fence: 1, logs: ["x"] },
      { ...holdOf(a!), logs: ["a"] },
    ]);
    assert.deepEqual(replies, ["ok", "lost", "ok"]);
    const records = await store.getJobs(["a", "b"]);
    assert.deepEqual(records.map((record) => record?.logs.map((line) => line.text)), [["a"], [
      "b",
    ]]);
    assert.deepEqual(await store.report([]), []);
  },

  async "report() does not extend the lease"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const hold = holdOf(await claimOne(store));
    await h.advance(LEASE_MS - 1);
    assert.deepEqual(await store.report([{ ...hold, logs: ["still here"] }]), ["ok"]);
    await h.advance(1);
    assert.equal((await store.reap({ limit: 1, maxDeliveries: 5 })).moved, 1);
  },

  async "report() is kept when the job ends"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    const at = h.now();
    await store.report([{ ...holdOf(job), progress: { value: 1 }, logs: ["done soon"] }]);
    await h.advance(5);
    await settle(store, job, complete());
    const record = await read(store, "a");
    assert.deepEqual(record.logs, [{ at, text: "done soon" }]);
    assert.equal(record.progress?.value, 1);
  },
});
