/**
 * Schedules: what becomes of a slot while the last job is not final.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobStatus } from "../../job/state.ts";
import { isFinal } from "../../job/state.ts";
import type { OverlapPolicy } from "../../store/store.ts";
import {
  claimIds,
  complete,
  newJob,
  pick,
  put,
  read,
  retryIn,
  settle,
  source,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import {
  actOn,
  assertStatuses,
  beat,
  canceledAs,
  childOf,
  claimJob,
  relayAll,
} from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { change, define, fire, fireNow, readSchedule } from "./schedule_builders.ts";
import { bring, type Reachable, reachable, stopBySchedule } from "./status_builders.ts";
import { NOTICE_MS, settleDown, within } from "./wait.ts";

const policies = ["skip", "allow", "replace", "queueOne"] as const;
const WHY = "replaced by schedule 's'";

/** What becomes of a slot, by the status of the last job. */
function outcomeOf(overlap: OverlapPolicy, last: JobStatus): string {
  if (isFinal(last) || overlap === "allow") return "fired";
  if (overlap === "skip") return "skipped";
  if (overlap === "replace") return "replaced";
  return last === "processing" || last === "retry" ? "queued" : "skipped";
}

async function overlaps(
  h: ConformanceHarness,
  overlap: OverlapPolicy,
  last: Reachable,
): Promise<void> {
  const store = await h.open();
  await bring(store, "a", last);
  await change(store, define("s", { fires: [fire(newJob("a"))] }));
  const expected = outcomeOf(overlap, last);
  const [reply] = await fireNow(store, "s", fire(newJob("b"), { overlap, slotAt: 7 }));
  await relayAll(store);
  const isSkipped = expected === "skipped";
  assert.deepEqual(reply, { outcome: expected, jobId: isSkipped ? "a" : "b" });
  const { lastJobId, lastOutcome, lastSlotAt } = await readSchedule(store, "s");
  assert.deepEqual([lastJobId, lastOutcome, lastSlotAt], [isSkipped ? "a" : "b", expected, 7]);
  const statuses = await statusesOf(store, "a", "b");
  assert.deepEqual(statuses, [
    expected === "replaced" ? "stopped" : last,
    isSkipped ? null : expected === "queued" ? "deferred" : "ready",
  ]);
  if (expected !== "replaced") return;
  const record = await read(store, "a");
  assert.equal(record.error, WHY);
  assert.equal(record.finishedAt, h.now());
  assert.deepEqual(pick(record, "holder", "runAt", "pendingParents"), {
    holder: null,
    runAt: null,
    pendingParents: [],
  });
  const counted = await tally(store);
  assert.equal(counted["default/work/stopped"], 1);
  assert.equal(counted["default/work/ready"], 1);
  const { jobs } = await store.list({ status: "stopped", limit: 10 });
  assert.deepEqual(jobs.map(({ id }) => id), ["a"]);
  assert.deepEqual(await claimIds(store), ["b"], "of the two the new one runs");
}

