/**
 * Text comes back as it went in.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobSettings } from "../../job/job.ts";
import {
  claimOne,
  complete,
  deadLetter,
  holdOf,
  newJob,
  pick,
  put,
  read,
  retryIn,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";

const MIB = 1024 * 1024;

const texts: Readonly<Record<string, string>> = {
  "an integer that no double holds": '{"id":1700000000123456789,"neg":-9223372036854775808}',
  "numbers in unusual notation": "[1.0,1e2,-0,1E-7,0.1000000000000000055511151231257827]",
  "empty arrays and objects": '{"a":[],"o":{},"n":null,"s":""}',
  "white space between tokens": ' { "a" : [ 1 ,\n\t2 ] } ',
  "keys twice": '{"a":1,"a":2}',
  "an escaped NUL and other escapes": '"\\u0000\\u0001\\ud800\\/\\"\\\\ \\n"',
  "emoji and scripts from right to left": '"🦄 👩‍👩‍👧 שלום مرحبا 漢字 é e\u0301"',
  "line separators and a byte order mark": '"\u2028\u2029\ufeff\u00a0\u200b"',
  "quotes and comments of other languages": '"\' OR 1=1; -- %s ${x} {{y}} `z` $1 ? :a @b"',
  "a lone string": '"null"',
  "a lone number": "0",
  "null": "null",
  "a name of a property": '{"__proto__":{"x":1},"constructor":2}',
  "1 MiB of one character": `"${"x".repeat(MIB - 2)}"`,
  "1 MiB of emoji": `"${"🦄".repeat(MIB / 4 - 1)}"`,
  "a number with many digits": "9".repeat(5000),
};

function textCases(): Record<string, (h: ConformanceHarness) => Promise<void>> {
  const cases: Record<string, (h: ConformanceHarness) => Promise<void>> = {};
  for (const [what, text] of Object.entries(texts)) {
    cases[`payload and result keep ${what}`] = async (h) => {
      const store = await h.open();
      await put(store, newJob("a", { payload: text }));
      const job = await claimOne(store);
      same(job.payload, text, "the claimed payload");
      await settle(store, job, complete(text));
      const record = await read(store, "a");
      same(record.payload, text, "the stored payload");
      same(record.result, text, "the stored result");
    };
  }
  return cases;
}

/** Compares long texts without printing them. */
function same(actual: string | null, expected: string, what: string): void {
  if (actual === expected) return;
  let at = 0;
  while (at < expected.length && actual?.[at] === expected[at]) at++;
  const piece = (text: string | null): string => JSON.stringify(text?.slice(at, at + 40) ?? null);
  assert.fail(
    `${what} must be as given; from position ${at}: ${piece(actual)} instead of ${piece(expected)}`,
  );
}

const settingsTable: Readonly<Record<string, JobSettings>> = {
  "no settings": {},
  "zeroes and false": {
    maxRetry: 0,
    timeoutMs: 0,
    deadLetter: false,
    retention: { completedMs: 0 },
  },
  "a backoff": { backoff: { type: "polynomial", baseMs: 1, maxMs: 2, exponent: 0.5, jitter: 1 } },
  "intervals": { backoff: { type: "custom", intervals: [0, 1, 86_400_000] } },
  "deep meta": {
    meta: { a: { b: [1, "2", null, { c: [] }] }, "": 0, "ключ": "🦄", nul: "\u0000" },
  },
  "empty meta": { meta: {}, enqueuedBy: "" },
  "a trace": {
    trace: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  },
  "a trace with a state": {
    trace: {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
      tracestate: `a@b=|;x1;"\\,${"k".repeat(256)}= '${"v".repeat(200)}`,
    },
  },
};

/** What stores promise about text. */
export const fidelityCases: readonly ConformanceCase[] = stageCases("fidelity", {
  ...textCases(),

  async "settings come back as they were given"(h) {
    const store = await h.open();
    for (const [what, settings] of Object.entries(settingsTable)) {
      const id = what.replaceAll(" ", "-");
      await put(store, newJob(id, { settings }));
      assert.deepEqual((await read(store, id)).settings, settings, what);
      assert.deepEqual((await claimOne(store)).settings, settings, what);
    }
  },

  async "errors, log lines and progress keep control characters and emoji"(h) {
    const store = await h.open();
    const text = "a\u0000b\u0001\u001f\u007f\t\r\n'\"\\ 🦄\u2028";
    await put(store, newJob("a"));
    const job = await claimOne(store, { server: "s 🦄", pool: "p'\"" });
    await store.report([{
      ...holdOf(job),
      progress: { value: -1.5e-9, message: text },
      logs: [text, ""],
    }]);
    const error = { message: text, name: text, stack: text };
    await settle(store, job, { kind: "dead_letter", error });
    const record = await read(store, "a");
    assert.equal(record.error, text);
    assert.deepEqual(record.attempts[0]?.error, error);
    assert.deepEqual([record.attempts[0]?.server, record.attempts[0]?.pool], ["s 🦄", "p'\""]);
    assert.deepEqual(record.logs.map((line) => line.text), [text, ""]);
    assert.deepEqual([record.progress?.value, record.progress?.message], [-1.5e-9, text]);
  },

  async "times far away are kept exactly"(h) {
    const store = await h.open();
    const runAt = 8_640_000_000_000_000;
    const expireAt = runAt - 1;
    await put(store, newJob("a", { runAt, settings: { expireAt } }));
    const record = await read(store, "a");
    assert.deepEqual([record.status, record.runAt, record.settings.expireAt], [
      "scheduled",
      runAt,
      expireAt,
    ]);
    assert.deepEqual(await store.promote(1), { moved: 0, nextInMs: runAt - h.now() });
  },

  async "records come back the same from claim, getJobs, list and awaitFinal"(h) {
    const store = await h.open();
    await put(store, newJob("a", { payload: texts["white space between tokens"]! }));
    const job = await claimOne(store);
    assert.deepEqual(await store.getJobs(["a"]), [job]);
    assert.deepEqual((await store.list({ status: "processing", limit: 1 })).jobs, [job]);
    await settle(store, job, deadLetter());
    const record = await read(store, "a");
    assert.deepEqual(await store.awaitFinal("a"), record);
    assert.deepEqual((await store.list({ status: "dead_letter", limit: 1 })).jobs, [record]);
  },

  async "records are snapshots that later moves do not change"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const ready = await read(store, "a");
    const job = await claimOne(store);
    const copy = structuredClone(job);
    await settle(store, job, retryIn(0));
    await claimOne(store);
    assert.deepEqual(job, copy);
    assert.deepEqual(pick(ready, "status", "holder"), { status: "ready", holder: null });
  },
});