/** What overlap policies promise. */
export const scheduleOverlapCases: readonly ConformanceCase[] = stageCases("schedule", {
  ...Object.fromEntries(
    policies.flatMap((overlap) =>
      reachable.map((last) => [
        `${overlap}: a slot while the last job is ${last} is ${outcomeOf(overlap, last)}`,
        (h: ConformanceHarness) => overlaps(h, overlap, last),
      ])
    ),
  ),

  async "a slot fires when the last job is not there any more"(h) {
    const store = await h.open();
    await change(store, define("s", { fires: [fire(newJob("a"))] }));
    await actOn(store, "a", { kind: "remove" });
    for (const [i, overlap] of policies.entries()) {
      const [reply] = await fireNow(store, "s", fire(newJob(`b${i}`), { overlap }));
      assert.deepEqual(reply, { outcome: "fired", jobId: `b${i}` });
      await actOn(store, `b${i}`, { kind: "remove" });
    }
  },

  async "of several fires in one change each looks at what the one before left"(h) {
    const store = await h.open();
    await change(store, define("s"));
    const fires = ["a", "b", "c", "d"].map((id, slotAt) =>
      fire(newJob(id), { slotAt, overlap: id === "c" ? "replace" : "skip" })
    );
    assert.deepEqual(await fireNow(store, "s", ...fires), [
      { outcome: "fired", jobId: "a" },
      { outcome: "skipped", jobId: "a" },
      { outcome: "replaced", jobId: "c" },
      { outcome: "skipped", jobId: "c" },
    ]);
    await assertStatuses(store, { a: "stopped", b: null, c: "ready", d: null });
  },

  async "replace: the holder of a running job is told, and its fence settles nothing"(h) {
    const store = await h.open();
    await change(store, define("s", { fires: [fire(newJob("a"))] }));
    const job = await claimJob(store, "a");
    using latch = store.watchClaims("server-1");
    const stop = new AbortController();
    const set = latch.next(stop.signal);
    try {
      await settleDown();
      await fireNow(store, "s", fire(newJob("b"), { overlap: "replace" }));
      await within(h, set, "the latch of a stopped claim", NOTICE_MS);
    } finally {
      stop.abort();
    }
    assert.deepEqual(await beat(store, [job]), canceledAs(job, WHY));
    assert.equal(await settle(store, job, complete()), "lost");
    const { attempts, attemptsMade, holder } = await read(store, "a");
    assert.equal(attemptsMade, 1);
    assert.deepEqual([attempts[0]?.outcome, attempts[0]?.error, holder], [
      "canceled",
      { message: WHY },
      null,
    ]);
  },

  async "replace: children of the stopped job go as their edges say"(h) {
    const store = await h.open();
    await change(store, define("s", { fires: [fire(newJob("a"))] }));
    await put(
      store,
      childOf("falls", "a"),
      childOf("goes-on", "a", "continue"),
      childOf("grandchild", "falls"),
    );
    await fireNow(store, "s", fire(newJob("b"), { overlap: "replace" }));
    await relayAll(store);
    await assertStatuses(store, {
      a: "stopped",
      falls: "canceled",
      "goes-on": "ready",
      grandchild: "canceled",
    });
    const { error, canceledBy } = await read(store, "falls");
    assert.deepEqual([error, canceledBy], ["Parent 'a' ended as stopped", "a"]);
    await put(store, childOf("late", "a"), childOf("late-goes-on", "a", "continue"));
    await assertStatuses(store, { late: "canceled", "late-goes-on": "ready" });
    const reply = await actOn(store, "a", { kind: "retry", revive: true });
    assert.deepEqual(reply, { outcome: "done", status: "ready" });
    await assertStatuses(store, { falls: "deferred", grandchild: "deferred", late: "deferred" });
  },

  async "replace: a job whose retention is 0 is removed when it is stopped"(h) {
    const store = await h.open();
    const gone = newJob("a", { settings: { retention: { failedMs: 0 } } });
    await change(store, define("s", { fires: [fire(gone)] }));
    const [reply] = await fireNow(store, "s", fire(newJob("b"), { overlap: "replace" }));
    assert.deepEqual(reply, { outcome: "replaced", jobId: "b" });
    await assertStatuses(store, { a: null, b: "ready" });
  },

  async "queueOne: the new job runs when the last one has ended, however it ended"(h) {
    const store = await h.open();
    await change(store, define("s", { fires: [fire(newJob("a"))] }));
    const queue = (id: string) => fireNow(store, "s", fire(newJob(id), { overlap: "queueOne" }));
    const first = await claimJob(store, "a");
    assert.equal((await queue("b"))[0]?.outcome, "queued");
    assert.deepEqual(pick(await read(store, "b"), "pendingParents"), { pendingParents: ["a"] });
    assert.equal((await queue("c"))[0]?.outcome, "skipped");
    await settle(store, first, retryIn(0));
    await relayAll(store);
    await assertStatuses(store, { b: "deferred" });
    const again = await claimJob(store, "a");
    await settle(store, again, { kind: "dead_letter", error: { message: "no" } });
    await relayAll(store);
    await assertStatuses(store, { a: "dead_letter", b: "ready", c: null });
    const second = await claimJob(store, "b");
    assert.equal((await queue("d"))[0]?.outcome, "queued");
    await actOn(store, second.id, { kind: "cancel", reason: "no" });
    await assertStatuses(store, { b: "canceled", d: "ready" });
  },

  async "a stopped job is kept, pruned and retried as other failed ones"(h) {
    const store = await h.open({ retention: { failedMs: 1000, maxCount: 2 } });
    for (const id of ["a", "b", "c"]) {
      await put(store, newJob(id));
      await stopBySchedule(store, id);
      await h.advance(10);
    }
    await store.prune(10);
    await assertStatuses(store, { a: null, b: "stopped", c: "stopped" });
    assert.deepEqual(await actOn(store, "b", { kind: "retry" }), {
      outcome: "done",
      status: "ready",
    });
    await h.advance(1000);
    await store.prune(10);
    await assertStatuses(store, { b: "ready", c: null });
    const claimed = await claimIds(store, { sources: [source(null)] });
    assert.deepEqual(claimed, ["b"]);
  },
});
